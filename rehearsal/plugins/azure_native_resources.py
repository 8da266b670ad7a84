"""What azure-native has to know of each type of resource, as data (Azure REST API reference; azure-native 3.29)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_VAULT = f"{_GROUP}/providers/Microsoft.KeyVault/vaults/{{vaultName}}"
_NETWORK = f"{_GROUP}/providers/Microsoft.Network"
_ZONE = f"{_NETWORK}/privateDnsZones/{{privateZoneName}}"
_ENDPOINT = f"{_NETWORK}/privateEndpoints/{{privateEndpointName}}"
_VIRTUAL_NETWORK = f"{_NETWORK}/virtualNetworks/{{virtualNetworkName}}"
_IDENTITY = f"{_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{{resourceName}}"


@dataclass(frozen=True)
class Row:
    """A type of ARM resource.

    `path` names its parameters as the SDK's inputs are named; `inputs` are those that travel in the body, parted by
    blanks. Where `flat`, the SDK lifts ARM's `properties` to the top, and so in each item of the lists `flat_lists`;
    `maintained` is a list in the body that other resources may fill: left alone where the program says nothing of it.
    """

    version: str
    path: str
    inputs: str
    flat: bool = True
    flat_lists: tuple[str, ...] = ()
    replace_on: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    maintained: str | None = None
    deleted_in_vault: bool = False

    def parameters(self) -> list[str]:
        """Return the names in the path, but for the subscription, which the provider knows."""
        return [name for name in re.findall(r"{(\w+)}", self.path) if name != "subscriptionId"]

    def parse(self, identifier: str) -> dict[str, str]:
        """Return the path's parameters as an id gives them. Raises ValueError for the id of something else."""
        pattern = "".join(self._patterns())
        match = re.fullmatch(pattern, identifier, re.IGNORECASE)
        if match is None:
            raise ValueError(f"{identifier!r} is not of the form {self.path}")
        return {name: match[name] for name in self.parameters()}

    def _patterns(self) -> Iterator[str]:
        for part in re.split(r"(/?{\w+})", self.path):
            name = part.strip("/{}")
            if not part.endswith("}"):
                yield re.escape(part)
            elif name in {"scope", "resourceUri"}:  # a whole id, slashes included
                yield f"(?P<{name}>/.+)"
            else:
                yield f"/(?P<{name}>[^/]+)"


ROWS = {
    "resources:ResourceGroup": Row(
        "2024-03-01", _GROUP, "location managedBy tags", flat=False, replace_on=("location",)
    ),
    "keyvault:Vault": Row(
        "2024-11-01",
        _VAULT,
        "location tags properties",
        flat=False,
        replace_on=("location",),
        computed=("properties.vaultUri", "properties.hsmPoolResourceId", "properties.provisioningState"),
        maintained="properties.accessPolicies",
    ),
    "keyvault:Secret": Row(
        "2024-11-01",
        f"{_VAULT}/secrets/{{secretName}}",
        "tags properties",
        flat=False,
        computed=("properties.secretUri", "properties.secretUriWithVersion"),
        deleted_in_vault=True,
    ),
    "authorization:RoleAssignment": Row(
        "2022-04-01",
        "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        "principalId principalType roleDefinitionId condition conditionVersion description"
        " delegatedManagedIdentityResourceId",
        replace_on=("principalId", "principalType", "roleDefinitionId"),
    ),
    "authorization:ManagementLockByScope": Row(
        "2020-05-01", "/{scope}/providers/Microsoft.Authorization/locks/{lockName}", "level notes owners"
    ),
    "managedidentity:UserAssignedIdentity": Row("2023-01-31", _IDENTITY, "location tags", replace_on=("location",)),
    "managedidentity:FederatedIdentityCredential": Row(
        "2023-01-31",
        f"{_IDENTITY}/federatedIdentityCredentials/{{federatedIdentityCredentialResourceName}}",
        "issuer subject audiences",
    ),
    "operationalinsights:Workspace": Row(
        "2023-09-01",
        f"{_GROUP}/providers/Microsoft.OperationalInsights/workspaces/{{workspaceName}}",
        "location tags identity sku retentionInDays publicNetworkAccessForIngestion publicNetworkAccessForQuery"
        " workspaceCapping features forceCmkForQuery defaultDataCollectionRuleResourceId",
        replace_on=("location",),
    ),
    "monitor:DiagnosticSetting": Row(
        "2021-05-01-preview",
        "/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
        "logs metrics workspaceId storageAccountId eventHubName eventHubAuthorizationRuleId serviceBusRuleId"
        " marketplacePartnerId logAnalyticsDestinationType",
    ),
    "network:PrivateEndpoint": Row(
        "2024-05-01",
        _ENDPOINT,
        "location tags extendedLocation subnet privateLinkServiceConnections manualPrivateLinkServiceConnections"
        " customDnsConfigs customNetworkInterfaceName applicationSecurityGroups ipConfigurations",
        flat_lists=("privateLinkServiceConnections", "manualPrivateLinkServiceConnections", "ipConfigurations"),
        replace_on=("location", "subnet"),
    ),
    "network:PrivateDnsZoneGroup": Row(
        "2024-05-01",
        f"{_ENDPOINT}/privateDnsZoneGroups/{{privateDnsZoneGroupName}}",
        "id name privateDnsZoneConfigs",
        flat_lists=("privateDnsZoneConfigs",),
    ),
    "network:VirtualNetwork": Row(
        "2024-05-01",
        _VIRTUAL_NETWORK,
        "location tags extendedLocation addressSpace bgpCommunities ddosProtectionPlan dhcpOptions"
        " enableDdosProtection enableVmProtection encryption flowTimeoutInMinutes ipAllocations"
        " privateEndpointVNetPolicies",
        flat_lists=("subnets",),
        replace_on=("location",),
        computed=("subnets",),  # where they are resources of their own, they come and go without the program's doing
    ),
    "network:Subnet": Row(
        "2024-05-01",
        f"{_VIRTUAL_NETWORK}/subnets/{{subnetName}}",
        "id name type addressPrefix addressPrefixes defaultOutboundAccess delegations ipAllocations natGateway"
        " networkSecurityGroup privateEndpointNetworkPolicies privateLinkServiceNetworkPolicies routeTable"
        " serviceEndpointPolicies serviceEndpoints sharingScope",
        flat_lists=("delegations",),
    ),
    "privatedns:PrivateZone": Row("2024-06-01", _ZONE, "location tags", replace_on=("location",)),
    "privatedns:VirtualNetworkLink": Row(
        "2024-06-01",
        f"{_ZONE}/virtualNetworkLinks/{{virtualNetworkLinkName}}",
        "location tags registrationEnabled resolutionPolicy virtualNetwork",
        replace_on=("location", "virtualNetwork"),
    ),
}
"""The types that are played, by token without `azure-native:`."""
