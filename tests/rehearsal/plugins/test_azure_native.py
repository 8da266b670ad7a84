"""azure-native's resources and functions, by the engine's calls."""

import uuid
from collections.abc import Callable
from typing import Any

import jwt
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.plugins.values import UNKNOWN, Properties, unpack, with_value
from rehearsal.server import Running

GROUP, VAULT, SECRET, ROLE, LOCK = (
    f"azure-native:{token}"
    for token in (
        "resources:ResourceGroup",
        "keyvault:Vault",
        "keyvault:Secret",
        "authorization:RoleAssignment",
        "authorization:ManagementLockByScope",
    )
)
ENDPOINT = "azure-native:network:PrivateEndpoint"
GRAPH = "https://graph.microsoft.com"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
Inputs = Callable[..., Properties]
ErrorOf = Callable[[Callable[[], object]], str]


def test_a_location_left_out_is_the_groups(azure: Any, vault_inputs: Inputs):
    inputs = unpack(azure.check(VAULT, vault_inputs()).inputs)
    assert inputs["location"] == "westeurope"
    unknown = unpack(azure.check(VAULT, {**vault_inputs(), "resourceGroupName": UNKNOWN}).inputs)
    assert "location" not in unknown


def test_what_exists_is_not_created_again(azure: Any, cloud: Running, group: str, error_of: ErrorOf):
    error = error_of(lambda: azure.create(GROUP, {"resourceGroupName": group, "location": "westeurope"}))
    identifier = f"/subscriptions/{cloud.cloud.subscription}/resourceGroups/{group}"
    assert error == f"cannot create already existing resource '{identifier}'"


def test_a_refused_creation_reads_as_azure_native_prints_it(azure: Any, vault_inputs: Inputs, error_of: ErrorOf):
    elsewhere = {**vault_inputs(), "resourceGroupName": "rg-none", "location": "westeurope"}
    error = error_of(lambda: azure.create(VAULT, elsewhere))
    assert 'Status=404 Code="ResourceGroupNotFound" Message="Resource group \'rg-none\' could not be found' in error
    assert "Traceback" not in error


def test_a_vault_is_read_updated_and_deleted(azure: Any, vault_inputs: Inputs):
    inputs = vault_inputs()
    identifier, outputs = azure.create(VAULT, inputs)
    assert outputs["properties"]["vaultUri"] == f"https://{inputs['vaultName']}.vault.azure.net/"
    assert unpack(azure.read(VAULT, identifier, inputs, outputs).inputs) == inputs
    updated = azure.update(VAULT, identifier, inputs, {**inputs, "location": "westeurope", "tags": {"a": "b"}})
    assert updated["tags"] == {"a": "b"}
    azure.delete(VAULT, identifier)
    azure.delete(VAULT, identifier)
    assert azure.read(VAULT, identifier, inputs, outputs).id == ""


def test_an_update_leaves_access_policies_alone_that_the_program_does_not_name(
    azure: Any, cloud: Running, vault_inputs: Inputs
):
    rights = {"secrets": ["get"]}
    policy = {"tenantId": cloud.cloud.tenant, "objectId": str(uuid.uuid4()), "permissions": rights}
    inputs = {**vault_inputs(accessPolicies=[policy]), "location": "westeurope"}
    identifier, _ = azure.create(VAULT, inputs)
    silent = with_value(inputs, "properties.accessPolicies", None)
    updated = azure.update(VAULT, identifier, inputs, {**silent, "tags": {"a": "b"}})
    assert updated["properties"]["accessPolicies"] == [policy]


def test_an_import_gives_the_inputs_that_make_such_a_vault(
    azure: Any, group: str, vault_inputs: Inputs, error_of: ErrorOf
):
    inputs = vault_inputs(softDeleteRetentionInDays=7)
    identifier, _ = azure.create(VAULT, inputs)
    adopted = unpack(azure.read(VAULT, identifier, {}, {}).inputs)
    assert (adopted["vaultName"], adopted["resourceGroupName"]) == (inputs["vaultName"], group)
    assert adopted["properties"].items() >= inputs["properties"].items()
    assert "vaultUri" not in adopted["properties"]
    told = error_of(lambda: azure.read(GROUP, identifier, {}, {}))
    assert told.startswith(f"'{identifier}' is not of the form /subscriptions/")


