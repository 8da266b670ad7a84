"""What a person does by hand beside Pulumi: store secrets, look into the cloud, change something behind its back."""

import os
import uuid
from typing import Any

import requests
from azure.identity import EnvironmentCredential
from azure.keyvault.secrets import SecretClient

ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"
API_VERSIONS = {
    "Microsoft.KeyVault": "2024-11-01",
    "Microsoft.Authorization": "2022-04-01",
    "Microsoft.ManagedIdentity": "2023-01-31",
}

Body = dict[str, Any] | None


class AdministratorRefused(Exception):
    """Azure said no to the administrator; the text has the request and Azure's own words."""


class Administrator:
    """The deploying person, signed in by the environment as `az` and Pulumi are."""

    def __init__(self) -> None:
        self._credential = EnvironmentCredential()
        self._session = requests.Session()
        self.subscription = f"/subscriptions/{os.environ['AZURE_SUBSCRIPTION_ID']}"

    def store_secret(self, vault_url: str, name: str, value: str) -> str:
        """Set a secret through the vault's data plane; return its version."""
        return SecretClient(vault_url, self._credential).set_secret(name, value).properties.version or ""

    def disable_secret(self, vault_url: str, name: str) -> None:
        """Disable the newest version of a secret."""
        SecretClient(vault_url, self._credential).update_secret_properties(name, enabled=False)

    def arm(self, method: str, path: str, body: Body = None, only: str = "") -> dict[str, Any]:
        """Send a request to Azure Resource Manager; return its answer's body, empty for a 404."""
        provider = path.rpartition("/providers/")[2].split("/")[0]
        version = API_VERSIONS.get(provider, "2024-03-01")
        return self._send(method, ARM, path, body, {"api-version": version, "$filter": only})

    def graph(self, method: str, path: str, body: Body = None, only: str = "") -> dict[str, Any]:
        """Send a request to Microsoft Graph; return its answer's body, empty for a 404.

        It is the beta version: v1.0 cannot list flexible credentials.
        """
        return self._send(method, GRAPH, f"/beta{path}", body, {"$filter": only})

    def create_vault(self, group: str, name: str) -> str:
        """Create a resource group and an RBAC vault in it; return the vault's URL."""
        group_id = f"{self.subscription}/resourceGroups/{group}"
        self.arm("PUT", group_id, {"location": "westeurope"})
        properties = {
            "tenantId": os.environ["AZURE_TENANT_ID"],
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
        }
        vault = self.arm(
            "PUT",
            f"{group_id}/providers/Microsoft.KeyVault/vaults/{name}",
            {"location": "westeurope", "properties": properties},
        )
        return vault["properties"]["vaultUri"]

    def delete_group(self, group: str) -> None:
        """Delete a resource group and what is in it."""
        self.arm("DELETE", f"{self.subscription}/resourceGroups/{group}")

    def deleted_vaults(self) -> dict[str, str]:
        """Return the ARM ids of the subscription's soft-deleted vaults, by vault name."""
        found = self.arm("GET", f"{self.subscription}/providers/Microsoft.KeyVault/deletedVaults")
        return {vault["name"]: vault["id"] for vault in found["value"]}

    def purge_vaults(self) -> None:
        """Remove the subscription's soft-deleted vaults for good."""
        for deleted in self.deleted_vaults().values():
            self.arm("POST", f"{deleted}/purge")

    def application(self, client_id: str) -> dict[str, Any]:
        """Return the application with this client id, empty when there is none."""
        found = self.graph("GET", "/applications", only=f"appId eq '{client_id}'")["value"]
        return found[0] if found else {}

    def federated_credentials(self, client_id: str) -> list[dict[str, Any]]:
        """Return the federated identity credentials of the application, or managed identity, with this client id."""
        if application := self.application(client_id):
            return self.graph("GET", f"/applications/{application['id']}/federatedIdentityCredentials")["value"]
        identity = self.principal(client_id)["alternativeNames"][1]
        kept = self.arm("GET", f"{identity}/federatedIdentityCredentials")["value"]
        return [credential["properties"] for credential in kept]

    def principal(self, client_id: str) -> dict[str, Any]:
        """Return the service principal with this client id."""
        return self.graph("GET", "/servicePrincipals", only=f"appId eq '{client_id}'")["value"][0]

    def role_assignments(self, client_id: str) -> list[dict[str, Any]]:
        """Return the role assignments of the service principal with this client id."""
        path = f"{self.subscription}/providers/Microsoft.Authorization/roleAssignments"
        found = self.arm("GET", path, only=f"principalId eq '{self.principal(client_id)['id']}'")
        return found["value"]

    def _send(self, method: str, host: str, path: str, body: Body, query: dict[str, str]) -> dict[str, Any]:
        token = self._credential.get_token(f"{host}/.default").token
        headers = {"Authorization": f"Bearer {token}", "client-request-id": str(uuid.uuid4())}
        query = {name: value for name, value in query.items() if value}
        answer = self._session.request(method, host + path, params=query, json=body, headers=headers, timeout=30)
        if answer.status_code == requests.codes.not_found:
            return {}
        if not answer.ok:
            raise AdministratorRefused(f"{method} {path} was refused: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else {}
