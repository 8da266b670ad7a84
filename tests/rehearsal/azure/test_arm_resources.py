"""Subscriptions, groups, the generic store, and what every call to ARM must bring."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
from azure.identity import ClientSecretCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from rehearsal.entra.access_token import Principal

Refused = Callable[[requests.Response, int, str], str]
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


def test_the_vendors_client_manages_groups_and_resources(environment: dict[str, str]) -> None:
    credential = ClientSecretCredential(
        environment["AZURE_TENANT_ID"], environment["AZURE_CLIENT_ID"], environment["AZURE_CLIENT_SECRET"]
    )
    name = f"rg-{uuid.uuid4().hex[:8]}"
    with credential, ResourceManagementClient(credential, environment["AZURE_SUBSCRIPTION_ID"]) as client:
        assert not client.resource_groups.check_existence(name)
        made = client.resource_groups.create_or_update(name, {"location": "West Europe", "tags": {"a": "b"}})
        assert (made.location, made.tags) == ("westeurope", {"a": "b"})
        assert client.resource_groups.check_existence(name.upper())
        assert name in [each.name for each in client.resource_groups.list()]
        workspace = f"{made.id}/providers/Microsoft.OperationalInsights/workspaces/logs"
        given: Any = {"location": "westeurope", "properties": {"retentionInDays": 30}}
        client.resources.begin_create_or_update_by_id(workspace, given, api_version="2023-09-01").result()
        assert client.resources.check_existence_by_id(workspace, api_version="2023-09-01")
        client.resource_groups.begin_delete(name).result()
        assert not client.resource_groups.check_existence(name)
        assert not client.resources.check_existence_by_id(workspace, api_version="2023-09-01")


def test_any_other_resource_is_kept_as_it_was_given(azure: Any, group: str, refused: Refused) -> None:
    path = f"{group}/providers/Microsoft.OperationalInsights/workspaces/id"
    body = {"location": "westeurope", "tags": {"a": "b"}, "properties": {"x": 1}}
    assert azure.arm("PUT", path, body).status_code == 201
    assert azure.arm("PUT", path, body).status_code == 200
    assert azure.arm("PATCH", path, {"properties": {"y": 2}}).status_code == 200
    read = azure.arm("GET", path.replace("resourceGroups", "RESOURCEGROUPS")).json()
    assert (read["id"], read["name"], read["type"]) == (path, "id", "Microsoft.OperationalInsights/workspaces")
    assert read["properties"] == {"x": 1, "y": 2, "provisioningState": "Succeeded"}
    assert azure.arm("GET", path.rpartition("/")[0]).json()["value"] == [read]
    assert azure.arm("DELETE", path).status_code == 200
    assert azure.arm("DELETE", path).status_code == 204
    message = refused(azure.arm("GET", path), 404, "ResourceNotFound")
    assert message.startswith("The Resource 'Microsoft.OperationalInsights/workspaces/id' under resource group")


def test_what_lies_in_a_missing_group_or_under_a_missing_resource_is_refused(
    azure: Any, group: str, refused: Refused
) -> None:
    missing = f"{group}-missing"
    name = missing.rpartition("/")[2]
    message = f"Resource group '{name}' could not be found."
    for path in (missing, f"{missing}/providers/Microsoft.KeyVault/vaults/kv-x"):
        assert refused(azure.arm("GET", path), 404, "ResourceGroupNotFound") == message
    child = f"{group}/providers/Microsoft.KeyVault/vaults/kv-missing/secrets/a"
    refused(azure.arm("PUT", child, {"properties": {"value": "x"}}), 404, "ParentResourceNotFound")


def test_a_group_stays_where_it_is_and_needs_a_place(azure: Any, group: str, refused: Refused) -> None:
    refused(azure.arm("PUT", group, {"location": "northeurope"}), 409, "InvalidResourceGroupLocation")
    refused(azure.arm("PUT", group, {}), 400, "LocationRequired")
    assert azure.arm("PUT", group, {"location": "West Europe"}).status_code == 200


def test_deleting_a_group_deletes_its_content_and_soft_deletes_its_vaults(
    azure: Any, group: str, new_vault: Callable[..., str], refused: Refused
) -> None:
    vault = new_vault()
    assert azure.arm("DELETE", group).status_code == 200
    refused(azure.arm("GET", vault), 404, "ResourceGroupNotFound")
    deleted = azure.arm("GET", f"{azure.subscription}/providers/Microsoft.KeyVault/deletedVaults").json()["value"]
    assert vault in [each["properties"]["vaultId"] for each in deleted]


def test_a_subscription_is_listed_for_who_has_a_role_in_it(azure: Any, stranger: Any, group: str) -> None:
    [listed] = azure.arm("GET", "/subscriptions").json()["value"]
    assert (listed["subscriptionId"], listed["state"]) == (azure.cloud.subscription, "Enabled")
    assert stranger.arm("GET", "/subscriptions").json()["value"] == []
    azure.give(READER, group, stranger.principal)
    assert stranger.arm("GET", "/subscriptions").json()["value"] == [listed]


def test_an_unknown_subscription_is_not_found(azure: Any, refused: Refused) -> None:
    refused(azure.arm("GET", f"/subscriptions/{uuid.uuid4()}/resourceGroups"), 404, "SubscriptionNotFound")


def test_every_call_needs_an_api_version(azure: Any, http: requests.Session, refused: Refused) -> None:
    headers = {"Authorization": f"Bearer {azure.token('https://management.azure.com/')}"}
    answer = http.get("https://management.azure.com/subscriptions", headers=headers, timeout=10)
    refused(answer, 400, "MissingApiVersionParameter")


@pytest.mark.parametrize(
    "audience",
    [
        "https://management.azure.com",
        "https://management.azure.com/",
        "https://management.core.windows.net",
        "https://management.core.windows.net/",
    ],
)
def test_each_name_of_arm_is_an_audience(azure: Any, audience: str) -> None:
    assert azure.asking_for(audience).arm("GET", "/subscriptions").status_code == 200


def test_a_token_for_another_audience_is_refused(azure: Any, http: requests.Session, refused: Refused) -> None:
    answer = azure.asking_for("https://vault.azure.net").arm("GET", "/subscriptions")
    message = refused(answer, 401, "InvalidAuthenticationTokenAudience")
    assert "'https://vault.azure.net'" in message
    refused(http.get("https://management.azure.com/subscriptions", timeout=10), 401, "AuthenticationFailed")


def test_without_a_role_every_operation_is_refused_with_its_name_and_scope(
    stranger: Any, group: str, refused: Refused
) -> None:
    path = f"{group}/providers/Microsoft.KeyVault/vaults/kv-x"
    who = stranger.principal
    for method, verb in {"GET": "read", "PUT": "write", "DELETE": "delete"}.items():
        body = {"location": "westeurope"} if method == "PUT" else None
        message = refused(stranger.arm(method, path, body), 403, "AuthorizationFailed")
        assert message == (
            f"The client '{who.app_id}' with object id '{who.object_id}' does not have authorization to perform action "
            f"'Microsoft.KeyVault/vaults/{verb}' over scope '{path}' or the scope is invalid. If access was recently "
            "granted, please refresh your credentials."
        )
    refused(stranger.arm("GET", group), 403, "AuthorizationFailed")


def test_a_role_on_one_group_says_nothing_about_another(
    azure: Any, stranger: Any, group: str, refused: Refused
) -> None:
    azure.give(CONTRIBUTOR, group, stranger.principal)
    assert stranger.arm("PUT", f"{group}/providers/Microsoft.Foo/bars/a", {}).status_code == 201
    other = f"{group}2"
    refused(stranger.arm("PUT", other, {"location": "westeurope"}), 403, "AuthorizationFailed")
    refused(stranger.arm("GET", f"{azure.subscription}/resourceGroups"), 403, "AuthorizationFailed")
    lock = f"{group}/providers/Microsoft.Authorization/locks/keep"
    refused(stranger.arm("PUT", lock, {}), 403, "AuthorizationFailed")


def test_a_call_that_is_not_played_says_so(azure: Any, group: str) -> None:
    answer = azure.arm("POST", f"{group}/providers/Microsoft.Foo/bars/a/listKeys")
    assert answer.status_code == 501
    assert "does not play POST https://management.azure.com" in answer.text
    assert azure.arm("GET", f"{azure.subscription}/providers").status_code == 501


def test_a_body_that_is_not_json_is_refused(azure: Any, http: requests.Session, group: str, refused: Refused) -> None:
    headers = {"Authorization": f"Bearer {azure.token('https://management.azure.com')}"}
    url = f"https://management.azure.com{group}?api-version=2024-03-01"
    refused(http.put(url, "[]", headers=headers, timeout=10), 400, "InvalidRequestContent")


def test_a_principal_of_another_tenants_token_is_refused(azure: Any, refused: Refused) -> None:
    nobody = azure.acting_as(Principal(str(uuid.uuid4()), str(uuid.uuid4())))
    refused(nobody.arm("GET", azure.subscription), 403, "AuthorizationFailed")


def test_a_subscription_has_its_id_in_any_letter_case(azure: Any, group: str) -> None:
    assert azure.arm("GET", group.replace(azure.cloud.subscription, azure.cloud.subscription.upper())).ok


def test_outside_the_subscription_nothing_is_kept_or_shown(azure: Any, stranger: Any, new_vault: Any) -> None:
    new_vault()
    assert azure.arm("PUT", "/", {}).status_code == 501
    assert azure.arm("PUT", "/providers/Microsoft.Foo/bars/b", {}).status_code == 501
    assert stranger.arm("GET", "/providers/Microsoft.KeyVault/vaults").status_code == 403
    assert stranger.arm("GET", "/providers/Microsoft.Authorization/roleAssignments").status_code == 403
