"""Requests that no client should send: they are refused, and whoever comes after them is answered as before."""

import base64
import socket
import ssl
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from rehearsal.server import Running

DEEP = "[" * 10_000 + "]" * 10_000
CREDENTIAL = '"name": "abc", "issuer": "i", "subject": "s", "audiences": '
ROLE = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", "{graph}", '{"displayName": 5}'),
        ("POST", "{graph}", '{"displayName": NaN}'),
        ("POST", "{graph}", '{"displayName": "\\ud800"}'),
        ("POST", "{graph}", f'{{"displayName": "a", "tags": {DEEP}}}'),
        ("POST", "{graph}", '{"displayName": "a", "owners@odata.bind": 5}'),
        ("POST", "{graph}/{application}/federatedIdentityCredentials", f'{{{CREDENTIAL} "x"}}'),
        ("POST", "{graph}/{application}/federatedIdentityCredentials", f"{{{CREDENTIAL} [5]}}"),
        ("PUT", "{arm}{group}x?api-version=2024-03-01", '{"location": {}}'),
        ("PUT", "{arm}{group}x?api-version=2024-03-01", '{"location": "x", "properties": [1]}'),
        ("PATCH", "{arm}{vault}?api-version=2024-11-01", '{"properties": {"softDeleteRetentionInDays": "7"}}'),
        ("PATCH", "{arm}{vault}?api-version=2024-11-01", '{"properties": {"accessPolicies": [5]}}'),
        ("PUT", "{arm}{vault}/secrets/a?api-version=2024-11-01", '{"properties": {"value": "a", "attributes": 5}}'),
        ("PUT", "{arm}{assignment}?api-version=2022-04-01", '{"properties": {"principalId": []}}'),
        ("PUT", "{secrets}/a?api-version=7.6", '{"value": "a", "attributes": {"enabled": "no"}}'),
        ("PUT", "{secrets}/a?api-version=7.6", '{"value": "a", "tags": ["x"]}'),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_and_breaks_nothing(
    azure: Any, http: requests.Session, group: str, new_vault: Callable[..., str], method: str, url: str, body: str
) -> None:
    vault, applications = new_vault(), "https://graph.microsoft.com/v1.0/applications"
    hosts = {"graph": applications, "arm": "https://management.azure.com"}
    secrets = f"https://{vault.rpartition('/')[2]}.vault.azure.net/secrets"
    assignment = f"{group}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    made = azure.graph("POST", "/v1.0/applications", {"displayName": "odd"}).json()["id"]
    asked = url.format(**hosts, application=made, group=group, vault=vault, secrets=secrets, assignment=assignment)
    audience = "https://vault.azure.net" if asked.startswith(secrets) else "/".join(asked.split("/")[:3])
    headers = {"Authorization": f"Bearer {azure.token(audience)}", "Content-Type": "application/json"}
    assert http.request(method, asked, data=body, headers=headers, timeout=10).status_code == 400
    assert azure.graph("GET", "/v1.0/applications").status_code == 200
    assert azure.arm("GET", f"{group}/providers/Microsoft.KeyVault/vaults").status_code == 200
    assert azure.vault(vault.rpartition("/")[2], "GET", "/secrets").status_code == 200


def test_what_a_resource_is_is_not_the_bodys_to_say(azure: Any, group: str, new_vault: Callable[..., str]) -> None:
    new_vault()
    odd = {"location": "westeurope", "id": "/", "name": "x", "type": 5}
    assert azure.arm("PUT", group, odd).json()["type"] == "Microsoft.Resources/resourceGroups"
    kept = azure.arm("PUT", f"{group}/providers/Microsoft.Foo/bars/b", odd).json()
    assert (kept["id"], kept["name"], kept["type"]) == (
        f"{group}/providers/Microsoft.Foo/bars/b",
        "b",
        "Microsoft.Foo/bars",
    )


def test_what_lies_below_a_role_assignment_grants_nothing(azure: Any, stranger: Any, group: str) -> None:
    given = azure.give(ROLE, f"{group}/providers/Microsoft.Authorization/locks/l", azure.principal).json()
    assert given["error"]["code"] == "ParentResourceNotFound"
    given = azure.give("acdd72a7-3385-48ef-bd42-f606fba81ae7", group, azure.principal).json()
    forged = {"roleDefinitionId": ROLE, "principalId": stranger.principal.object_id, "scope": group}
    assert azure.arm("PUT", f"{given['id']}/forged/one", {"properties": forged}).status_code == 201
    assert azure.arm("PUT", f"{given['id']}/forged/two", {"properties": {}}).status_code == 201
    assert stranger.arm("GET", group).status_code == 403
    assert azure.arm("GET", group).status_code == 200


def test_an_object_of_the_directory_keeps_its_ids_whatever_a_client_says(azure: Any) -> None:
    ids = {"id": azure.principal.object_id, "appId": azure.principal.app_id}
    made = azure.graph("POST", "/v1.0/applications", {"displayName": "a", **ids}).json()
    assert ids.items().isdisjoint(made.items())
    path = f"/v1.0/applications/{made['id']}"
    azure.graph("PATCH", path, {**ids, "owners": ["x"]})
    after = azure.graph("GET", path).json()
    assert (after["id"], after["appId"]) == (made["id"], made["appId"])
    (owner,) = azure.graph("GET", f"{path}/owners").json()["value"]
    assert owner["id"] == azure.principal.object_id


@pytest.mark.parametrize("claims", ['{"iss": "\\ud800"}', '{"iss": 5}', "[1]", f'{{"iss": {DEEP}}}'])
def test_an_access_token_of_odd_content_is_a_401(http: requests.Session, claims: str) -> None:
    parts = (base64.urlsafe_b64encode(each.encode()).rstrip(b"=").decode() for each in ('{"alg": "RS256"}', claims))
    headers = {"Authorization": f"Bearer {'.'.join(parts)}.AA"}
    url = "https://management.azure.com/subscriptions?api-version=2022-12-01"
    assert http.get(url, headers=headers, timeout=10).status_code == 401


def test_a_client_that_leaves_in_the_middle_of_its_request_is_no_error(
    cloud: Running, http: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = "login.microsoftonline.com", int(cloud.environment["HTTPS_PROXY"].rpartition(":")[2])
    trusting = ssl.create_default_context(cafile=cloud.environment["SSL_CERT_FILE"])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"CONNECT {host}:443 HTTP/1.1\r\n\r\n".encode())
        connection.recv(4096)
        with trusting.wrap_socket(connection, server_hostname=host) as secure:
            path = f"/{cloud.cloud.tenant}/oauth2/v2.0/token"
            secure.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\nhalf".encode())
    for _ in range(3):
        assert http.get("https://gitlab.com/oauth/discovery/keys", timeout=10).status_code == 200
    assert caplog.records == []
