"""Role definitions and role assignments, as the vendor's client, az and azure-native ask for them."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.authorization import AuthorizationManagementClient

Refused = Callable[[requests.Response, int, str], str]
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions"
ASSIGNMENTS = "/providers/Microsoft.Authorization/roleAssignments"


def body(role: str, principal: str, **more: Any) -> dict[str, Any]:
    return {"properties": {"roleDefinitionId": f"{DEFINITIONS}/{role}", "principalId": principal, **more}}


def test_the_vendors_client_finds_a_role_and_assigns_it(
    azure: Any, environment: dict[str, str], group: str, application: Callable[..., Any]
) -> None:
    credential = ClientSecretCredential(
        environment["AZURE_TENANT_ID"], environment["AZURE_CLIENT_ID"], environment["AZURE_CLIENT_SECRET"]
    )
    subscription, name = environment["AZURE_SUBSCRIPTION_ID"], str(uuid.uuid4())
    principal = application().principal_id
    client: Any  # its types are a union over every api-version
    with credential, AuthorizationManagementClient(credential, subscription) as client:
        [role] = client.role_definitions.list(group, filter="roleName eq 'Key Vault Secrets User'")
        assert role.id == f"/subscriptions/{subscription}{DEFINITIONS}/{SECRETS_USER}"
        assert role.permissions[0].data_actions == [
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ]
        given: Any = {"role_definition_id": role.id, "principal_id": principal, "principal_type": "ServicePrincipal"}
        made = client.role_assignments.create(group, name, given)
        assert (made.scope, made.principal_type, made.role_definition_id) == (group, "ServicePrincipal", role.id)
        assert client.role_assignments.create(group, name, given).id == made.id
        assert client.role_assignments.get_by_id(made.id).name == name
        found = client.role_assignments.list_for_scope(group, filter=f"principalId eq '{principal}'")
        assert [each.id for each in found] == [made.id]
        with pytest.raises(HttpResponseError, match="RoleAssignmentExists"):
            client.role_assignments.create(group, str(uuid.uuid4()), given)
        assert client.role_assignments.delete(group, name).id == made.id
        assert list(client.role_assignments.list_for_scope(group, filter=f"assignedTo('{principal}')")) == []
    assert azure.arm("DELETE", f"{group}{ASSIGNMENTS}/{name}").status_code == 204


def test_an_assignment_made_again_under_another_name_is_refused(
    azure: Any, group: str, application: Callable[..., Any], refused: Refused
) -> None:
    principal, name = application().principal_id, str(uuid.uuid4())
    assert azure.arm("PUT", f"{group}{ASSIGNMENTS}/{name}", body(READER, principal)).status_code == 201
    again = azure.arm("PUT", f"{group}{ASSIGNMENTS}/{uuid.uuid4()}", body(READER, principal))
    assert refused(again, 409, "RoleAssignmentExists") == (
        f"The role assignment already exists. The ID of the existing role assignment is {name.replace('-', '')}."
    )
    below = f"{group}/providers/Microsoft.Foo/bars/a"
    azure.arm("PUT", below, {})
    assert azure.arm("PUT", f"{below}{ASSIGNMENTS}/{uuid.uuid4()}", body(READER, principal)).status_code == 201


def test_an_assignment_keeps_its_principal_and_role(
    azure: Any, group: str, application: Callable[..., Any], refused: Refused
) -> None:
    path, principal = f"{group}{ASSIGNMENTS}/{uuid.uuid4()}", application().principal_id
    azure.arm("PUT", path, body(READER, principal))
    for changed in (body(READER, application().principal_id), body(OWNER, principal)):
        refused(azure.arm("PUT", path, changed), 400, "RoleAssignmentUpdateNotPermitted")
    assert azure.arm("PUT", path, body(READER, principal, description="d")).status_code == 200
    assert azure.arm("GET", path).json()["properties"]["description"] == "d"


def test_a_principal_that_is_not_there_is_refused_unless_its_type_is_named(
    azure: Any, group: str, refused: Refused
) -> None:
    unknown = str(uuid.uuid4())
    message = refused(
        azure.arm("PUT", f"{group}{ASSIGNMENTS}/{uuid.uuid4()}", body(READER, unknown)), 400, "PrincipalNotFound"
    )
    directory = azure.cloud.tenant
    assert message.startswith(f"Principal {unknown.replace('-', '')} does not exist in the directory {directory}.")
    named = body(READER, unknown, principalType="ServicePrincipal")
    assert azure.arm("PUT", f"{group}{ASSIGNMENTS}/{uuid.uuid4()}", named).status_code == 201


def test_an_applications_id_is_not_its_principals(
    azure: Any, group: str, application: Callable[..., Any], refused: Refused
) -> None:
    created = application()
    for wrong in (created.object_id, created.app_id):
        answer = azure.arm("PUT", f"{group}{ASSIGNMENTS}/{uuid.uuid4()}", body(READER, wrong))
        refused(answer, 400, "PrincipalNotFound")


def test_a_principal_of_another_type_than_named_is_refused(
    azure: Any, group: str, application: Callable[..., Any], refused: Refused
) -> None:
    given = body(READER, application().principal_id, principalType="User")
    refused(azure.arm("PUT", f"{group}{ASSIGNMENTS}/{uuid.uuid4()}", given), 400, "UnmatchedPrincipalType")


def test_a_name_that_is_no_guid_and_a_role_that_is_none_are_refused(
    azure: Any, group: str, application: Callable[..., Any], refused: Refused
) -> None:
    principal = application().principal_id
    answer = azure.arm("PUT", f"{group}{ASSIGNMENTS}/reader", body(READER, principal))
    refused(answer, 400, "InvalidRoleAssignmentId")
    answer = azure.arm("PUT", f"{group}{ASSIGNMENTS}/{uuid.uuid4()}", body(str(uuid.uuid4()), principal))
    refused(answer, 404, "RoleDefinitionDoesNotExist")
    refused(azure.arm("GET", f"{group}{ASSIGNMENTS}/{uuid.uuid4()}"), 404, "RoleAssignmentNotFound")


def test_a_list_at_scope_leaves_out_what_lies_below(azure: Any, group: str, application: Callable[..., Any]) -> None:
    principal, below = application().principal_id, f"{group}/providers/Microsoft.Foo/bars/a"
    azure.arm("PUT", below, {})
    here = azure.give(READER, group, _principal(azure, principal)).json()["id"]
    there = azure.give(READER, below, _principal(azure, principal)).json()["id"]
    mine = f"assignedTo('{principal}')"

    def listed(scope: str, wanted: str) -> list[str]:
        return [each["id"] for each in azure.arm("GET", f"{scope}{ASSIGNMENTS}", filter=wanted).json()["value"]]

    assert listed(group, mine) == [here, there]
    assert listed(group, f"atScope() and {mine}") == [here]
    assert listed(below, f"atScope() and {mine}") == [here, there]
    assert listed(azure.subscription, f"atScope() and {mine}") == []


def _principal(azure: Any, object_id: str) -> Any:
    return type(azure.principal)("", object_id)


def test_a_caller_learns_what_it_may_do_at_a_scope(azure: Any, stranger: Any, group: str, refused: Refused) -> None:
    path = f"{group}/providers/Microsoft.Authorization/permissions"
    refused(stranger.arm("GET", path), 403, "AuthorizationFailed")
    azure.give(READER, group, stranger.principal)
    azure.give(SECRETS_USER, group, stranger.principal)
    first, second = stranger.arm("GET", path).json()["value"]
    assert (first["actions"], first["notActions"]) == (["*/read"], [])
    assert (second["actions"], second["dataActions"][0]) == ([], "Microsoft.KeyVault/vaults/secrets/getSecret/action")
    everything = azure.arm("GET", path).json()["value"]
    assert "*" in [action for granted in everything for action in granted["actions"]]


def test_a_role_definition_is_read_at_any_scope_and_at_none(azure: Any, stranger: Any, group: str) -> None:
    for scope in (group, azure.subscription, ""):
        read = azure.arm("GET", f"{scope}{DEFINITIONS}/{OWNER}").json()
        assert read["properties"]["roleName"] == "Owner"
    assert read["id"] == f"{DEFINITIONS}/{OWNER}"
    assert stranger.arm("GET", f"{DEFINITIONS}/{OWNER}").status_code == 200


def test_custom_roles_are_not_played(azure: Any, group: str) -> None:
    assert azure.arm("PUT", f"{group}{DEFINITIONS}/{uuid.uuid4()}", {}).status_code == 501
