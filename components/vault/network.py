"""From which networks a vault is reached. Pure.

Source: Microsoft Learn, "Configure network security for Azure Key Vault".
"""

from typing import TypedDict

__all__ = ["AddressRule", "NetworkArgs", "NetworkRules", "SubnetRule", "network_rules"]


class NetworkArgs(TypedDict):
    """Who reaches the vault over a network; everybody else is denied."""

    allowed_ips: list[str]
    """Public IPv4 addresses and ranges in CIDR notation, like those of your own runners."""

    allowed_subnets: list[str]
    """ARM ids of subnets with the service endpoint `Microsoft.KeyVault`."""

    public_access: bool
    """Whether the vault has a public address at all. Without one only private endpoints lead to it."""


class AddressRule(TypedDict):
    """An address range that may reach the vault."""

    value: str
    """The range in CIDR notation."""


class SubnetRule(TypedDict):
    """A subnet that may reach the vault."""

    id: str
    """Its ARM id."""


class NetworkRules(TypedDict):
    """The vault's firewall, as Azure names its parts."""

    bypass: str
    """Whether Microsoft's own services come past the rules: never."""

    default_action: str
    """What becomes of everybody whom no rule names: Deny."""

    ip_rules: list[AddressRule]
    """The addresses that may."""

    virtual_network_rules: list[SubnetRule]
    """The subnets that may."""


def network_rules(network: NetworkArgs) -> NetworkRules:
    """Return the vault's firewall, written as Azure reads it back: a single address as a range, ids in lower case."""
    return {
        "bypass": "None",
        "default_action": "Deny",
        "ip_rules": [{"value": ip if "/" in ip else f"{ip}/32"} for ip in network["allowed_ips"]],
        "virtual_network_rules": [{"id": subnet.lower()} for subnet in network["allowed_subnets"]],
    }
