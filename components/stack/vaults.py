"""The vaults of a stack with all that belongs to them, as its settings ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from pulumi_azure_native import operationalinsights, resources

from components.arm_ids import is_id, parse_arm_id
from components.names import resource_name
from components.vault.adopted import AdoptedVault
from components.vault.diagnostics import VaultDiagnostics
from components.vault.endpoint import PrivateVaultZone, VaultEndpoint
from components.vault.lock import VaultLock
from components.vault.vault import SecretsVault, SecretsVaultArgs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from components.settings.stack import ProjectSettings, Settings
    from components.settings.vault import VaultSettings

__all__ = [
    "STACK_VAULT",
    "MadeVault",
    "Place",
    "add_belongings",
    "key_of_vault",
    "lock",
    "make_vaults",
    "resource_group",
]

STACK_VAULT: Final = "secrets"
"""The name of the component that is the stack's vault."""

Vault = SecretsVault | AdoptedVault


@dataclass(frozen=True)
class MadeVault:
    """A vault, and what the stack says of it."""

    settings: VaultSettings
    component: Vault


@dataclass(frozen=True)
class Place:
    """Where a stack makes what it makes, and who does: tenant, region, resource group, tags of all of it, deployer."""

    tenant_id: str
    location: str
    resource_group: pulumi.Input[str]
    tags: dict[str, str]
    deployer_id: str


def resource_group(settings: Settings) -> pulumi.Input[str]:
    """Return the name of the stack's resource group, which is made unless it exists."""
    if is_id(settings.resource_group):
        return parse_arm_id(settings.resource_group).name
    return resources.ResourceGroup(
        "secrets-group",
        resource_group_name=settings.resource_group,
        location=settings.location,
        tags=settings.tags or None,
        opts=pulumi.ResourceOptions(
            protect=settings.protect,
            # In the first release it was the vault's.
            aliases=[pulumi.Alias(parent=pulumi.create_urn("secrets", "gitlab-keyvault:index:SecretsVault"))],
        ),
    ).name


def key_of_vault(project: ProjectSettings) -> str:
    """Return the name of the component that is the project's vault: the stack's, or one of its own.

    One that is made is called by its name in Azure: a project that is renamed, or hands it to another, keeps it.
    """
    if not project.vault:
        return STACK_VAULT
    return f"vault-{project.vault.name.lower()}" if project.vault.name else f"{resource_name(project.path)}-secrets"


def make_vaults(settings: Settings, place: Place, deleted: Collection[str]) -> dict[str, MadeVault]:
    """Return the stack's vault and the projects' own, by their components' names.

    `deleted` are the names of vaults that are soft-deleted. Where the settings say `recover`, such a one is taken back
    as it was. In the next deployment it is deleted no longer, and is given its settings.
    """
    made: dict[str, MadeVault] = {}
    if settings.vault:
        protected = pulumi.ResourceOptions(protect=settings.protect)
        made[STACK_VAULT] = MadeVault(settings.vault, _vault(STACK_VAULT, settings.vault, place, deleted, protected))
    for project in settings.projects:
        if project.vault:
            name = key_of_vault(project)
            # Dropped from the stack with its project, it stays in Azure with its secrets.
            kept = pulumi.ResourceOptions(retain_on_delete=True)
            made[name] = MadeVault(project.vault, _vault(name, project.vault, place, deleted, kept))
    return made


