"""What a stack says of a vault: its name or id, how long deleted things stay, and who may reach it. Pure types."""

from dataclasses import dataclass
from typing import Annotated, Literal

from components.arm_ids import parse_arm_id
from components.settings import vault_rules as rules
from components.settings.keys import Key

__all__ = ["DiagnosticsSettings", "NetworkSettings", "PrivateEndpointSettings", "Sku", "VaultSettings"]

Sku = Literal["standard", "premium"]

_SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/rg-platform"
_SUBNET = f"{_GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-platform/subnets/runners"
_subnet_flaw = rules.id_of("Microsoft.Network/virtualNetworks/subnets")


@dataclass(frozen=True)
class NetworkSettings:
    """The vault's firewall: nobody reaches the vault but from here."""

    allowed_ips: Annotated[
        tuple[str, ...],
        Key(
            "Public IPv4 addresses and ranges (CIDR) that reach the vault. gitlab.com's own runners have none.",
            rule=rules.ip_flaw,
            whole=rules.at_most(1000, "IP rules a vault"),
            form="write a list of addresses and ranges, like 203.0.113.0/24",
            example=["203.0.113.0/24"],
        ),
    ] = ()
    allowed_subnets: Annotated[
        tuple[str, ...],
        Key(
            "ARM ids of subnets (with the service endpoint Microsoft.KeyVault) that reach the vault.",
            rule=_subnet_flaw,
            whole=rules.at_most(200, "subnets a vault"),
            form="write a list of the subnets' ARM ids",
            example=[_SUBNET],
        ),
    ] = ()
    public_access: Annotated[
        bool, Key("false: nobody reaches the vault but through its private endpoint, also not from allowed addresses.")
    ] = True


@dataclass(frozen=True)
class PrivateEndpointSettings:
    """The vault's address within a network of one's own."""

    subnet: Annotated[
        str,
        Key(
            "ARM id of the subnet that the endpoint lies in.",
            rule=_subnet_flaw,
            required="write the ARM id of the subnet that the endpoint is to lie in",
            example=_SUBNET,
        ),
    ]
    dns_zone: Annotated[
        str,
        Key(
            "ARM id of the private DNS zone privatelink.vaultcore.azure.net. Left out, one is made and linked "
            "to the subnet's network.",
            rule=rules.id_of("Microsoft.Network/privateDnsZones"),
            example=f"{_GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net",
        ),
    ] = ""


@dataclass(frozen=True)
class DiagnosticsSettings:
    """Where the vault's log goes: who read which secret, and who was refused."""

    workspace: Annotated[
        str,
        Key(
            "Log Analytics workspace: the name of one to make, or the ARM id of one that exists.",
            rule=rules.name_or_id_of("Microsoft.OperationalInsights/workspaces", rules.workspace_name_flaw),
            required="write the name of a workspace to make, or the ARM id of one that exists",
            example="log-gitlab-keyvault",
        ),
    ]


@dataclass(frozen=True)
class VaultSettings:
    """A vault that the stack makes under a name, or one that exists and is used as it is, by its ARM id."""

    name: Annotated[
        str,
        Key(
            "Name of the vault to make: 3 to 24 letters, digits and hyphens, unique in all of Azure.",
            rule=rules.vault_name_flaw,
            required="write the vault's name, like kv-acme-gitlab-dev, or the `id` of a vault that exists",
            example="kv-acme-gitlab-dev",
        ),
    ] = ""
    id: Annotated[
        str,
        Key(
            "ARM id of a vault that exists (in RBAC mode): it gets roles and is not changed otherwise.",
            rule=rules.id_of("Microsoft.KeyVault/vaults"),
            alone="a vault that exists is used as it is",
            example=f"{_GROUP}/providers/Microsoft.KeyVault/vaults/kv-platform",
        ),
    ] = ""
    retention_days: Annotated[
        int, Key("Days in which a deleted vault or secret can be recovered, 7 to 90.", between=rules.RETENTION_DAYS)
    ] = rules.RETENTION_DAYS[1]
    purge_protection: Annotated[
        bool, Key("Nobody can purge what is deleted before those days are over. Once true, it is so for good.")
    ] = True
    sku: Annotated[Sku, Key("premium keeps keys in hardware; for secrets the two are equal.")] = "standard"
    recover: Annotated[
        bool, Key("Recover the soft-deleted vault of this name, with its secrets, instead of making an empty one.")
    ] = False
    lock: Annotated[bool, Key("Put a CanNotDelete lock on the vault: not even an owner deletes it by mistake.")] = False
    network: Annotated[
        NetworkSettings | None,
        Key(
            "Who may reach the vault. Left out, any address may (with a token and a role).",
            form="write an object with `allowed_ips`, `allowed_subnets` and `public_access`",
        ),
    ] = None
    private_endpoint: Annotated[
        PrivateEndpointSettings | None,
        Key("An address of the vault in a network of one's own.", form="write an object with a `subnet`"),
    ] = None
    diagnostics: Annotated[
        DiagnosticsSettings | None,
        Key("Keep the vault's log in a Log Analytics workspace.", form="write an object with a `workspace`"),
    ] = None

    @property
    def azure_name(self) -> str:
        """Its name in Azure, unique there whatever its case; empty where neither name nor id was given rightly."""
        return self.name or (parse_arm_id(self.id).name if self.id else "")
