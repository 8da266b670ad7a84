"""Requests to Graph, ARM and the vault as whoever a test needs."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests

from rehearsal.cloud import Cloud
from rehearsal.entra.access_token import Principal, issue
from rehearsal.server import Running

Json = dict[str, Any]
LOCATION = "westeurope"


@dataclass(frozen=True)
class Azure:
    """A principal with its access tokens; `audience` overrides the right one."""

    cloud: Cloud
    http: requests.Session
    principal: Principal
    audience: str | None = None

    def acting_as(self, principal: Principal) -> "Azure":
        return replace(self, principal=principal)

    def asking_for(self, audience: str) -> "Azure":
        return replace(self, audience=audience)

    @property
    def subscription(self) -> str:
        return f"/subscriptions/{self.cloud.subscription}"

    def arm(self, method: str, path: str, body: Json | None = None, **query: str) -> requests.Response:
        query = {"api-version": "2024-11-01", **{f"${key}": value for key, value in query.items()}}
        return self._send("https://management.azure.com", method, path, body, query)

    def graph(self, method: str, path: str, body: Json | None = None) -> requests.Response:
        return self._send("https://graph.microsoft.com", method, path, body, {})

    def vault(self, name: str, method: str, path: str, body: Json | None = None) -> requests.Response:
        url = f"https://{name}.vault.azure.net"
        return self._send(url, method, path, body, {"api-version": "7.6"}, "https://vault.azure.net")

    def token(self, audience: str) -> str:
        return issue(self.cloud, self.principal, self.audience or audience)

    def give(self, role: str, scope: str, principal: Principal) -> requests.Response:
        """Assign a role (by its GUID) under a new name."""
        return self.arm(
            "PUT",
            f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}",
            {"properties": {"roleDefinitionId": role_id(role), "principalId": principal.object_id}},
        )

    def _send(
        self, host: str, method: str, path: str, body: Json | None, query: dict[str, str], audience: str | None = None
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token(audience or host)}"}
        return self.http.request(method, f"{host}{path}", params=query, json=body, headers=headers, timeout=10)


def role_id(role: str) -> str:
    return f"/providers/Microsoft.Authorization/roleDefinitions/{role}"


@pytest.fixture
def azure(cloud: Running, http: requests.Session) -> Azure:
    """The person who may deploy."""
    app_id = cloud.cloud.client_id
    principals = cloud.cloud.store.all("servicePrincipal")
    object_id = next(each["id"] for each in principals if each["appId"] == app_id)
    return Azure(cloud.cloud, http, Principal(app_id, object_id))


@pytest.fixture
def stranger(azure: Azure, application: Callable[..., Any]) -> Azure:
    """A principal of the tenant that has no role and no Graph permission."""
    created = application()
    return azure.acting_as(Principal(created.app_id, created.principal_id))


@pytest.fixture
def group(azure: Azure) -> str:
    """The ARM id of a new resource group."""
    path = f"{azure.subscription}/resourceGroups/rg-{uuid.uuid4().hex[:8]}"
    assert azure.arm("PUT", path, {"location": LOCATION}).status_code == 201
    return path


@pytest.fixture
def new_vault(azure: Azure, group: str) -> Callable[..., str]:
    """A function (**properties) that makes a vault, in RBAC mode unless told otherwise, and returns its ARM id."""

    def create(**properties: Any) -> str:
        path = f"{group}/providers/Microsoft.KeyVault/vaults/kv-{uuid.uuid4().hex[:12]}"
        given = {"softDeleteRetentionInDays": 7, "enableRbacAuthorization": True, **properties}
        answer = azure.arm("PUT", path, {"location": LOCATION, "properties": given})
        assert answer.status_code == 200, answer.text
        return path

    return create


@pytest.fixture
def refused() -> Callable[[requests.Response, int, str], str]:
    """A function (answer, status, code) that checks an error's envelope and returns its message."""

    def check(answer: requests.Response, status: int, code: str) -> str:
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
        return answer.json()["error"]["message"]

    return check
