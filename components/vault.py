"""The vault that holds the secrets of the stack's GitLab projects."""

from typing import TypedDict

import pulumi
from pulumi_azure_native import keyvault, resources

__all__ = ["SecretsVault", "SecretsVaultArgs"]


class SecretsVaultArgs(TypedDict):
    """What a vault is made of."""

    tenant_id: pulumi.Input[str]
    """The Entra tenant that the vault trusts."""

    location: pulumi.Input[str]
    """Azure region of the resource group and the vault."""

    resource_group: pulumi.Input[str]
    """Name of the resource group to create."""

    vault_name: pulumi.Input[str]
    """Name of the vault: 3 to 24 characters, unique in all of Azure."""

    retention_days: pulumi.Input[int]
    """Days in which the deleted vault or a deleted secret can be recovered, 7 to 90."""

    purge_protection: bool
    """Whether nobody may purge before those days are over. Azure never turns it off again."""


class SecretsVault(pulumi.ComponentResource):
    """A resource group with a vault that asks Azure roles for every access, with soft delete always on."""

    resource_group: pulumi.Output[str]
    """Name of the resource group."""

    tenant_id: pulumi.Output[str]
    """The Entra tenant that the vault trusts: `AZURE_TENANT_ID` of the jobs."""

    vault_id: pulumi.Output[str]
    """ARM id of the vault."""

    vault_url: pulumi.Output[str]
    """URL of the vault: `AZURE_KEY_VAULT_SERVER_URL` of the jobs."""

    def __init__(self, name: str, args: SecretsVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:SecretsVault", name, {}, opts)
        group = resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=args["resource_group"],
            location=args["location"],
            opts=pulumi.ResourceOptions(parent=self),
        )
        vault = keyvault.Vault(
            f"{name}-vault",
            resource_group_name=group.name,
            vault_name=args["vault_name"],
            location=args["location"],
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=args["tenant_id"],
                sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
                # Said outright, because Azure's default for it changes with the API version.
                enable_rbac_authorization=True,
                access_policies=[],
                enable_soft_delete=True,
                soft_delete_retention_in_days=args["retention_days"],
                # Azure refuses the value false: a vault without purge protection has no such property.
                enable_purge_protection=True if args["purge_protection"] else None,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.resource_group = group.name
        self.tenant_id = vault.properties.tenant_id
        self.vault_id = vault.id
        self.vault_url = vault.properties.vault_uri
        self.register_outputs(
            {
                "resource_group": self.resource_group,
                "tenant_id": self.tenant_id,
                "vault_id": self.vault_id,
                "vault_url": self.vault_url,
            }
        )