def test_an_import_leaves_nothing_to_change(azure: Any, cloud: Running, vault_inputs: Inputs):
    vault, _ = azure.create(VAULT, vault_inputs())
    # What a program has to say, beside the SDK's own defaults, of a vault that was made with hardly a word.
    defaults = dict.fromkeys(
        ("enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"), False
    )
    defaults |= {"enableSoftDelete": True, "softDeleteRetentionInDays": 90, "publicNetworkAccess": "Enabled"}
    program = {**vault_inputs(**defaults, accessPolicies=[]), "vaultName": vault.rpartition("/")[2]}
    written = unpack(azure.check(VAULT, program).inputs)
    assert azure.diff(VAULT, azure.imported(VAULT, vault), written).changes == pb.DiffResponse.DIFF_NONE
    principal = cloud.cloud.store.all("servicePrincipal")[0]["id"]
    role = f"/subscriptions/{cloud.cloud.subscription}/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_USER}"
    given = {"principalId": principal, "principalType": "ServicePrincipal", "roleDefinitionId": role}
    given |= {"scope": vault, "roleAssignmentName": str(uuid.uuid4())}
    assignment, _ = azure.create(ROLE, given)
    written = unpack(azure.check(ROLE, given).inputs)
    assert azure.diff(ROLE, azure.imported(ROLE, assignment), written).changes == pb.DiffResponse.DIFF_NONE


def test_a_get_function_of_every_type_reads_what_is_there(
    azure: Any, group: str, vault_inputs: Inputs, error_of: ErrorOf
):
    inputs = vault_inputs()
    identifier, outputs = azure.create(VAULT, inputs)
    names = {"resourceGroupName": group, "vaultName": inputs["vaultName"]}
    assert azure.invoke("azure-native:keyvault:getVault", **names) == {**outputs, "id": identifier}
    assert azure.invoke("azure-native:resources:getResourceGroup", resourceGroupName=group)["location"] == "westeurope"
    missing = {**names, "vaultName": "kv-none"}
    error = error_of(lambda: azure.invoke("azure-native:keyvault:getVault", **missing))
    assert error.startswith('Status=404 Code="ResourceNotFound" Message="The Resource')


def test_a_token_of_the_caller_is_for_arm_or_for_who_is_named(azure: Any):
    for arguments, audience in (({}, "https://management.azure.com"), ({"endpoint": GRAPH}, GRAPH)):
        token = azure.invoke("azure-native:authorization:getClientToken", **arguments)["token"]
        assert jwt.decode(token, options={"verify_signature": False})["aud"] == audience


