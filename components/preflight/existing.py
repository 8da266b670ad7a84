"""What a stack uses and does not make: whether Azure has it, and whether it will do. Pure.

Sources: Microsoft Learn, "Virtual network service endpoints for Azure Key Vault", "Manage private endpoints" (same
region as their network).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from components.preflight.obstacles import Obstacle
from components.vault.migration import to_roles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.account import Account
    from components.arm_ids import ArmId
    from components.preflight.arm import Answer

__all__ = ["DNS_ZONE", "GROUP", "NETWORK", "VAULT", "WORKSPACE", "Existing", "Kind", "obstacles_of"]

_SERVICE: Final = "Microsoft.KeyVault"


@dataclass(frozen=True)
class Kind:
    """A kind of existing thing: what people call it, the api-version to read it, and the role to read and use it."""

    name: str
    api_version: str
    role: str


GROUP: Final = Kind("resource group", "2024-03-01", "Reader")
VAULT: Final = Kind("vault", "2024-11-01", "Reader")
WORKSPACE: Final = Kind("workspace", "2023-09-01", "Log Analytics Contributor")
NETWORK: Final = Kind("virtual network", "2024-05-01", "Network Contributor")
DNS_ZONE: Final = Kind("private DNS zone", "2024-06-01", "Private DNS Zone Contributor")


@dataclass(frozen=True)
class Existing:
    """Something that a stack names by its id, under a key of its configuration.

    Of a network, `subnet` is the name of the subnet that is used, either for a private endpoint, which lies in the
    `location`, or (where that is empty) allowed through a vault's firewall.
    """

    key: str
    kind: Kind
    id: ArmId
    subnet: str = ""
    location: str = ""


def obstacles_of(thing: Existing, answer: Answer, account: Account) -> list[Obstacle]:
    """Return why the thing cannot be used, from Azure's answer to a read of it."""
    if answer.status == 404:
        mend = f"correct the id, or look whether it is there: az resource show --ids {thing.id}"
        return [Obstacle(f"{thing.key}: there is no such {thing.kind.name}", answer.words, mend)]
    if answer.status == 403:
        who = account.object_id or "OBJECT_ID"
        mend = f"az role assignment create --assignee {who} --role '{thing.kind.role}' --scope {thing.id}"
        what = f"{thing.key}: the account that deploys may not read this {thing.kind.name}"
        return [Obstacle(what, answer.words, f"have an owner give it the role:\n{mend}")]
    if answer.status != 200:
        return []
    properties: dict[str, Any] = answer.body.get("properties") or {}
    found = (
        _of_subscription(thing, account)
        or (_of_vault(thing, properties, account) if thing.kind is VAULT else None)
        or (_of_network(thing, answer.body, properties) if thing.kind is NETWORK else None)
    )
    return [found] if found else []


def _of_subscription(thing: Existing, account: Account) -> Obstacle | None:
    theirs = thing.id.subscription
    if thing.kind not in {GROUP, VAULT} or theirs.lower() == account.subscription_id.lower():
        return None
    return Obstacle(
        f"{thing.key}: the {thing.kind.name} lies in another subscription",
        f"it lies in {theirs}, and the stack deploys to {account.subscription_id}",
        f"pulumi config set azure-native:subscriptionId {theirs}",
    )


def _of_vault(thing: Existing, properties: dict[str, Any], account: Account) -> Obstacle | None:
    if not properties.get("enableRbacAuthorization"):
        words = "its permission model is access policies, so roles on it have no effect"
        return Obstacle(f"{thing.key}: the vault is in access-policy mode", words, to_roles(thing.id.name))
    if str(properties.get("tenantId", account.tenant_id)).lower() != account.tenant_id.lower():
        words = f"it trusts {properties['tenantId']}, and the stack deploys to {account.tenant_id}"
        return Obstacle(f"{thing.key}: the vault trusts another tenant", words, "use a vault of this tenant")
    return None


def _of_network(thing: Existing, body: dict[str, Any], properties: dict[str, Any]) -> Obstacle | None:
    subnets = {subnet["name"].lower(): subnet for subnet in _objects(properties.get("subnets"))}
    subnet = subnets.get(thing.subnet.lower())
    if subnet is None:
        words = f"{thing.id.name} has the subnets: {', '.join(sorted(subnets)) or 'none'}"
        return Obstacle(f"{thing.key}: the network has no subnet {thing.subnet!r}", words, "correct the id")
    if thing.location and body.get("location", thing.location) != thing.location:
        words = f"the network lies in {body['location']}, and the stack in {thing.location}"
        mend = "choose a subnet in the stack's region: a private endpoint lies in the region of its network"
        return Obstacle(f"{thing.key}: the subnet lies in another region", words, mend)
    of_subnet: dict[str, Any] = subnet.get("properties") or {}
    endpoints = {one.get("service") for one in _objects(of_subnet.get("serviceEndpoints"))}
    if not thing.location and not endpoints & {_SERVICE, f"{_SERVICE}.Global"}:
        words = f"a vault's firewall lets in a subnet that has a service endpoint for {_SERVICE} alone"
        mend = f"az network vnet subnet update --ids {thing.id}/subnets/{thing.subnet} --service-endpoints {_SERVICE}"
        return Obstacle(f"{thing.key}: the subnet has no service endpoint for vaults", words, mend)
    return None


def _objects(values: object) -> Iterable[dict[str, Any]]:
    return cast("Iterable[dict[str, Any]]", values or ())