def add_belongings(vaults: Mapping[str, MadeVault], place: Place, zone: str) -> None:
    """Give each vault, by its component's name, its private endpoint and its diagnostics.

    What they share is made once: a workspace of a name, and the private DNS `zone` for networks that bring none.
    """
    workspaces = _workspaces(vaults, place)
    zone_id = _zone_id(vaults, place, zone)
    for name, made in vaults.items():
        settings, vault = made.settings, made.component
        # They may go when the settings say so; the vault is what is protected.
        belongs = pulumi.ResourceOptions(parent=vault, protect=False)
        if settings.private_endpoint:
            VaultEndpoint(
                f"{name}-private",
                {
                    "vault_id": vault.vault_id,
                    "vault_name": settings.name,
                    "location": place.location,
                    "resource_group": place.resource_group,
                    "subnet_id": settings.private_endpoint.subnet,
                    "zone_id": settings.private_endpoint.dns_zone or zone_id,
                    "tags": place.tags,
                },
                belongs,
            )
        if settings.diagnostics:
            workspace = settings.diagnostics.workspace
            VaultDiagnostics(
                f"{name}-audit",
                {"vault_id": vault.vault_id, "workspace_id": workspaces.get(workspace.lower(), workspace)},
                belongs,
            )


def lock(vaults: Mapping[str, MadeVault], after: list[pulumi.Resource]) -> None:
    """Lock the vaults that want it, `after` all that is at them: so the lock goes first when something goes."""
    for name, made in vaults.items():
        settings, vault = made.settings, made.component
        if settings.lock:
            VaultLock(f"{name}-lock", {"vault_id": vault.vault_id}, pulumi.ResourceOptions(depends_on=[vault, *after]))


def _workspaces(vaults: Mapping[str, MadeVault], place: Place) -> dict[str, pulumi.Output[str]]:
    """Make the workspaces that are named, by their names in small letters: Azure takes `logs` and `Logs` for one."""
    named = [one.settings.diagnostics.workspace for one in vaults.values() if one.settings.diagnostics]
    wanted = {name.lower(): name for name in reversed(named) if not is_id(name)}
    return {
        key: operationalinsights.Workspace(
            f"workspace-{name}",
            workspace_name=name,
            resource_group_name=place.resource_group,
            location=place.location,
            sku=operationalinsights.WorkspaceSkuArgs(name=operationalinsights.WorkspaceSkuNameEnum.PER_GB2018),
            tags=place.tags or None,
            # What was read remains to be seen when the project, its vault or the whole stack is gone.
            opts=pulumi.ResourceOptions(retain_on_delete=True),
        ).id
        for key, name in wanted.items()
    }


def _zone_id(vaults: Mapping[str, MadeVault], place: Place, zone: str) -> pulumi.Input[str]:
    endpoints = [one.settings.private_endpoint for one in vaults.values() if one.settings.private_endpoint]
    networks = {
        str(network).lower(): str(network)
        for network in (parse_arm_id(one.subnet).parent for one in endpoints if not one.dns_zone)
    }
    if not networks:
        return ""
    return PrivateVaultZone(
        "private",
        {
            "zone": zone,
            "resource_group": place.resource_group,
            "networks": [*networks.values()],
            "tags": place.tags,
        },
    ).zone_id


def _vault(
    name: str, vault: VaultSettings, place: Place, deleted: Collection[str], opts: pulumi.ResourceOptions
) -> Vault:
    if vault.id:
        return AdoptedVault(name, {"vault_id": vault.id})
    args: SecretsVaultArgs = {
        "tenant_id": place.tenant_id,
        "location": place.location,
        "resource_group": place.resource_group,
        "vault_name": vault.name,
        "retention_days": vault.retention_days,
        "purge_protection": vault.purge_protection,
        "sku": vault.sku,
        "tags": place.tags,
        "recover": vault.recover and vault.name in deleted,
    }
    if vault.network:
        args["network"] = {
            "allowed_ips": [*vault.network.allowed_ips],
            "allowed_subnets": [*vault.network.allowed_subnets],
            "public_access": vault.network.public_access,
        }
    if args.get("recover"):
        pulumi.warn(
            f"The deleted vault {vault.name} is taken back as it was: Azure ignores all its other settings meanwhile. "
            "Run `pulumi up` once more when this is done: that gives the vault what the stack says."
        )
    return SecretsVault(name, args, opts)
