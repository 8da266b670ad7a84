"""From which networks a vault is reached.

Source: Microsoft Learn, "Configure network security for Azure Key Vault".
"""

from typing import TypedDict

from pulumi_azure_native import keyvault

__all__ = ["NetworkArgs", "network_rules"]


class NetworkArgs(TypedDict):
    """Who reaches the vault over a network; everybody else is denied."""

    allowed_ips: list[str]
    """Public IPv4 addresses and ranges in CIDR notation, like those of your own runners."""

    allowed_subnets: list[str]
    """ARM ids of subnets with the service endpoint `Microsoft.KeyVault`."""

    public_access: bool
    """Whether the vault has a public address at all. Without one only private endpoints lead to it."""


def network_rules(network: NetworkArgs) -> keyvault.NetworkRuleSetArgs:
    """Return the vault's firewall, written as Azure reads it back: a single address as a range, ids in lower case."""
    return keyvault.NetworkRuleSetArgs(
        bypass=keyvault.NetworkRuleBypassOptions.NONE,  # Microsoft's own services are let in no more than others
        default_action=keyvault.NetworkRuleAction.DENY,
        ip_rules=[keyvault.IPRuleArgs(value=ip if "/" in ip else f"{ip}/32") for ip in network["allowed_ips"]],
        virtual_network_rules=[
            keyvault.VirtualNetworkRuleArgs(id=subnet.lower()) for subnet in network["allowed_subnets"]
        ],
    )
