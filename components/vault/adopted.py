"""A vault that exists already: used as it is, never changed or deleted."""

import textwrap
from typing import TypedDict

import pulumi
from pulumi_azure_native import keyvault

from components.arm_ids import arm_id_flaw, parse_arm_id
from components.vault.migration import to_roles

__all__ = ["AdoptedVault", "AdoptedVaultArgs"]


class AdoptedVaultArgs(TypedDict):
    """Which vault."""

    vault_id: str
    """ARM id of the vault, in the subscription that is deployed to."""


class AdoptedVault(pulumi.ComponentResource):
    """A vault that exists already and asks Azure roles for every access."""

    tenant_id: pulumi.Output[str]
    """The Entra tenant that the vault trusts: `AZURE_TENANT_ID` of the jobs."""

    vault_id: pulumi.Output[str]
    """ARM id of the vault."""

    vault_url: pulumi.Output[str]
    """URL of the vault: `AZURE_KEY_VAULT_SERVER_URL` of the jobs."""

    def __init__(self, name: str, args: AdoptedVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:AdoptedVault", name, {}, opts)
        found = _found(args["vault_id"])
        self.tenant_id = pulumi.Output.from_input(found.properties.tenant_id)
        self.vault_id = pulumi.Output.from_input(found.id)
        self.vault_url = pulumi.Output.from_input(found.properties.vault_uri)
        self.register_outputs({"tenant_id": self.tenant_id, "vault_id": self.vault_id, "vault_url": self.vault_url})


def _found(vault_id: str) -> keyvault.GetVaultResult:
    if flaw := arm_id_flaw(vault_id, "Microsoft.KeyVault/vaults"):
        raise ValueError(f"the vault's id {flaw.problem}: {flaw.mend}")
    vault = parse_arm_id(vault_id)
    try:
        found = keyvault.get_vault(resource_group_name=vault.resource_group, vault_name=vault.name)
    except Exception as error:  # noqa: BLE001 - Pulumi raises a plain Exception, whatever the provider met
        raise pulumi.RunError(
            f"The vault {vault_id} cannot be read.\n\n  {error}\n\n"
            "  mend: correct the id, or have yourself given the role Reader on the vault"
        ) from None
    if not found.properties.enable_rbac_authorization:
        mend = textwrap.indent(to_roles(vault.name), " " * 8).lstrip()
        raise pulumi.RunError(
            f"The vault {vault_id} is in access-policy mode: roles on it have no effect.\n\n  mend: {mend}"
        )
    return found
