"""Vaults and deleted vaults (Azure Key Vault REST reference, "Vaults"; Key Vault docs, "Soft-delete overview")."""

import re
from datetime import UTC, datetime, timedelta

from ..cloud import Cloud
from ..keyvault import secrets
from ..store import Document
from .documents import existing, find, remove, save
from .request import Answer, Call, Handlers, refusal

TYPE = "Microsoft.KeyVault/vaults"
_DELETED = "Microsoft.KeyVault/deletedVaults"
_IRREVERSIBLE = ("enablePurgeProtection", "softDeleteRetentionInDays")
# From this version of the control plane on, a new vault without a word about it uses RBAC.
_RBAC_BY_DEFAULT = "2026-02-01"


def named(cloud: Cloud, name: str) -> Document | None:
    """Return the vault of that name (names are global), or None."""
    index = cloud.store.get("vaultName", name.lower())
    return find(cloud, index["id"]) if index else None


def soft_delete(cloud: Cloud, vault: Document) -> None:
    """Move the vault to the deleted ones. Its secrets stay; its role assignments do not."""
    now = datetime.fromtimestamp(cloud.now(), UTC)
    properties = vault["properties"]
    subscription, location, name = vault["id"].split("/")[2], vault["location"], vault["name"]
    deleted = {
        "id": f"/subscriptions/{subscription}/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{name}",
        "name": name,
        "type": _DELETED,
        "properties": {
            "vaultId": vault["id"],
            "location": location,
            "tags": vault["tags"],
            "deletionDate": now.isoformat(),
            "scheduledPurgeDate": (now + timedelta(days=properties["softDeleteRetentionInDays"])).isoformat(),
            "purgeProtectionEnabled": properties.get("enablePurgeProtection", False),
        },
    }
    cloud.store.put("deletedVault", name.lower(), {"vault": vault, "deleted": deleted})
    cloud.store.delete("vaultName", name.lower())
    remove(cloud, vault["id"])


def _put(call: Call) -> Answer:
    if call.properties.get("createMode") == "recover":
        return _recover(call)
    vault = find(call.cloud, call.path.text)
    old: Document = vault["properties"] if vault else {}
    if vault is None:
        _check_name(call)
    _check_properties(call.properties, old)
    properties: Document = {
        "tenantId": call.cloud.tenant,
        "sku": {"family": "A", "name": "standard"},
        "accessPolicies": [],
        "enabledForDeployment": False,
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 90,
        "enableRbacAuthorization": call.api_version >= _RBAC_BY_DEFAULT,
        "publicNetworkAccess": "Enabled",
        **{key: old[key] for key in _IRREVERSIBLE if key in old},
        **_given(call.properties),
    }
    return 200, _saved(call, properties, call.body.get("tags") or {}, vault)


def _patch(call: Call) -> Answer:
    vault = existing(call)
    _check_properties(call.properties, vault["properties"])
    properties = {**vault["properties"], **_given(call.properties)}
    return 200, _saved(call, properties, call.body.get("tags", vault["tags"]), vault)


def _given(properties: Document) -> Document:
    return {key: value for key, value in properties.items() if value is not None and key != "createMode"}


def _saved(call: Call, properties: Document, tags: Document, old: Document | None) -> Document:
    name = old["name"] if old else call.path.name
    vault: Document = {
        "id": old["id"] if old else call.path.text,
        "name": name,
        "type": TYPE,
        "location": old["location"] if old else call.location,
        "tags": tags,
        "properties": {
            **properties,
            "vaultUri": f"https://{name.lower()}.vault.azure.net/",
            "provisioningState": "Succeeded",
        },
    }
    call.cloud.store.put("vaultName", name.lower(), {"id": vault["id"]})
    return save(call.cloud, vault)


def _recover(call: Call) -> Answer:
    deleted = call.cloud.store.get("deletedVault", call.path.name.lower())
    if deleted is None or deleted["vault"]["id"].lower() != call.path.text.lower():
        raise refusal(
            400,
            "SoftDeletedVaultDoesNotExist",
            "A soft deleted vault with the given name does not exist. Ensure that the name for the vault that is being "
            "attempted to recover is in a recoverable state.",
        )
    call.cloud.store.delete("deletedVault", call.path.name.lower())
    vault: Document = deleted["vault"]
    return 200, _saved(call, vault["properties"], vault["tags"], vault)


def _check_name(call: Call) -> None:
    name = call.path.name
    if not re.fullmatch(r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]", name):
        raise refusal(
            400,
            "VaultNameNotValid",
            f"The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The "
            "name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.",
        )
    if named(call.cloud, name):
        raise refusal(
            409,
            "VaultAlreadyExists",
            f"The vault name '{name}' is already in use. Vault names are globaly unique so it is possible that the "
            "name is already taken. If you are sure that the vault name was not taken then it is possible that a vault "
            "with the same name was recently deleted but not purged after being placed in a recoverable state. If the "
            "vault is in a recoverable state then the vault will need to be purged before reusing the name.",
        )
    if call.cloud.store.get("deletedVault", name.lower()):
        raise refusal(
            409,
            "ConflictError",
            "A vault with the same name already exists in deleted state. You need to either recover or purge existing "
            "key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft "
            "delete.",
        )


def _check_properties(given: Document, old: Document) -> None:
    retention = given.get("softDeleteRetentionInDays")
    problem = None
    if given.get("enablePurgeProtection") is False:  # of a new vault too: the property takes true or nothing
        problem = '"enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an '
        problem += "irreversible action."
    elif given.get("enableSoftDelete") is False:
        problem = '"enableSoftDelete" cannot be set to false.'
    elif retention is not None and not 7 <= retention <= 90:
        problem = '"softDeleteRetentionInDays" must be between 7 and 90.'
    elif retention not in (None, old.get("softDeleteRetentionInDays", retention)):
        problem = '"softDeleteRetentionInDays" has been set already and it can\'t be modified.'
    if problem:
        raise refusal(400, "BadRequest", f"The property {problem}")


def _delete(call: Call) -> Answer:
    vault = find(call.cloud, call.path.text)
    if vault is None:
        return 204, None
    soft_delete(call.cloud, vault)
    return 200, None


def _deleted_vaults(call: Call) -> Answer:
    return 200, {"value": [document["deleted"] for document in call.cloud.store.all("deletedVault")]}


def _deleted_vault(call: Call) -> Answer:
    return 200, _soft_deleted(call, call.path.name)["deleted"]


def _soft_deleted(call: Call, name: str) -> Document:
    document = call.cloud.store.get("deletedVault", name.lower())
    if document is None:
        raise refusal(404, "DeletedVaultNotFound", f"The specified deleted vault '{name}' does not exist.")
    return document


def _purge(call: Call) -> Answer:
    name = call.path.segments[-2]
    document = _soft_deleted(call, name)
    if document["deleted"]["properties"]["purgeProtectionEnabled"]:
        raise refusal(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.")
    call.cloud.store.delete("deletedVault", name.lower())
    secrets.delete(call.cloud.store, name)
    return 200, None


HANDLERS: Handlers = {
    "PUT microsoft.keyvault/vaults": _put,
    "PATCH microsoft.keyvault/vaults": _patch,
    "DELETE microsoft.keyvault/vaults": _delete,
    "GET microsoft.keyvault/deletedvaults/": _deleted_vaults,
    "GET microsoft.keyvault/locations/deletedvaults": _deleted_vault,
    "POST microsoft.keyvault/locations/deletedvaults/purge/": _purge,
}
