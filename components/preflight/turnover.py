"""Whether the credentials that come have room beside those that go.

The engine makes what is new before it deletes what is old, so for a moment an identity has both. Where they are more
than Entra takes, a deployment would stop halfway, and so would the next one: the old ones never go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pulumi

from components.preflight.obstacles import Obstacle, report
from keyvault_fetch.trust.credentials import CREDENTIAL_LIMIT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from components.preflight.state import State

__all__ = ["require_room", "standing", "turnover_obstacle"]

_OF_APPLICATIONS: Final = (
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential",
    "azuread:index/applicationFlexibleFederatedIdentityCredential:ApplicationFlexibleFederatedIdentityCredential",
)
_OF_MANAGED: Final = ("azure-native:managedidentity:FederatedIdentityCredential",)


def require_room(planned: Mapping[str, Collection[str]], managed: Collection[str], resources: State) -> None:
    """Check the names of the planned credentials, by their identity's name in the program, against the stack's state.

    `managed` are the names of those that are managed identities, the others are applications.

    Raises pulumi.RunError with every identity that would have too many credentials on the way.
    """
    found = (
        turnover_obstacle(name, standing(resources, name, managed=name in managed), credentials)
        for name, credentials in planned.items()
    )
    if obstacles := [one for one in found if one]:
        raise pulumi.RunError(report(obstacles))


def turnover_obstacle(identity: str, standing: Collection[str], planned: Collection[str]) -> Obstacle | None:
    """Return why an identity with these credentials cannot come to have the planned ones in one deployment, or None."""
    gone, new = set(standing) - set(planned), set(planned) - set(standing)
    if not new or len(gone) + len(planned) <= CREDENTIAL_LIMIT:
        return None
    room = CREDENTIAL_LIMIT - len(planned)
    half = CREDENTIAL_LIMIT // 2
    before = "with the `trust` and `sub_components` that were deployed, shortened to at most"
    steps = (
        f"{before} {room} of the {len(gone)} that go, then with what the stack says now"
        if room
        else f"{before} {half}, then with what the stack says now for those {half}, then with all of it"
    )
    return Obstacle(
        f"{identity}: too many federated credentials on the way",
        f"{len(new)} are new and {len(gone)} go, and Pulumi makes the former first: Entra takes {CREDENTIAL_LIMIT} "
        f"for one identity, {len(gone) + len(planned)} would be there",
        f"run `pulumi up` {steps}; a job whose credential is left out is refused meanwhile",
    )


def standing(resources: State, identity: str, *, managed: bool) -> set[str]:
    """Return the names of the credentials of the identity among a state's resources, {type, outputs} by URN.

    An application and a managed identity of one name are two: where one takes the other's place, each has room.
    """
    types = _OF_MANAGED if managed else _OF_APPLICATIONS
    named = (
        (urn.rpartition("::")[2], each["outputs"].get("displayName") or each["outputs"].get("name"))
        for urn, each in resources.items()
        if each["type"] in types
    )
    # Identities' names may begin alike; the credential's own name tells whose it is.
    return {name for resource, name in named if resource == f"{identity}-{name}"}
