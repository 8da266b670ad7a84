"""The vault that holds the secrets of GitLab projects."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import keyvault

from components.vault.network import NetworkArgs, network_rules

__all__ = ["SecretsVault", "SecretsVaultArgs"]


class SecretsVaultArgs(TypedDict):
    """What a vault is made of."""

    tenant_id: pulumi.Input[str]
    """The Entra tenant that the vault trusts."""

    location: pulumi.Input[str]
    """Azure region of the vault."""

    resource_group: pulumi.Input[str]
    """Name of the resource group that the vault lies in."""

    vault_name: pulumi.Input[str]
    """Name of the vault: 3 to 24 characters, unique in all of Azure."""

    retention_days: pulumi.Input[int]
    """Days in which the deleted vault or a deleted secret can be recovered, 7 to 90."""

    purge_protection: bool
    """Whether nobody may purge before those days are over. Azure never turns it off again."""

    sku: NotRequired[str]
    """`standard` (default), or `premium` with keys in hardware."""

    tags: NotRequired[dict[str, str]]
    """Tags of the vault."""

    network: NotRequired[NetworkArgs]
    """Who reaches the vault over a network. Absent: everybody, and roles alone decide."""

    recover: NotRequired[bool]
    """Take back the soft-deleted vault of this name. Azure does that and ignores everything else that it is told: the
    vault is what it was when it was deleted. Deploy once more without this, and it becomes what is written here."""


class SecretsVault(pulumi.ComponentResource):
    """A vault that asks Azure roles for every access, with soft delete always on."""

    tenant_id: pulumi.Output[str]
    """The Entra tenant that the vault trusts: `AZURE_TENANT_ID` of the jobs."""

    vault_id: pulumi.Output[str]
    """ARM id of the vault."""

    vault_url: pulumi.Output[str]
    """URL of the vault: `AZURE_KEY_VAULT_SERVER_URL` of the jobs."""

    def __init__(self, name: str, args: SecretsVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:SecretsVault", name, {}, opts)
        vault = keyvault.Vault(
            f"{name}-vault",
            resource_group_name=args["resource_group"],
            vault_name=args["vault_name"],
            location=args["location"],
            tags=args.get("tags") or None,
            properties=_properties(args),
            # Unlike `protect`, this is not inherited.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=opts.retain_on_delete if opts else None),
        )
        self.tenant_id = vault.properties.tenant_id
        self.vault_id = vault.id
        self.vault_url = vault.properties.vault_uri
        self.register_outputs({"tenant_id": self.tenant_id, "vault_id": self.vault_id, "vault_url": self.vault_url})


def _properties(args: SecretsVaultArgs) -> keyvault.VaultPropertiesArgs:
    network = args.get("network")
    return keyvault.VaultPropertiesArgs(
        tenant_id=args["tenant_id"],
        sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName(args.get("sku", "standard"))),
        # Said outright, because Azure's default for it changes with the API version.
        enable_rbac_authorization=True,
        access_policies=[],
        enable_soft_delete=True,
        soft_delete_retention_in_days=args["retention_days"],
        # Azure refuses the value false: a vault without purge protection has no such property.
        enable_purge_protection=True if args["purge_protection"] else None,
        create_mode=keyvault.CreateMode.RECOVER if args.get("recover") else None,
        public_network_access="Disabled" if network and not network["public_access"] else None,
        network_acls=network_rules(network) if network else None,
    )
