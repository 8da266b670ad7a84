"""A vault inside a private network: its address there, and the name by which it is found."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import network, privatedns

from components.arm_ids import parse_arm_id
from components.names import network_link_name

__all__ = ["PrivateVaultZone", "PrivateVaultZoneArgs", "VaultEndpoint", "VaultEndpointArgs"]


class PrivateVaultZoneArgs(TypedDict):
    """In which networks the private names of vaults are known."""

    zone: str
    """Name of the zone: `privatelink.vaultcore.azure.net`, and another in national clouds."""

    resource_group: pulumi.Input[str]
    """Name of the resource group that the zone lies in. It holds one zone of a name."""

    networks: list[str]
    """ARM ids of the virtual networks. Each can be linked to one zone of a name."""

    tags: NotRequired[dict[str, str]]
    """Tags of the zone and its links."""


class PrivateVaultZone(pulumi.ComponentResource):
    """The private DNS zone in which the stack's vaults have their private addresses, linked to networks."""

    zone_id: pulumi.Output[str]
    """ARM id of the zone."""

    def __init__(self, name: str, args: PrivateVaultZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:PrivateVaultZone", name, {}, opts)
        tags = args.get("tags") or None
        zone = privatedns.PrivateZone(
            f"{name}-zone",
            private_zone_name=args["zone"],
            resource_group_name=args["resource_group"],
            location="Global",
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for virtual_network in args["networks"]:
            label = network_link_name(parse_arm_id(virtual_network).name, virtual_network)
            privatedns.VirtualNetworkLink(
                f"{name}-{label}",
                virtual_network_link_name=label,
                private_zone_name=zone.name,
                resource_group_name=args["resource_group"],
                location="Global",
                registration_enabled=False,
                virtual_network=privatedns.SubResourceArgs(id=virtual_network),
                tags=tags,
                opts=pulumi.ResourceOptions(parent=zone),
            )
        self.zone_id = zone.id
        self.register_outputs({"zone_id": self.zone_id})


class VaultEndpointArgs(TypedDict):
    """Which vault is reached from which subnet."""

    vault_id: pulumi.Input[str]
    """ARM id of the vault."""

    vault_name: str
    """Name of the vault, after which the endpoint is named."""

    location: pulumi.Input[str]
    """Azure region of the subnet's network: the endpoint must lie in the same."""

    resource_group: pulumi.Input[str]
    """Name of the resource group that the endpoint lies in."""

    subnet_id: pulumi.Input[str]
    """ARM id of the subnet that the endpoint takes its address from."""

    zone_id: pulumi.Input[str]
    """ARM id of the private DNS zone that gets the endpoint's address."""

    tags: NotRequired[dict[str, str]]
    """Tags of the endpoint."""


class VaultEndpoint(pulumi.ComponentResource):
    """A private endpoint of a vault, with its address kept in a private DNS zone."""

    endpoint_id: pulumi.Output[str]
    """ARM id of the private endpoint."""

    def __init__(self, name: str, args: VaultEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:VaultEndpoint", name, {}, opts)
        endpoint = network.PrivateEndpoint(
            f"{name}-endpoint",
            private_endpoint_name=f"pe-{args['vault_name']}",
            resource_group_name=args["resource_group"],
            location=args["location"],
            subnet=network.SubnetArgs(id=args["subnet_id"]),
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name=args["vault_name"], private_link_service_id=args["vault_id"], group_ids=["vault"]
                )
            ],
            tags=args.get("tags") or None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        network.PrivateDnsZoneGroup(
            f"{name}-dns",
            private_dns_zone_group_name="default",
            private_endpoint_name=endpoint.name,
            resource_group_name=args["resource_group"],
            private_dns_zone_configs=[
                network.PrivateDnsZoneConfigArgs(name="vault", private_dns_zone_id=args["zone_id"])
            ],
            opts=pulumi.ResourceOptions(parent=endpoint),
        )
        self.endpoint_id = endpoint.id
        self.register_outputs({"endpoint_id": self.endpoint_id})
