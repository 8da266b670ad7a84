"""The providers as the engine calls them: the installed executables over gRPC, against the running rehearsal."""

import contextlib
import importlib.metadata
import os
import subprocess
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.plugins.install import install
from rehearsal.plugins.values import UNKNOWN, Properties, pack, unpack, with_value
from rehearsal.server import Running

Answer = TypeVar("Answer", bound=Message)
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
APPLICATION = "azuread:index/application:Application"
PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"
CREDENTIAL = "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


@dataclass
class Plugin:
    """A provider's process and the calls of the engine to it."""

    channel: grpc.Channel

    def call(self, rpc: str, request: Message, answer: type[Answer]) -> Answer:
        method: Callable[..., Answer] = self.channel.unary_unary(
            f"/pulumirpc.ResourceProvider/{rpc}", type(request).SerializeToString, answer.FromString
        )
        return method(request, timeout=20)

    def check(self, token: str, news: Properties, olds: Properties | None = None) -> pb.CheckResponse:
        request = pb.CheckRequest(urn=urn(token), olds=pack(olds or {}), news=pack(news), randomSeed=os.urandom(16))
        return self.call("Check", request, pb.CheckResponse)

    def create(self, token: str, news: Properties, *, preview: bool = False) -> tuple[str, Properties]:
        inputs = self.check(token, news).inputs
        answer = self.call(
            "Create", pb.CreateRequest(urn=urn(token), properties=inputs, preview=preview), pb.CreateResponse
        )
        return answer.id, unpack(answer.properties)

    def read(self, token: str, identifier: str, inputs: Properties, outputs: Properties) -> pb.ReadResponse:
        request = pb.ReadRequest(id=identifier, urn=urn(token), inputs=pack(inputs), properties=pack(outputs))
        return self.call("Read", request, pb.ReadResponse)

    def update(self, token: str, identifier: str, olds: Properties, news: Properties) -> Properties:
        request = pb.UpdateRequest(id=identifier, urn=urn(token), news=pack(news), old_inputs=pack(olds))
        return unpack(self.call("Update", request, pb.UpdateResponse).properties)

    def delete(self, token: str, identifier: str) -> None:
        self.call("Delete", pb.DeleteRequest(id=identifier, urn=urn(token)), Empty)


def urn(token: str) -> str:
    return f"urn:pulumi:dev::tests::{token}::thing"


