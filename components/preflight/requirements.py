"""What a stack takes for granted in Azure: things that it uses and does not make, and permissions. Pure.

Source: Microsoft Learn, "Azure permissions" and "Azure built-in roles" (which role has which).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from components.arm_ids import is_id, parse_arm_id
from components.preflight.existing import DNS_ZONE, GROUP, NETWORK, VAULT, WORKSPACE, Existing, Kind
from components.preflight.state import names_of
from components.settings.mistakes import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.account import Account
    from components.preflight.state import State
    from components.settings.stack import Settings
    from components.settings.vault import VaultSettings

__all__ = ["ToMake", "needed_actions", "needed_things", "new_vaults", "things_to_make"]

_ASSIGN: Final = "Microsoft.Authorization/roleAssignments/write"
_ASSIGNER: Final = "Role Based Access Control Administrator"


@dataclass(frozen=True)
class ToMake:
    """Something that is left in Azure when the stack forgets it: its key, its ARM id, and how to use what is there."""

    key: str
    kind: Kind
    place: str
    mend: str


def new_vaults(settings: Settings) -> dict[str, VaultSettings]:
    """Return the vaults that the stack makes, by their keys."""
    return {f"{NAMESPACE}:{key}": vault for key, vault in settings.vaults.items() if not vault.id}


def needed_things(settings: Settings) -> list[Existing]:
    """Return what the stack uses and does not make, each thing once."""
    found = [
        thing
        for key, vault in settings.vaults.items()
        for thing in _around(f"{NAMESPACE}:{key}", vault, settings.location)
    ]
    if is_id(settings.resource_group):
        found.insert(0, Existing(f"{NAMESPACE}:resource_group", GROUP, parse_arm_id(settings.resource_group)))
    return list({(str(one.id).lower(), one.subnet.lower(), one.location): one for one in reversed(found)}.values())[
        ::-1
    ]


def _around(key: str, vault: VaultSettings, location: str) -> Iterator[Existing]:
    if vault.id:
        yield Existing(f"{key}.id", VAULT, parse_arm_id(vault.id))
    if vault.diagnostics and is_id(vault.diagnostics.workspace):
        yield Existing(f"{key}.diagnostics.workspace", WORKSPACE, parse_arm_id(vault.diagnostics.workspace))
    for at, text in enumerate(vault.network.allowed_subnets if vault.network else ()):
        subnet = parse_arm_id(text)
        yield Existing(f"{key}.network.allowed_subnets[{at}]", NETWORK, subnet.parent, subnet.name)
    if vault.private_endpoint:
        subnet = parse_arm_id(vault.private_endpoint.subnet)
        yield Existing(f"{key}.private_endpoint.subnet", NETWORK, subnet.parent, subnet.name, location)
        if vault.private_endpoint.dns_zone:
            zone = parse_arm_id(vault.private_endpoint.dns_zone)
            yield Existing(f"{key}.private_endpoint.dns_zone", DNS_ZONE, zone)


def things_to_make(settings: Settings, account: Account, state: State) -> list[ToMake]:
    """Return the vaults and workspaces that the stack is to make and has not made yet."""
    group = _group(settings, account)
    vaults = names_of(state, "azure-native:keyvault:Vault")
    workspaces = names_of(state, "azure-native:operationalinsights:Workspace")
    found: dict[str, ToMake] = {}
    for key, vault in new_vaults(settings).items():
        if vault.name.lower() not in vaults:
            place = f"{group}/providers/Microsoft.KeyVault/vaults/{vault.name}"
            mend = f"use it as it is, with `id: {place}`\nin the place of all keys of this vault"
            found[place] = ToMake(f"{key}.name", VAULT, place, mend)
        name = vault.diagnostics.workspace if vault.diagnostics else ""
        if name and not is_id(name) and name.lower() not in workspaces:
            place = f"{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
            mend = f"use it as it is: write {place}\nin the place of its name"
            found.setdefault(place.lower(), ToMake(f"{key}.diagnostics.workspace", WORKSPACE, place, mend))
    return [*found.values()]


def needed_actions(settings: Settings, account: Account) -> list[tuple[list[str], dict[str, str]]]:
    """Return for each place the actions that the stack takes there, each with a built-in role that allows it.

    A place is a list of scopes of which the first that exists counts: a group that is not there yet has the permissions
    of its subscription.
    """
    makes_group = not is_id(settings.resource_group)
    group, subscription = _group(settings, account), f"/subscriptions/{account.subscription_id}"
    vaults = new_vaults(settings).values()
    uses = {
        ("Microsoft.Resources/subscriptions/resourceGroups/write", "Contributor"): makes_group,
        ("Microsoft.KeyVault/vaults/write", "Key Vault Contributor"): vaults,
        (_ASSIGN, _ASSIGNER): vaults,
        ("Microsoft.Authorization/locks/write", "Locks Contributor"): any(one.lock for one in vaults),
        ("Microsoft.Network/privateEndpoints/write", "Network Contributor"): any(
            one.private_endpoint for one in vaults
        ),
        ("Microsoft.ManagedIdentity/userAssignedIdentities/write", "Managed Identity Contributor"): any(
            project.identity == "managed" for project in settings.projects
        ),
    }
    here = {action: role for (action, role), used in uses.items() if used}
    adopted = dict.fromkeys(vault.id for vault in settings.vaults.values() if vault.id)
    places = [([group, subscription] if makes_group else [group], here)] if here else []
    return [*places, *(([vault], {_ASSIGN: _ASSIGNER}) for vault in adopted)]


def _group(settings: Settings, account: Account) -> str:
    """Return the ARM id of the stack's resource group, which may be still to make."""
    if is_id(settings.resource_group):
        return settings.resource_group
    return f"/subscriptions/{account.subscription_id}/resourceGroups/{settings.resource_group}"
