"""The vault's data plane: challenge, roles, secrets and their versions."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient

Refused = Callable[[requests.Response, int, str], str]
NewVault = Callable[..., str]
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
KEY_VAULT_READER = "21090545-7ca7-4776-b22c-e363652d74d2"
VALUE = "hunter2-never-shown"


@pytest.fixture
def vault(new_vault: NewVault) -> str:
    """The ARM id of a vault in RBAC mode."""
    return new_vault()


def name_of(vault: str) -> str:
    return vault.rpartition("/")[2]


def inner(answer: requests.Response) -> str:
    return answer.json()["error"]["innererror"]["code"]


def test_the_vendors_client_sets_reads_lists_updates_and_deletes(environment: dict[str, str], vault: str) -> None:
    credential = ClientSecretCredential(
        environment["AZURE_TENANT_ID"], environment["AZURE_CLIENT_ID"], environment["AZURE_CLIENT_SECRET"]
    )
    url = f"https://{name_of(vault)}.vault.azure.net"
    with credential, SecretClient(url, credential) as client:
        first = client.set_secret("db", "one", content_type="text/plain", tags={"a": "b"})
        second = client.set_secret("db", "two")
        assert re.fullmatch("[0-9a-f]{32}", str(first.properties.version))
        assert second.id == f"{url}/secrets/db/{second.properties.version}"
        assert (client.get_secret("db").value, client.get_secret("db", first.properties.version).value) == (
            "two",
            "one",
        )
        assert client.get_secret("DB").value == "two"
        client.set_secret("api", "three")
        assert [each.id for each in client.list_properties_of_secrets()] == [f"{url}/secrets/api", f"{url}/secrets/db"]
        versions = client.list_properties_of_secret_versions("db")
        assert [each.version for each in versions] == [first.properties.version, second.properties.version]
        updated = client.update_secret_properties("db", first.properties.version, enabled=False, tags={"c": "d"})
        assert (updated.enabled, updated.tags, updated.content_type) == (False, {"c": "d"}, "text/plain")
        with pytest.raises(HttpResponseError, match="Operation get is not allowed on a disabled secret"):
            client.get_secret("db", first.properties.version)
        assert client.begin_delete_secret("db").result().name == "db"
        with pytest.raises(ResourceNotFoundError, match="SecretNotFound"):
            client.get_secret("db")


def test_a_request_without_a_token_gets_the_challenge(
    azure: Any, http: requests.Session, vault: str, refused: Refused
) -> None:
    answer = http.get(f"https://{name_of(vault)}.vault.azure.net/secrets/a/?api-version=2025-07-01", timeout=10)
    message = refused(answer, 401, "Unauthorized")
    assert message == "AKV10000: Request is missing a Bearer or PoP token."
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer authorization="https://login.windows.net/{azure.cloud.tenant}", resource="https://vault.azure.net"'
    )


def test_a_token_for_another_audience_is_refused(azure: Any, vault: str, refused: Refused) -> None:
    answer = azure.asking_for("https://graph.microsoft.com").vault(name_of(vault), "GET", "/secrets/a")
    assert refused(answer, 401, "Unauthorized") == (
        "AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://graph.microsoft.com."
    )


def test_the_empty_version_is_the_newest(azure: Any, vault: str) -> None:
    name = name_of(vault)
    for value in ("one", "two"):
        azure.vault(name, "PUT", "/secrets/a", {"value": value})
    for path in ("/secrets/a", "/secrets/a/"):
        assert azure.vault(name, "GET", path).json()["value"] == "two"


def test_expired_and_not_yet_valid_secrets_are_returned(azure: Any, vault: str) -> None:
    name = name_of(vault)
    for attributes in ({"exp": 1}, {"nbf": 4_000_000_000}):
        azure.vault(name, "PUT", "/secrets/a", {"value": VALUE, "attributes": attributes})
        read = azure.vault(name, "GET", "/secrets/a")
        assert (read.status_code, read.json()["value"]) == (200, VALUE)
        assert attributes.items() <= read.json()["attributes"].items()


def test_a_disabled_newest_version_is_refused(azure: Any, vault: str, refused: Refused) -> None:
    name = name_of(vault)
    azure.vault(name, "PUT", "/secrets/a", {"value": VALUE})
    assert azure.vault(name, "PATCH", "/secrets/a/", {"attributes": {"enabled": False}}).status_code == 200
    answer = azure.vault(name, "GET", "/secrets/a")
    assert refused(answer, 403, "Forbidden") == "Operation get is not allowed on a disabled secret."
    assert inner(answer) == "SecretDisabled"
    azure.vault(name, "PATCH", "/secrets/a", {"attributes": {"enabled": True}})
    assert azure.vault(name, "GET", "/secrets/a").json()["value"] == VALUE


def test_a_secret_may_be_set_disabled(azure: Any, vault: str) -> None:
    body = {"value": VALUE, "attributes": {"enabled": False}}
    made = azure.vault(name_of(vault), "PUT", "/secrets/a", body)
    assert (made.status_code, made.json()["attributes"]["enabled"]) == (200, False)


def test_a_missing_secret_and_a_missing_version_are_not_found(azure: Any, vault: str, refused: Refused) -> None:
    name, version = name_of(vault), "0" * 32
    message = refused(azure.vault(name, "GET", "/secrets/a"), 404, "SecretNotFound")
    assert message.startswith("A secret with (name/id) a was not found in this key vault. If you recently deleted")
    azure.vault(name, "PUT", "/secrets/a", {"value": VALUE})
    message = refused(azure.vault(name, "GET", f"/secrets/a/{version}"), 404, "SecretNotFound")
    assert f"(name/id) a/{version} was not found" in message


@pytest.mark.parametrize(
    ("path", "name"), [("a_b", "a_b"), ("a%2Fb", "a/b"), ("a%2Fb/", "a/b"), ("a" * 128, "a" * 128)]
)
def test_a_malformed_name_is_refused(azure: Any, vault: str, refused: Refused, path: str, name: str) -> None:
    message = refused(azure.vault(name_of(vault), "GET", f"/secrets/{path}"), 400, "BadParameter")
    assert message == f"The request URI contains an invalid name: {name}"


def test_a_set_without_a_string_is_refused_without_quoting_it(azure: Any, vault: str, refused: Refused) -> None:
    for body in ({}, {"value": None}, {"value": [VALUE]}):
        answer = azure.vault(name_of(vault), "PUT", "/secrets/a", body)
        assert VALUE not in refused(answer, 400, "BadParameter")


def test_a_body_that_is_not_json_is_refused_without_quoting_it(
    azure: Any, http: requests.Session, vault: str, refused: Refused
) -> None:
    url = f"https://{name_of(vault)}.vault.azure.net/secrets/a?api-version=7.6"
    headers = {"Authorization": f"Bearer {azure.token('https://vault.azure.net')}"}
    answer = http.put(url, f'"{VALUE}"', headers=headers, timeout=10)
    assert VALUE not in refused(answer, 400, "BadParameter")


def test_without_a_role_a_secret_is_forbidden_by_rbac(azure: Any, stranger: Any, vault: str, refused: Refused) -> None:
    name, who = name_of(vault), stranger.principal
    azure.vault(name, "PUT", "/secrets/a", {"value": VALUE})
    answer = stranger.vault(name, "GET", "/secrets/a")
    assert refused(answer, 403, "Forbidden") == (
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
        "definitions were changed recently, please observe propagation time.\r\n"
        f"Caller: appid={who.app_id};oid={who.object_id};iss=https://sts.windows.net/{azure.cloud.tenant}/\r\n"
        "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\n"
        f"Resource: '{vault.lower()}/secrets/a'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\n"
        f"DecisionReason: null \r\nVault: {name};location=westeurope\r\n"
    )
    assert inner(answer) == "ForbiddenByRbac"


def test_whether_a_secret_exists_is_not_told_to_who_may_not_read_it(stranger: Any, vault: str) -> None:
    assert inner(stranger.vault(name_of(vault), "GET", "/secrets/missing")) == "ForbiddenByRbac"


@pytest.mark.parametrize("scope", ["subscription", "group", "vault", "secret"])
def test_a_role_at_any_enclosing_scope_opens_the_secret(
    azure: Any, stranger: Any, group: str, vault: str, scope: str
) -> None:
    name = name_of(vault)
    scopes = {"subscription": azure.subscription, "group": group, "vault": vault, "secret": f"{vault}/secrets/a"}
    azure.vault(name, "PUT", "/secrets/a", {"value": VALUE})
    assert azure.give(SECRETS_USER, scopes[scope], stranger.principal).status_code == 201
    assert stranger.vault(name, "GET", "/secrets/a").json()["value"] == VALUE


def test_a_role_on_one_secret_opens_no_other(azure: Any, stranger: Any, vault: str, new_vault: NewVault) -> None:
    name, other = name_of(vault), name_of(new_vault())
    for each in ("a", "ab"):
        azure.vault(name, "PUT", f"/secrets/{each}", {"value": VALUE})
        azure.vault(other, "PUT", f"/secrets/{each}", {"value": VALUE})
    azure.give(SECRETS_USER, f"{vault}/secrets/a", stranger.principal)
    assert stranger.vault(name, "GET", "/secrets/A").status_code == 200
    assert inner(stranger.vault(name, "GET", "/secrets/ab")) == "ForbiddenByRbac"
    assert inner(stranger.vault(other, "GET", "/secrets/a")) == "ForbiddenByRbac"
    assert inner(stranger.vault(name, "GET", "/secrets")) == "ForbiddenByRbac"


def test_a_taken_role_closes_the_secret(azure: Any, stranger: Any, vault: str) -> None:
    name = name_of(vault)
    azure.vault(name, "PUT", "/secrets/a", {"value": VALUE})
    given = azure.give(SECRETS_USER, vault, stranger.principal).json()
    assert stranger.vault(name, "GET", "/secrets/a").status_code == 200
    azure.arm("DELETE", given["id"])
    assert inner(stranger.vault(name, "GET", "/secrets/a")) == "ForbiddenByRbac"


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (SECRETS_USER, {"get", "list", "versions"}),
        (KEY_VAULT_READER, {"list", "versions"}),
        (SECRETS_OFFICER, {"get", "list", "versions", "set", "update", "delete"}),
    ],
)
def test_a_role_permits_its_operations_and_no_others(
    azure: Any, stranger: Any, vault: str, role: str, allowed: set[str]
) -> None:
    name = name_of(vault)
    azure.vault(name, "PUT", "/secrets/a", {"value": VALUE})
    azure.give(role, vault, stranger.principal)
    asked = {
        "get": stranger.vault(name, "GET", "/secrets/a"),
        "list": stranger.vault(name, "GET", "/secrets"),
        "versions": stranger.vault(name, "GET", "/secrets/a/versions"),
        "set": stranger.vault(name, "PUT", "/secrets/a", {"value": VALUE}),
        "update": stranger.vault(name, "PATCH", "/secrets/a", {"tags": {}}),
        "delete": stranger.vault(name, "DELETE", "/secrets/a"),
    }
    assert {operation for operation, answer in asked.items() if answer.status_code == 200} == allowed
    assert all(inner(answer) == "ForbiddenByRbac" for key, answer in asked.items() if key not in allowed)


def test_lists_and_updates_never_show_a_value(azure: Any, vault: str) -> None:
    name = name_of(vault)
    azure.vault(name, "PUT", "/secrets/a", {"value": VALUE})
    for method, path, body in (
        ("GET", "/secrets", None),
        ("GET", "/secrets/a/versions", None),
        ("PATCH", "/secrets/a", {"tags": {"x": "y"}}),
        ("DELETE", "/secrets/a", None),
    ):
        answer = azure.vault(name, method, path, body)
        assert answer.status_code == 200
        assert VALUE not in answer.text


def test_a_vault_with_access_policies_decides_by_them(azure: Any, stranger: Any, new_vault: NewVault) -> None:
    policy = {
        "tenantId": azure.cloud.tenant,
        "objectId": azure.principal.object_id,
        "permissions": {"secrets": ["Get", "set"]},
    }
    vault = new_vault(enableRbacAuthorization=False, accessPolicies=[policy])
    name = name_of(vault)
    assert azure.vault(name, "PUT", "/secrets/a", {"value": VALUE}).status_code == 200
    assert azure.vault(name, "GET", "/secrets/a").json()["value"] == VALUE
    assert inner(azure.vault(name, "GET", "/secrets")) == "AccessDenied"
    azure.give(SECRETS_USER, vault, stranger.principal)
    answer = stranger.vault(name, "GET", "/secrets/a")
    assert inner(answer) == "AccessDenied"
    assert f"does not have secrets get permission on key vault '{name};location=" in answer.json()["error"]["message"]


def test_a_vault_that_is_not_there_is_not_found(azure: Any, refused: Refused) -> None:
    refused(azure.vault(f"kv-{uuid.uuid4().hex[:8]}", "GET", "/secrets/a"), 404, "VaultNotFound")


def test_keys_and_certificates_are_not_played(azure: Any, vault: str) -> None:
    for path in ("/keys/a", "/certificates", "/deletedsecrets", "/secrets/a/b/c"):
        assert azure.vault(name_of(vault), "GET", path).status_code == 501
