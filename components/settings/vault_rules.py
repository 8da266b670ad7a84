"""What Azure allows of a vault and of what lies around it. Pure: each rule returns the flaw of a value, or None.

Sources: Microsoft Learn, "Naming rules and restrictions for Azure resources" (vault, resource group, workspace), "Use
tags to organize your Azure resources" (limits), "Configure network security for Azure Key Vault" (IP rules), "Azure
RBAC limits" (conditions).
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

from components.arm_ids import arm_id_flaw, is_id
from components.settings.rules import Shape
from keyvault_fetch.trust.subjects import Flaw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sized

    from components.settings.keys import Rule

__all__ = [
    "RETENTION_DAYS",
    "access_flaw",
    "at_most",
    "condition_flaw",
    "id_of",
    "ip_flaw",
    "name_or_id_of",
    "resource_group_flaw",
    "tags_flaw",
    "vault_name_flaw",
    "workspace_name_flaw",
]

RETENTION_DAYS: Final = (7, 90)
"""The least and the most days that a deleted vault or secret can be recovered."""

_PRIVATE: Final = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_TAGS: Final = 50
_TAG_NAME: Final = 512
_TAG_VALUE: Final = 256
_CONDITION: Final = 8192

workspace_name_flaw: Final = Shape(
    r"[0-9A-Za-z][0-9A-Za-z-]{2,61}[0-9A-Za-z]",
    "is no name for a Log Analytics workspace",
    "write 4 to 63 letters, digits and hyphens, no hyphen at either end, or the ARM id of one that exists",
)


def id_of(resource_type: str) -> Rule:
    """Return the rule of ARM ids of a type, like `Microsoft.KeyVault/vaults`."""
    return lambda text: arm_id_flaw(text, resource_type)


def name_or_id_of(resource_type: str, name_flaw: Rule) -> Rule:
    """Return the rule of what is made under a name, or exists and is written as its ARM id."""
    return lambda text: arm_id_flaw(text, resource_type) if is_id(text) else name_flaw(text)


def at_most(count: int, what: str) -> Callable[[Sized], Flaw | None]:
    """Return the rule of a list's length."""
    return lambda items: (
        Flaw(f"has {len(items)} entries; Azure takes {count} {what}", "write fewer, wider ones")
        if len(items) > count
        else None
    )


def vault_name_flaw(name: str) -> Flaw | None:
    """Return why Azure would refuse a vault of this name."""
    problems = {
        f"has {len(name)} characters": not 3 <= len(name) <= 24,
        "has a character that is no letter, digit or hyphen": not re.fullmatch(r"[0-9A-Za-z-]*", name),
        "does not start with a letter": not re.match(r"[A-Za-z]", name),
        "ends in a hyphen": name.endswith("-"),
        "has two hyphens in a row": "--" in name,
    }
    found = [problem for problem, is_so in problems.items() if is_so]
    mend = "write 3 to 24 letters, digits and single hyphens, starting with a letter, ending with a letter or digit"
    return Flaw(f"{name!r} {' and '.join(found)}", mend) if found else None


def resource_group_flaw(name: str) -> Flaw | None:
    """Return why Azure would refuse a resource group of this name."""
    if re.fullmatch(r"[\w().-]{1,90}(?<!\.)", name):
        return None
    return Flaw(
        f"{name!r} is no name for a resource group", "write 1 to 90 of: letters, digits, _ ( ) - . (no dot at the end)"
    )


def ip_flaw(text: str) -> Flaw | None:
    """Return why Key Vault would not let this IPv4 address, or range in CIDR notation, through its firewall."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return Flaw(f"{text!r} is no IP address or range", "write it like 203.0.113.7 or 203.0.113.0/24")
    if isinstance(network, ipaddress.IPv6Network):
        return Flaw(f"{text!r} is IPv6, Key Vault's firewall knows IPv4 alone", "write the IPv4 address of the runners")
    if network.prefixlen == 0:
        return Flaw(f"{text!r} is every address", "leave `network` out where any address may reach the vault")
    if any(network.overlaps(private) for private in _PRIVATE):
        mend = "write the public address behind which the runners are, or allow their subnet by `allowed_subnets`"
        return Flaw(f"{text!r} is of a private network (RFC 1918), which Key Vault never sees", mend)
    if "/" in text and text != str(network):
        return Flaw(f"{text!r} has bits set beyond its prefix", f"write {str(network)!r}")
    return None


def tags_flaw(tags: Mapping[str, str]) -> Flaw | None:
    """Return why Azure would refuse these tags."""
    lower = [name.lower() for name in tags]
    problems = {
        f"has {len(tags)} tags; a resource takes {_TAGS}": len(tags) > _TAGS,
        "has names that differ by case alone, which Azure takes for one": len(set(lower)) < len(lower),
        f"has a name that is empty or over {_TAG_NAME} characters": any(
            not 0 < len(name) <= _TAG_NAME for name in tags
        ),
        r"has a name with one of < > % & \ ? /": any(re.search(r"[<>%&\\?/]", name) for name in tags),
        "has a name that starts with microsoft, azure or windows": any(
            name.startswith(("microsoft", "azure", "windows")) for name in lower
        ),
        f"has a value over {_TAG_VALUE} characters": any(len(value) > _TAG_VALUE for value in tags.values()),
    }
    found = [problem for problem, is_so in problems.items() if is_so]
    return Flaw(" and ".join(found), "write short names and values, like owner: platform") if found else None


def access_flaw(text: str) -> Flaw | None:
    """Return why no role is assigned above the vault."""
    wider = {"resource_group", "subscription", "management_group", "group"}
    if is_id(text) or text.lower().replace("-", "_") in wider:
        reason = "a job that is taken over would find every vault below it, also those of other teams and of tomorrow"
        return Flaw(f"{text!r} is no scope for a job's role: {reason}", "write secrets, or vault for all of this vault")
    return None


def condition_flaw(text: str) -> Flaw | None:
    """Return why Azure would refuse this condition of a role assignment (its attributes are left to Azure)."""
    size = len(text.encode())
    if size > _CONDITION:
        return Flaw(f"has {size} bytes; Azure takes {_CONDITION}", "write a shorter condition")
    if text.count("(") != text.count(")"):
        return Flaw("has not as many closing as opening parentheses", "copy the condition whole from Azure's editor")
    if "@" not in text:
        return Flaw("names no attribute (@Request[…], @Resource[…], @Environment[…])", "copy it from Azure's editor")
    return None