@contextlib.contextmanager
def started(name: str, environment: dict[str, str], **changed: str) -> Generator[Plugin]:
    home = Path(environment["PULUMI_HOME"])
    install(home)
    executable = next(home.glob(f"plugins/resource-{name}-v*/pulumi-resource-{name}"))
    process = subprocess.Popen([executable], env=environment | changed, cwd="/", stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process, grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
        plugin = Plugin(channel)
        try:
            plugin.call("Configure", pb.ConfigureRequest(), pb.ConfigureResponse)
            yield plugin
        finally:
            process.kill()


@pytest.fixture(scope="module")
def azure(cloud: Running) -> Generator[Plugin]:
    with started("azure-native", cloud.environment) as plugin:
        yield plugin


@pytest.fixture(scope="module")
def entra(cloud: Running) -> Generator[Plugin]:
    with started("azuread", cloud.environment) as plugin:
        yield plugin


@pytest.fixture(scope="module")
def group(azure: Plugin) -> str:
    name = f"rg-{uuid.uuid4().hex[:8]}"
    azure.create(GROUP, {"resourceGroupName": name, "location": "westeurope"})
    return name


def vault_inputs(cloud: Running, group: str, **properties: Any) -> Properties:
    sku = {"family": "A", "name": "standard"}
    return {
        "resourceGroupName": group,
        "vaultName": f"kv-{uuid.uuid4().hex[:8]}",
        "properties": {"tenantId": cloud.cloud.tenant, "sku": sku, "enableRbacAuthorization": True, **properties},
    }


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as refused:
        call()
    return refused.value.details() or ""


def test_a_provider_has_the_version_of_the_installed_sdk(entra: Plugin):
    version = entra.call("GetPluginInfo", Empty(), plugin_pb2.PluginInfo).version
    assert version == importlib.metadata.version("pulumi-azuread")


def test_a_preview_knows_the_inputs_and_neither_id_nor_name_nor_url(azure: Plugin, cloud: Running, group: str):
    identifier, planned = azure.create(VAULT, vault_inputs(cloud, group), preview=True)
    assert identifier == ""
    assert "name" not in planned
    assert planned["properties"]["enableRbacAuthorization"] is True
    assert planned["properties"]["vaultUri"] == UNKNOWN


def test_a_preview_of_an_update_keeps_what_the_service_said(azure: Plugin):
    olds = {"name": "kv", "properties": {"vaultUri": "https://kv.vault.azure.net/", "softDeleteRetentionInDays": 7}}
    news = {"properties": {"softDeleteRetentionInDays": 90}}
    request = pb.UpdateRequest(urn=urn(VAULT), olds=pack(olds), news=pack(news), preview=True)
    planned = unpack(azure.call("Update", request, pb.UpdateResponse).properties)
    assert planned["name"] == "kv"
    assert planned["properties"] == {"vaultUri": "https://kv.vault.azure.net/", "softDeleteRetentionInDays": 90}


def test_a_location_left_out_is_the_groups(azure: Plugin, cloud: Running, group: str):
    inputs = unpack(azure.check(VAULT, vault_inputs(cloud, group)).inputs)
    assert inputs["location"] == "westeurope"
    unknown = unpack(azure.check(VAULT, vault_inputs(cloud, UNKNOWN)).inputs)
    assert "location" not in unknown


def test_a_change_of_scope_replaces_a_role_assignment_of_a_given_name_after_deleting_it(azure: Plugin):
    olds = {"scope": "/subscriptions/s", "roleAssignmentName": "n", "principalType": "User"}
    request = pb.DiffRequest(urn=urn(ROLE), old_inputs=pack(olds), news=pack({**olds, "scope": "/subscriptions/t"}))
    answer = azure.call("Diff", request, pb.DiffResponse)
    assert (answer.changes, list(answer.replaces)) == (pb.DiffResponse.DIFF_SOME, ["scope"])
    assert answer.deleteBeforeReplace
    assert answer.detailedDiff["scope"].kind == pb.PropertyDiff.UPDATE_REPLACE


def test_a_replacement_of_a_made_name_comes_before_the_deletion_and_ignored_changes_are_none(azure: Plugin):
    olds = {"scope": "/subscriptions/s", "roleAssignmentName": "n", "__createBeforeDelete": True}
    request = pb.DiffRequest(urn=urn(ROLE), old_inputs=pack(olds), news=pack({**olds, "roleAssignmentName": "m"}))
    assert not azure.call("Diff", request, pb.DiffResponse).deleteBeforeReplace
    request.ignoreChanges.append("roleAssignmentName")
    assert azure.call("Diff", request, pb.DiffResponse).changes == pb.DiffResponse.DIFF_NONE


def test_what_exists_is_not_created_again(azure: Plugin, cloud: Running, group: str):
    error = error_of(lambda: azure.create(GROUP, {"resourceGroupName": group, "location": "westeurope"}))
    identifier = f"/subscriptions/{cloud.cloud.subscription}/resourceGroups/{group}"
    assert error == f"cannot create already existing resource '{identifier}'"


def test_a_refused_creation_reads_as_azure_native_prints_it(azure: Plugin, cloud: Running):
    error = error_of(lambda: azure.create(VAULT, {**vault_inputs(cloud, "rg-none"), "location": "westeurope"}))
    assert 'Status=404 Code="ResourceGroupNotFound" Message="Resource group \'rg-none\' could not be found' in error
    assert "Traceback" not in error


def test_a_vault_is_read_updated_and_deleted(azure: Plugin, cloud: Running, group: str):
    inputs = vault_inputs(cloud, group)
    identifier, outputs = azure.create(VAULT, inputs)
    assert outputs["properties"]["vaultUri"] == f"https://{inputs['vaultName']}.vault.azure.net/"
    assert unpack(azure.read(VAULT, identifier, inputs, outputs).inputs) == inputs
    updated = azure.update(VAULT, identifier, inputs, {**inputs, "location": "westeurope", "tags": {"a": "b"}})
    assert updated["tags"] == {"a": "b"}
    azure.delete(VAULT, identifier)
    azure.delete(VAULT, identifier)
    assert azure.read(VAULT, identifier, inputs, outputs).id == ""


def test_an_update_leaves_access_policies_alone_that_the_program_does_not_name(
    azure: Plugin, cloud: Running, group: str
):
    rights = {"secrets": ["get"]}
    policy = {"tenantId": cloud.cloud.tenant, "objectId": str(uuid.uuid4()), "permissions": rights}
    inputs = {**vault_inputs(cloud, group, accessPolicies=[policy]), "location": "westeurope"}
    identifier, _ = azure.create(VAULT, inputs)
    silent = with_value(inputs, "properties.accessPolicies", None)
    updated = azure.update(VAULT, identifier, inputs, {**silent, "tags": {"a": "b"}})
    assert updated["properties"]["accessPolicies"] == [policy]


def test_an_import_gives_the_inputs_that_make_such_a_vault(azure: Plugin, cloud: Running, group: str):
    inputs = vault_inputs(cloud, group, softDeleteRetentionInDays=7)
    identifier, _ = azure.create(VAULT, inputs)
    adopted = unpack(azure.read(VAULT, identifier, {}, {}).inputs)
    assert (adopted["vaultName"], adopted["resourceGroupName"]) == (inputs["vaultName"], group)
    assert adopted["properties"].items() >= inputs["properties"].items()
    assert "vaultUri" not in adopted["properties"]
    told = error_of(lambda: azure.read("azure-native:resources:ResourceGroup", identifier, {}, {}))
    assert told.startswith(f"'{identifier}' is not of the form /subscriptions/")


def test_a_secrets_value_goes_in_and_never_comes_out(azure: Plugin, cloud: Running, group: str):
    vault = vault_inputs(cloud, group)
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


def test_a_kept_resource_lives_at_its_scope(azure: Plugin, cloud: Running, group: str):
    scope = f"/subscriptions/{cloud.cloud.subscription}/resourceGroups/{group}"
    inputs = {"scope": scope, "lockName": "keep", "level": "CanNotDelete", "notes": "a vault of many"}
    identifier, outputs = azure.create(LOCK, inputs)
    assert identifier == f"{scope}/providers/Microsoft.Authorization/locks/keep"
    assert (outputs["level"], outputs["notes"]) == ("CanNotDelete", "a vault of many")
    adopted = unpack(azure.read(LOCK, identifier, {}, {}).inputs)
    assert adopted == {**inputs, "azureApiVersion": "2020-05-01"}
    azure.delete(LOCK, identifier)


def test_functions_tell_who_deploys(azure: Plugin, entra: Plugin, cloud: Running):
    for plugin, token in (
        (azure, "azure-native:authorization:getClientConfig"),
        (entra, "azuread:index/getClientConfig:getClientConfig"),
    ):
        answer = plugin.call("Invoke", pb.InvokeRequest(tok=token), pb.InvokeResponse)
        who = unpack(getattr(answer, "return"))
        assert who["tenantId"] == cloud.cloud.tenant
        assert who["clientId"] == cloud.environment["AZURE_CLIENT_ID"]
        assert cloud.cloud.store.get("servicePrincipal", who["objectId"])


def test_what_is_not_played_is_said_by_name(azure: Plugin, entra: Plugin):
    assert "does not play azure-native:sql:Server" in error_of(lambda: azure.check("azure-native:sql:Server", {}))
    answer = entra.check(APPLICATION, {"displayName": "a", "featureTags": [{"hide": True}]})
    assert "does not play the input featureTags" in answer.failures[0].reason


def test_a_fault_of_the_provider_is_a_sentence_without_values(azure: Plugin):
    inputs = pack({"scope": ["canary"], "lockName": "keep"})
    request = pb.CreateRequest(urn=urn(LOCK), properties=inputs)
    error = error_of(lambda: azure.call("Create", request, pb.CreateResponse))
    assert error == "the rehearsal's provider failed: AttributeError in Create"


def test_a_wrong_client_secret_is_told_in_entras_words(cloud: Running):
    with started("azure-native", cloud.environment, ARM_CLIENT_SECRET="wrong") as plugin:
        error = error_of(lambda: plugin.read(GROUP, "/subscriptions/s/resourceGroups/g", {}, {}))
    assert 'Code="invalid_client" Message="AADSTS7000215: ' in error


def test_a_missing_setting_is_named(cloud: Running):
    without = {k: v for k, v in cloud.environment.items() if not k.endswith("_CLIENT_SECRET")}
    with pytest.raises(grpc.RpcError, match="Set AZURE_CLIENT_SECRET"), started("azuread", without):
        pass


def test_a_service_out_of_reach_is_one_sentence(cloud: Running):
    with started(
        "azuread", cloud.environment, HTTPS_PROXY="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9"
    ) as it:
        error = error_of(lambda: it.read(APPLICATION, "/applications/a", {}, {}))
    assert error.startswith("POST https://login.microsoftonline.com/")
    assert "Traceback" not in error


def test_an_application_its_principal_and_a_credential_live_with_azureads_ids(entra: Plugin, cloud: Running):
    application, made = entra.create(APPLICATION, {"displayName": "shop", "tags": ["a"]})
    assert application == f"/applications/{made['objectId']}"
    assert made["owners"] == []
    principal, outputs = entra.create(PRINCIPAL, {"clientId": made["clientId"]})
    assert principal == f"/servicePrincipals/{outputs['objectId']}"
    subject = "project_path:acme/shop:ref_type:branch:ref:main"
    trust = {"issuer": "https://gitlab.com", "audiences": ["https://gitlab.com"], "subject": subject}
    inputs = {"applicationId": application, "displayName": "main", **trust}
    credential, outputs = entra.create(CREDENTIAL, inputs)
    assert credential == f"{made['objectId']}/federatedIdentityCredential/{outputs['credentialId']}"
    assert unpack(entra.read(CREDENTIAL, credential, {}, {}).inputs) == inputs
    entra.update(CREDENTIAL, credential, inputs, {**inputs, "subject": "other"})
    stored = cloud.cloud.store.get("fic", f"{made['objectId']}/{outputs['credentialId']}")
    assert stored is not None
    assert stored["subject"] == "other"
    for token, identifier in ((CREDENTIAL, credential), (PRINCIPAL, principal), (APPLICATION, application)):
        entra.delete(token, identifier)
        assert entra.read(token, identifier, {}, {}).id == ""


def test_drift_shows_in_the_inputs_and_nothing_else_does(entra: Plugin, cloud: Running):
    inputs = {"displayName": "drifts"}
    identifier, outputs = entra.create(APPLICATION, inputs)
    assert unpack(entra.read(APPLICATION, identifier, inputs, outputs).inputs) == inputs
    stored = cloud.cloud.store.get("application", outputs["objectId"]) or {}
    cloud.cloud.store.put("application", outputs["objectId"], {**stored, "notes": "by hand", "publisherDomain": "x"})
    drifted = unpack(entra.read(APPLICATION, identifier, inputs, outputs).inputs)
    assert drifted == {**inputs, "notes": "by hand"}
    assert "notes" not in entra.update(APPLICATION, identifier, drifted, inputs)


def test_owners_are_those_that_the_program_names(entra: Plugin):
    answer = entra.call(
        "Invoke", pb.InvokeRequest(tok="azuread:index/getClientConfig:getClientConfig"), pb.InvokeResponse
    )
    caller = unpack(getattr(answer, "return"))["objectId"]
    identifier, outputs = entra.create(APPLICATION, {"displayName": "owned", "owners": [caller]})
    assert outputs["owners"] == [caller]
    without = {"displayName": "owned"}
    assert entra.update(APPLICATION, identifier, {**without, "owners": [caller]}, without)["owners"] == []
    assert entra.update(APPLICATION, identifier, without, {**without, "owners": [caller]})["owners"] == [caller]


def test_graphs_refusal_reads_as_azuread_prints_it(entra: Plugin):
    application, _ = entra.create(APPLICATION, {"displayName": "refused"})
    trust = {"issuer": "https://gitlab.com", "audiences": ["https://gitlab.com"]}
    error = error_of(lambda: entra.create(CREDENTIAL, {"applicationId": application, "displayName": "main", **trust}))
    assert error.startswith("unexpected status 400 (400 Bad Request) with error: InvalidFederatedIdentityCredential")
