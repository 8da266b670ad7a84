"""Look at Azure before anything is created: what the stack takes for granted there, and what stands in its way.

Only reads, all at once, so a preview is a second longer at most. What Azure does not say stands in nobody's way: in the
end it decides by itself.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi

from components.account import management_token
from components.preflight.arm import UnreachableError, reader
from components.preflight.existing import Existing, obstacles_of
from components.preflight.obstacles import Obstacle, report
from components.preflight.permissions import missing
from components.preflight.requirements import ToMake, needed_actions, needed_things, new_vaults, things_to_make

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.account import Account
    from components.clouds import Cloud
    from components.preflight.arm import Answer, Get
    from components.preflight.state import State
    from components.settings.stack import Settings
    from components.settings.vault import VaultSettings

__all__ = ["Survey", "look_ahead", "survey"]

_PERMISSIONS_API: Final = "2022-04-01"
_VAULTS_API: Final = "2024-11-01"
_NO_SUBSCRIPTION: Final = frozenset({"SubscriptionNotFound", "InvalidAuthenticationTokenTenant"})


@dataclass(frozen=True)
class Survey:
    """What was found: all that stands in the way, and the names of vaults that are soft-deleted."""

    obstacles: tuple[Obstacle, ...]
    deleted: frozenset[str]


def look_ahead(settings: Settings, account: Account, cloud: Cloud, state: State | None) -> frozenset[str]:
    """Return the names of those vaults of the stack that are soft-deleted.

    `state` is what the stack has deployed, None where that is not known.

    Raises pulumi.RunError with all that stands in the way: the engine prints that without a traceback.
    """
    try:
        found = survey(settings, account, reader(cloud.management, management_token()), state)
    except UnreachableError as error:
        pulumi.warn(f"Azure was not asked what stands in the way of this stack: {error}.")
        return frozenset()
    if found.obstacles:
        raise pulumi.RunError(report(found.obstacles))
    return found.deleted


def survey(settings: Settings, account: Account, get: Get, state: State | None) -> Survey:
    """Ask Azure all that the stack depends on. Raises UnreachableError where it does not answer."""
    vaults = new_vaults(settings)
    checks: list[Callable[[], list[Obstacle]]] = [
        *(lambda thing=thing: _existing(get, thing, account) for thing in needed_things(settings)),
        *(
            lambda scopes=scopes, actions=actions: _permitted(get, scopes, actions, account)
            for scopes, actions in needed_actions(settings, account)
        ),
        *(
            lambda thing=thing: _taken(get, thing)
            for thing in (things_to_make(settings, account, state) if state is not None else ())
        ),
    ]
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = [pool.submit(check) for check in checks]
        deleted = [pool.submit(_deleted, get, settings.location, vault, account) for vault in vaults.values()]
        names = frozenset(vault.name for vault, gone in zip(vaults.values(), deleted, strict=True) if gone.result())
        listed = list(dict.fromkeys(obstacle for future in found for obstacle in future.result()))
    listed += [_in_the_way(key, vault) for key, vault in vaults.items() if vault.name in names and not vault.recover]
    return Survey(tuple(listed), names)


def _existing(get: Get, thing: Existing, account: Account) -> list[Obstacle]:
    return obstacles_of(thing, get(str(thing.id), thing.kind.api_version), account)


def _permitted(get: Get, scopes: list[str], actions: dict[str, str], account: Account) -> list[Obstacle]:
    """Look at the first of the scopes that exists: the resource group, or the subscription while there is none."""
    for scope in scopes:
        answer = get(f"{scope}/providers/Microsoft.Authorization/permissions", _PERMISSIONS_API)
        if answer.status == 200 and not answer.body.get("nextLink"):
            lacking = missing(answer.body.get("value") or (), actions)
            roles = list(dict.fromkeys(actions[action] for action in lacking))
            return [_not_permitted(scope, lacking, roles, account)] if lacking else []
        if answer.code in _NO_SUBSCRIPTION:
            return [_not_here(answer, account)]
        if answer.status != 404:
            break
    return []


def _not_here(answer: Answer, account: Account) -> Obstacle:
    return Obstacle(
        "The account that deploys does not see the subscription that is deployed to",
        answer.words,
        "correct azure-native:subscriptionId in the stack's file (or ARM_SUBSCRIPTION_ID), now "
        f"{account.subscription_id},\nor sign in to its tenant. See yours: az account list --output table",
    )


def _taken(get: Get, thing: ToMake) -> list[Obstacle]:
    if get(thing.place, thing.kind.api_version).status != 200:
        return []
    what = f"{thing.key}: there is a {thing.kind.name} of this name already, and this stack's state does not have it"
    return [Obstacle(what, f"{thing.place} exists", f"{thing.mend}; or choose another name")]


def _not_permitted(scope: str, lacking: list[str], roles: list[str], account: Account) -> Obstacle:
    who = account.object_id or "OBJECT_ID"
    commands = "\n".join(
        f"az role assignment create --assignee {who} --role '{role}' --scope {scope}" for role in roles
    )
    return Obstacle(
        f"The account that deploys lacks permissions at {scope}",
        f"no role of it there allows {', '.join(lacking)}",
        f"have an owner give it what is missing, then sign in again:\n{commands}",
    )


def _deleted(get: Get, location: str, vault: VaultSettings, account: Account) -> bool:
    place = f"/subscriptions/{account.subscription_id}/providers/Microsoft.KeyVault/locations/{location}"
    return get(f"{place}/deletedVaults/{vault.name}", _VAULTS_API).status == 200


def _in_the_way(key: str, vault: VaultSettings) -> Obstacle:
    return Obstacle(
        f"{key}.name: a deleted vault still holds the name {vault.name!r}",
        "Azure keeps a deleted vault with its secrets until its retention ends, and its name is taken until then",
        "write `recover: true` beside the name to take it back with its secrets, or choose another name.\n"
        f"See it: az keyvault list-deleted --query \"[?name=='{vault.name}']\"",
    )