def test_a_private_endpoint_and_all_around_it_are_kept_as_arm_has_them(
    azure: Any, cloud: Running, group: str, vault_inputs: Inputs
):
    vault, _ = azure.create(VAULT, vault_inputs())
    within = {"resourceGroupName": group}
    network, _ = azure.create(
        "azure-native:network:VirtualNetwork",
        {**within, "virtualNetworkName": "vnet", "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
    )
    prefix = {"subnetName": "endpoints", "addressPrefix": "10.0.1.0/24"}
    subnet, _ = azure.create("azure-native:network:Subnet", {**within, "virtualNetworkName": "vnet", **prefix})
    zone, _ = azure.create(
        "azure-native:privatedns:PrivateZone",
        {**within, "privateZoneName": "privatelink.vaultcore.azure.net", "location": "Global"},
    )
    link = {"virtualNetworkLinkName": "vnet", "location": "Global", "virtualNetwork": {"id": network}}
    azure.create(
        "azure-native:privatedns:VirtualNetworkLink",
        {**within, "privateZoneName": "privatelink.vaultcore.azure.net", "registrationEnabled": False, **link},
    )
    connection = {"name": "kv", "privateLinkServiceId": vault, "groupIds": ["vault"]}
    given = {"subnet": {"id": subnet}, "privateLinkServiceConnections": [connection]}
    endpoint, outputs = azure.create(ENDPOINT, {**within, "privateEndpointName": "pe", **given})
    assert outputs["privateLinkServiceConnections"] == [connection]
    configs = [{"name": "vault", "privateDnsZoneId": zone}]
    zones = {**within, "privateEndpointName": "pe", "privateDnsZoneGroupName": "default"}
    made, outputs = azure.create(
        "azure-native:network:PrivateDnsZoneGroup", {**zones, "privateDnsZoneConfigs": configs}
    )
    assert (made, outputs["privateDnsZoneConfigs"]) == (f"{endpoint}/privateDnsZoneGroups/default", configs)
    body = cloud.cloud.store.get("arm", endpoint.lower()) or {}
    folded = {"privateLinkServiceId": vault, "groupIds": ["vault"]}
    assert body["properties"]["privateLinkServiceConnections"] == [{"name": "kv", "properties": folded}]
    known = azure.invoke("azure-native:network:getVirtualNetwork", **within, virtualNetworkName="vnet")["subnets"]
    assert [(each["name"], each["addressPrefix"]) for each in known] == [("endpoints", "10.0.1.0/24")]


def test_a_managed_identity_and_its_credential_have_azures_ids(azure: Any, cloud: Running, group: str):
    within = {"resourceGroupName": group, "resourceName": "id-shop"}
    identity, made = azure.create("azure-native:managedidentity:UserAssignedIdentity", within)
    assert (cloud.cloud.store.get("servicePrincipal", made["principalId"]) or {})["appId"] == made["clientId"]
    trust = {"issuer": "https://gitlab.com", "subject": "s", "audiences": ["https://gitlab.com"]}
    given = {**within, "federatedIdentityCredentialResourceName": "main", **trust}
    credential, _ = azure.create("azure-native:managedidentity:FederatedIdentityCredential", given)
    assert credential == f"{identity}/federatedIdentityCredentials/main"
    written = unpack(azure.check("azure-native:managedidentity:FederatedIdentityCredential", given).inputs)
    assert azure.imported("azure-native:managedidentity:FederatedIdentityCredential", credential) == written


def test_a_secrets_value_goes_in_and_never_comes_out(azure: Any, group: str, vault_inputs: Inputs):
    vault = vault_inputs()
    azure.create(VAULT, vault)
    inputs = {
        "resourceGroupName": group,
        "vaultName": vault["vaultName"],
        "secretName": "canary",
        "properties": {"value": "canary-value"},
    }
    identifier, outputs = azure.create(SECRET, inputs)
    read = azure.read(SECRET, identifier, inputs, outputs)
    assert "canary-value" not in f"{outputs}{unpack(read.properties)}"
    assert unpack(read.inputs)["properties"]["value"] == "canary-value"
    azure.delete(SECRET, identifier)
    assert azure.read(SECRET, identifier, inputs, outputs).id == ""


def test_a_kept_resource_lives_at_its_scope(azure: Any, cloud: Running, group: str):
    scope = f"/subscriptions/{cloud.cloud.subscription}/resourceGroups/{group}"
    inputs = {"scope": scope, "lockName": "keep", "level": "CanNotDelete", "notes": "a vault of many"}
    identifier, outputs = azure.create(LOCK, inputs)
    assert identifier == f"{scope}/providers/Microsoft.Authorization/locks/keep"
    assert (outputs["level"], outputs["notes"]) == ("CanNotDelete", "a vault of many")
    adopted = unpack(azure.read(LOCK, identifier, {}, {}).inputs)
    assert adopted == {**inputs, "azureApiVersion": "2020-05-01"}
    azure.delete(LOCK, identifier)
