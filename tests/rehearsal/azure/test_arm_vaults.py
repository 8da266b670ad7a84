"""Vaults on the control plane: names, soft deletion, recovery, purge."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.keyvault import KeyVaultManagementClient

Refused = Callable[[requests.Response, int, str], str]
NewVault = Callable[..., str]
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


def deleted(azure: Any, vault: str, action: str = "") -> str:
    name = vault.rpartition("/")[2]
    return f"{azure.subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/{name}{action}"


def test_the_vendors_client_makes_recovers_and_purges_a_vault(environment: dict[str, str], group: str) -> None:
    credential = ClientSecretCredential(
        environment["AZURE_TENANT_ID"], environment["AZURE_CLIENT_ID"], environment["AZURE_CLIENT_SECRET"]
    )
    subscription, resource_group = environment["AZURE_SUBSCRIPTION_ID"], group.rpartition("/")[2]
    name = f"kv-{uuid.uuid4().hex[:12]}"
    given: Any = {
        "location": "West Europe",
        "tags": {"a": "b"},
        "properties": {
            "tenantId": environment["AZURE_TENANT_ID"],
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "softDeleteRetentionInDays": 7,
        },
    }
    with credential, KeyVaultManagementClient(credential, subscription) as client:
        made = client.vaults.begin_create_or_update(resource_group, name, given).result()
        assert made.properties.vault_uri == f"https://{name}.vault.azure.net/"
        assert (made.properties.enable_soft_delete, made.properties.enable_purge_protection) == (True, None)
        assert (made.location, made.properties.provisioning_state) == ("westeurope", "Succeeded")
        assert [each.name for each in client.vaults.list_by_resource_group(resource_group)] == [name]
        assert name in [each.name for each in client.vaults.list_by_subscription()]
        changed: Any = {"properties": {"publicNetworkAccess": "Disabled"}}
        updated = client.vaults.update(resource_group, name, changed)
        assert (updated.tags, updated.properties.public_network_access) == ({"a": "b"}, "Disabled")
        client.vaults.delete(resource_group, name)
        with pytest.raises(ResourceNotFoundError):
            client.vaults.get(resource_group, name)
        gone = client.vaults.get_deleted(name, "westeurope").properties
        assert gone is not None
        assert (gone.vault_id, gone.tags) == (made.id, {"a": "b"})
        assert gone.deletion_date is not None
        assert gone.scheduled_purge_date == gone.deletion_date + timedelta(days=7)
        assert name in [each.name for each in client.vaults.list_deleted()]
        recover: Any = {**given, "properties": {**given["properties"], "createMode": "recover"}}
        assert client.vaults.begin_create_or_update(resource_group, name, recover).result().id == made.id
        client.vaults.delete(resource_group, name)
        client.vaults.begin_purge_deleted(name, "westeurope").result()
        with pytest.raises(ResourceNotFoundError):
            client.vaults.get_deleted(name, "westeurope")
        assert client.vaults.begin_create_or_update(resource_group, name, given).result().id == made.id


@pytest.mark.parametrize("name", ["ab", "a" * 25, "1abc", "abc-", "a--b", "a_bc", "kv.x"])
def test_a_name_that_breaks_the_rules_is_refused(azure: Any, group: str, refused: Refused, name: str) -> None:
    path = f"{group}/providers/Microsoft.KeyVault/vaults/{name}"
    refused(azure.arm("PUT", path, {"location": "westeurope"}), 400, "VaultNameNotValid")


def test_a_name_in_use_elsewhere_is_refused(azure: Any, new_vault: NewVault, refused: Refused) -> None:
    vault = new_vault()
    other = f"{azure.subscription}/resourceGroups/rg-{uuid.uuid4().hex[:8]}"
    azure.arm("PUT", other, {"location": "westeurope"})
    path = f"{other}/providers/Microsoft.KeyVault/vaults/{vault.rpartition('/')[2].upper()}"
    message = refused(azure.arm("PUT", path, {"location": "westeurope"}), 409, "VaultAlreadyExists")
    assert "already in use" in message


def test_a_name_of_a_deleted_vault_is_refused(azure: Any, new_vault: NewVault, refused: Refused) -> None:
    vault = new_vault()
    assert azure.arm("DELETE", vault).status_code == 200
    assert azure.arm("DELETE", vault).status_code == 204
    message = refused(azure.arm("PUT", vault, {"location": "westeurope"}), 409, "ConflictError")
    assert message.startswith("A vault with the same name already exists in deleted state.")


def test_recovery_needs_a_deleted_vault_of_the_same_id(azure: Any, new_vault: NewVault, refused: Refused) -> None:
    vault = new_vault()
    recover = {"location": "westeurope", "properties": {"createMode": "recover"}}
    refused(azure.arm("PUT", vault, recover), 400, "SoftDeletedVaultDoesNotExist")


def test_a_recovered_vault_has_its_secrets_but_not_its_role_assignments(
    azure: Any, stranger: Any, new_vault: NewVault, refused: Refused
) -> None:
    vault = new_vault()
    name = vault.rpartition("/")[2]
    azure.vault(name, "PUT", "/secrets/a", {"value": "v"})
    assert azure.give(SECRETS_USER, f"{vault}/secrets/a", stranger.principal).status_code == 201
    assert stranger.vault(name, "GET", "/secrets/a").status_code == 200
    azure.arm("DELETE", vault)
    azure.arm("PUT", vault, {"location": "westeurope", "properties": {"createMode": "recover"}})
    refused(stranger.vault(name, "GET", "/secrets/a"), 403, "Forbidden")
    assert azure.vault(name, "GET", "/secrets/a").json()["value"] == "v"


def test_a_recovery_brings_back_what_the_vault_was_and_takes_nothing_new(azure: Any, new_vault: NewVault) -> None:
    firewall = {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": "192.0.2.0/24"}]}
    vault = new_vault(networkAcls=firewall)
    before = azure.arm("GET", vault).json()
    azure.arm("DELETE", vault)
    given = {"createMode": "recover", "enableRbacAuthorization": False, "softDeleteRetentionInDays": 90}
    answer = azure.arm("PUT", vault, {"location": "northeurope", "tags": {"a": "b"}, "properties": given})
    assert (answer.status_code, answer.json()) == (200, before)
    assert before["properties"]["networkAcls"] == firewall


def test_a_purged_vaults_secrets_are_gone(azure: Any, new_vault: NewVault, refused: Refused) -> None:
    vault = new_vault()
    name = vault.rpartition("/")[2]
    azure.vault(name, "PUT", "/secrets/a", {"value": "v"})
    azure.arm("DELETE", vault)
    assert azure.arm("POST", deleted(azure, vault, "/purge")).status_code == 200
    refused(azure.arm("POST", deleted(azure, vault, "/purge")), 404, "DeletedVaultNotFound")
    azure.arm("PUT", vault, {"location": "westeurope", "properties": {"enableRbacAuthorization": True}})
    refused(azure.vault(name, "GET", "/secrets/a"), 404, "SecretNotFound")


def test_purge_protection_forbids_the_purge(azure: Any, new_vault: NewVault, refused: Refused) -> None:
    vault = new_vault(enablePurgeProtection=True)
    azure.arm("DELETE", vault)
    message = refused(azure.arm("POST", deleted(azure, vault, "/purge")), 405, "MethodNotAllowed")
    assert message == "Operation 'DeletedVaultPurge' is not allowed."


def test_purge_protection_is_true_or_absent_and_cannot_be_turned_off(
    azure: Any, group: str, new_vault: NewVault, refused: Refused
) -> None:
    off = {"location": "westeurope", "properties": {"enablePurgeProtection": False}}
    new = f"{group}/providers/Microsoft.KeyVault/vaults/kv-{uuid.uuid4().hex[:8]}"
    protected = new_vault(enablePurgeProtection=True)
    for path, method in ((new, "PUT"), (protected, "PUT"), (protected, "PATCH")):
        message = refused(azure.arm(method, path, off), 400, "BadRequest")
        assert message.startswith('The property "enablePurgeProtection" cannot be set to false.')
    azure.arm("PUT", protected, {"location": "westeurope", "properties": {}})
    assert azure.arm("GET", protected).json()["properties"]["enablePurgeProtection"] is True


@pytest.mark.parametrize("properties", [{"softDeleteRetentionInDays": days} for days in (6, 91)])
def test_retention_is_7_to_90_days(azure: Any, group: str, refused: Refused, properties: dict[str, int]) -> None:
    path = f"{group}/providers/Microsoft.KeyVault/vaults/kv-{uuid.uuid4().hex[:8]}"
    refused(azure.arm("PUT", path, {"location": "westeurope", "properties": properties}), 400, "BadRequest")


def test_retention_and_soft_deletion_stay_as_they_were_made(azure: Any, new_vault: NewVault, refused: Refused) -> None:
    vault = new_vault()
    for properties in ({"softDeleteRetentionInDays": 8}, {"enableSoftDelete": False}):
        refused(azure.arm("PATCH", vault, {"properties": properties}), 400, "BadRequest")


@pytest.mark.parametrize(("version", "rbac"), [("2024-11-01", False), ("2026-02-01", True)])
def test_new_vaults_use_rbac_by_default_from_2026_02_01_on(
    azure: Any, http: requests.Session, group: str, version: str, *, rbac: bool
) -> None:
    url = f"https://management.azure.com{group}/providers/Microsoft.KeyVault/vaults/kv-{uuid.uuid4().hex[:8]}"
    headers = {"Authorization": f"Bearer {azure.token('https://management.azure.com')}"}
    body = {"location": "westeurope"}
    made = http.put(url, params={"api-version": version}, headers=headers, json=body, timeout=10).json()
    assert made["properties"]["enableRbacAuthorization"] is rbac
