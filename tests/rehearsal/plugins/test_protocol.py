"""What every provider owes the engine, whatever its resources."""

import importlib.metadata
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.plugins.values import UNKNOWN, Properties, pack, unpack
from rehearsal.server import Running

GROUP = "azure-native:resources:ResourceGroup"
VAULT = "azure-native:keyvault:Vault"
ROLE = "azure-native:authorization:RoleAssignment"
LOCK = "azure-native:authorization:ManagementLockByScope"
APPLICATION = "azuread:index/application:Application"
Start = Callable[..., AbstractContextManager[Any]]
Inputs = Callable[..., Properties]
ErrorOf = Callable[[Callable[[], object]], str]


def test_a_provider_has_the_version_of_the_installed_sdk(entra: Any):
    version = entra.call("GetPluginInfo", Empty(), plugin_pb2.PluginInfo).version
    assert version == importlib.metadata.version("pulumi-azuread")


def test_a_preview_knows_the_inputs_and_neither_id_nor_name_nor_url(azure: Any, vault_inputs: Inputs):
    identifier, planned = azure.create(VAULT, vault_inputs(), preview=True)
    assert identifier == ""
    assert "name" not in planned
    assert planned["properties"]["enableRbacAuthorization"] is True
    assert planned["properties"]["vaultUri"] == UNKNOWN


def test_a_preview_of_an_update_keeps_what_the_service_said(azure: Any):
    olds = {"name": "kv", "properties": {"vaultUri": "https://kv.vault.azure.net/", "softDeleteRetentionInDays": 7}}
    news = {"properties": {"softDeleteRetentionInDays": 90}}
    request = pb.UpdateRequest(urn=azure.urn(VAULT), olds=pack(olds), news=pack(news), preview=True)
    planned = unpack(azure.call("Update", request, pb.UpdateResponse).properties)
    assert planned["name"] == "kv"
    assert planned["properties"] == {"vaultUri": "https://kv.vault.azure.net/", "softDeleteRetentionInDays": 90}


def test_a_change_of_scope_replaces_a_role_assignment_of_a_given_name_after_deleting_it(azure: Any):
    olds = {"scope": "/subscriptions/s", "roleAssignmentName": "n", "principalType": "User"}
    answer = azure.diff(ROLE, olds, {**olds, "scope": "/subscriptions/t"})
    assert (answer.changes, list(answer.replaces)) == (pb.DiffResponse.DIFF_SOME, ["scope"])
    assert answer.deleteBeforeReplace
    assert answer.detailedDiff["scope"].kind == pb.PropertyDiff.UPDATE_REPLACE


def test_a_replacement_of_a_made_name_comes_before_the_deletion_and_ignored_changes_are_none(azure: Any):
    olds = {"scope": "/subscriptions/s", "roleAssignmentName": "n", "__createBeforeDelete": True}
    news = {**olds, "roleAssignmentName": "m"}
    assert not azure.diff(ROLE, olds, news).deleteBeforeReplace
    assert azure.diff(ROLE, olds, news, ["roleAssignmentName"]).changes == pb.DiffResponse.DIFF_NONE


def test_functions_tell_who_deploys(azure: Any, entra: Any, cloud: Running):
    for plugin, token in (
        (azure, "azure-native:authorization:getClientConfig"),
        (entra, "azuread:index/getClientConfig:getClientConfig"),
    ):
        who = plugin.invoke(token)
        assert who["tenantId"] == cloud.cloud.tenant
        assert who["clientId"] == cloud.environment["AZURE_CLIENT_ID"]
        assert cloud.cloud.store.get("servicePrincipal", who["objectId"])


def test_what_is_not_played_is_said_by_name(azure: Any, entra: Any, error_of: ErrorOf):
    assert "does not play azure-native:sql:Server" in error_of(lambda: azure.check("azure-native:sql:Server", {}))
    answer = entra.check(APPLICATION, {"displayName": "a", "featureTags": [{"hide": True}]})
    assert "does not play the input featureTags" in answer.failures[0].reason


def test_a_fault_of_the_provider_is_a_sentence_without_values(azure: Any, error_of: ErrorOf):
    inputs = pack({"scope": ["canary"], "lockName": "keep"})
    request = pb.CreateRequest(urn=azure.urn(LOCK), properties=inputs)
    error = error_of(lambda: azure.call("Create", request, pb.CreateResponse))
    assert error == "the rehearsal's provider failed: AttributeError in Create"


def test_a_wrong_client_secret_is_told_in_entras_words(started: Start, cloud: Running, error_of: ErrorOf):
    with started("azure-native", cloud.environment, ARM_CLIENT_SECRET="wrong") as plugin:
        error = error_of(lambda: plugin.read(GROUP, "/subscriptions/s/resourceGroups/g", {}, {}))
    assert 'Code="invalid_client" Message="AADSTS7000215: ' in error


def test_a_missing_setting_is_named(started: Start, cloud: Running):
    without = {k: v for k, v in cloud.environment.items() if not k.endswith("_CLIENT_SECRET")}
    with pytest.raises(grpc.RpcError, match="Set AZURE_CLIENT_SECRET"), started("azuread", without):
        pass


def test_a_service_out_of_reach_is_one_sentence(started: Start, cloud: Running, error_of: ErrorOf):
    with started(
        "azuread", cloud.environment, HTTPS_PROXY="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9"
    ) as it:
        error = error_of(lambda: it.read(APPLICATION, "/applications/a", {}, {}))
    assert error.startswith("POST https://login.microsoftonline.com/")
    assert "Traceback" not in error
