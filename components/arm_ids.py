"""ARM ids: the full names of resource groups and resources in Azure. Pure.

Source: Azure REST API reference, "Resource Manager: resource IDs" (`/subscriptions/…/resourceGroups/…/providers/…`);
ids compare without regard to case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from keyvault_fetch.trust.subjects import Flaw

__all__ = ["RESOURCE_GROUP", "ArmId", "ArmIdError", "arm_id_flaw", "is_id", "parse_arm_id"]

RESOURCE_GROUP: Final = "resourceGroups"
"""The resource type of a resource group, which belongs to no provider."""

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# No name in Azure ends with a dot; `..` would lead a request elsewhere.
_NAME: Final = re.compile(r"[\w().-]*[\w()-]")
_FORM: Final = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)(/providers/(?P<resource>.+))?",
    re.IGNORECASE,
)


class ArmIdError(ValueError):
    """A text that is no ARM id; `flaw` says why and how to mend it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(f"{flaw.problem}: {flaw.mend}")
        self.flaw = flaw


@dataclass(frozen=True)
class ArmId:
    """The parts of an ARM id; `str()` writes it as Azure does.

    `type` is like `Microsoft.Network/virtualNetworks/subnets`, with one name in `names` for each part after the
    provider. A resource group has the type `resourceGroups` and no names.
    """

    subscription: str
    resource_group: str
    type: str = RESOURCE_GROUP
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The resource's own name; of a resource group, the group's."""
        return self.names[-1] if self.names else self.resource_group

    @property
    def group_id(self) -> str:
        """The id of the resource group that it lies in."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"

    @property
    def parent(self) -> ArmId:
        """The resource that it belongs to: of a subnet the network, of a vault the resource group."""
        if len(self.names) < 2:
            return ArmId(self.subscription, self.resource_group)
        return ArmId(self.subscription, self.resource_group, self.type.rpartition("/")[0], self.names[:-1])

    def __str__(self) -> str:
        provider, *types = self.type.split("/")
        pairs = "".join(f"/{kind}/{name}" for kind, name in zip(types, self.names, strict=True))
        return f"{self.group_id}/providers/{provider}{pairs}" if types else self.group_id


def is_id(text: str) -> bool:
    """Tell whether a text is meant as the id of something that exists, and not as a name for a new one."""
    return text.startswith("/")


def parse_arm_id(text: str) -> ArmId:
    """Return the parts of the id of a resource group or of a resource in one. Raises ArmIdError if it is none."""
    found = _FORM.fullmatch(text)
    if not found:
        raise ArmIdError(_no_id(text))
    provider, *pairs = (found["resource"] or "").split("/")
    types, names = pairs[::2], pairs[1::2]
    # A resource has its provider and as many types as names; a resource group has none of these.
    complete = bool(types) and len(types) == len(names) if found["resource"] else True
    parts = [found["group"], *([provider, *pairs] if found["resource"] else [])]
    if not complete or not all(_NAME.fullmatch(part) for part in parts):
        raise ArmIdError(_no_id(text))
    if not _GUID.fullmatch(found["subscription"]):
        mend = "write the subscription's id, as `az account show --query id` prints it"
        raise ArmIdError(Flaw(f"has {found['subscription']!r} where a subscription's id stands", mend))
    if not types:
        return ArmId(found["subscription"], found["group"])
    return ArmId(found["subscription"], found["group"], "/".join((provider, *types)), tuple(names))


def arm_id_flaw(text: str, resource_type: str) -> Flaw | None:
    """Return why this is not the id of a resource of the type, like `Microsoft.KeyVault/vaults`, or None."""
    mend = f"write an id of the form {_example(resource_type)}"
    try:
        found = parse_arm_id(text)
    except ArmIdError as error:
        return Flaw(error.flaw.problem, error.flaw.mend or mend)
    if found.type.lower() != resource_type.lower():
        return Flaw(f"is the id of something of type {found.type}, not {resource_type}", mend)
    return None


def _no_id(text: str) -> Flaw:
    """Return the flaw of a text that has not the form of an id; an empty mend leaves it to one who knows the type."""
    start = text.lower().find("/subscriptions/")
    if start > 0:
        return Flaw("has something before `/subscriptions/`", f"write {text[start:].rstrip('/')!r}")
    if start == 0 and text.endswith("/"):
        return Flaw("ends with a slash", f"write {text.rstrip('/')!r}")
    return Flaw(f"{text!r} is no ARM id", "")


def _example(resource_type: str) -> str:
    provider, *types = resource_type.split("/")
    group = "/subscriptions/ID/resourceGroups/GROUP"
    return f"{group}/providers/{provider}" + "".join(f"/{kind}/NAME" for kind in types) if types else group
