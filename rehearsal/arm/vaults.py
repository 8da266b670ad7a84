"""Vaults, deleted vaults, and secrets as azure-native writes them: through the control plane, values go in only.

Azure Key Vault REST reference, "Vaults" and "Secrets" of the management API; Key Vault docs, "Soft-delete overview".

A vault's name is taken in all of Azure, by a vault that is there or by one that is soft-deleted. Store: kind
`vaultName`, key the name in lower case, body the vault's `id`; of a soft-deleted one also the whole `vault` and when
it was `deleted` (seconds since the epoch).
"""

import re
from datetime import UTC, datetime, timedelta

from ..cloud import Cloud
from ..keyvault import secrets
from ..keyvault.refusals import SECRET_NAME
from ..store import Document
from .request import Answer, Call, Handlers, not_found, refusal
from .resources import KEPT, VAULT_NAME, existing, find, keep, save

# From this version of the control plane on, a new vault without a word about it uses RBAC.
_RBAC_BY_DEFAULT = "2026-02-01"
_PURGE_PROTECTION = (
    '"enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible '
    "action."
)


SHAPES = {
    "microsoft.keyvault/vaults": {
        **dict.fromkeys(("enableRbacAuthorization", "enablePurgeProtection", "enableSoftDelete"), bool),
        "softDeleteRetentionInDays": int,
        "accessPolicies": [{"objectId": str, "permissions": {"secrets": [str]}}],
    },
    "microsoft.keyvault/vaults/secrets": secrets.SHAPE,
}
"""The types of the properties that decide, by type of resource."""


def named(cloud: Cloud, name: str) -> Document | None:
    """Return the vault of that name (names are global), or None."""
    entry = cloud.store.get(VAULT_NAME, name.lower())
    return find(cloud, entry["id"]) if entry else None


def _put(call: Call) -> Answer:
    if call.properties.get("createMode") == "recover":
        return _recover(call)
    vault = find(call.cloud, call.path.text)
    old: Document = vault["properties"] if vault else {}
    if vault is None:
        _check_name(call)
    irreversible = ("enablePurgeProtection", "softDeleteRetentionInDays")
    properties: Document = {
        "tenantId": call.cloud.tenant,
        "sku": {"family": "A", "name": "standard"},
        "accessPolicies": [],
        **dict.fromkeys(("enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"), False),
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 90,
        "enableRbacAuthorization": call.api_version >= _RBAC_BY_DEFAULT,
        "publicNetworkAccess": "Enabled",
        **{key: old[key] for key in irreversible if key in old},
        **_given(call, old),
        "vaultUri": f"https://{call.path.name.lower()}.vault.azure.net/",
    }
    location = vault["location"] if vault else call.location
    vault = keep(call, {"tags": {}, **call.body, "location": location}, properties)
    call.cloud.store.put(VAULT_NAME, call.path.name.lower(), {"id": vault["id"]})
    return 200, vault


def _patch(call: Call) -> Answer:
    old = existing(call)
    properties = {**old["properties"], **_given(call, old["properties"])}
    return 200, keep(call, {**old, "tags": call.body.get("tags", old["tags"])}, properties)


def _given(call: Call, old: Document) -> Document:
    """Return the properties that the call sets. Raises Refusal for one that cannot be so, or no longer."""
    given = {key: value for key, value in call.properties.items() if value is not None and key != "createMode"}
    retention = given.get("softDeleteRetentionInDays", 90)
    changed = retention != old.get("softDeleteRetentionInDays", retention) and "softDeleteRetentionInDays" in given
    for broken, rule in (
        # Of a new vault too: the property takes true or nothing.
        (given.get("enablePurgeProtection") is False, _PURGE_PROTECTION),
        (given.get("enableSoftDelete") is False, '"enableSoftDelete" cannot be set to false.'),
        (not 7 <= retention <= 90, '"softDeleteRetentionInDays" must be between 7 and 90.'),
        (changed, '"softDeleteRetentionInDays" has been set already and it can\'t be modified.'),
    ):
        if broken:
            raise refusal(400, "BadRequest", f"The property {rule}")
    return given


def _check_name(call: Call) -> None:
    name = call.path.name
    if not re.fullmatch(r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]", name):
        raise refusal(
            400,
            "VaultNameNotValid",
            f"The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The "
            "name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.",
        )
    entry = call.cloud.store.get(VAULT_NAME, name.lower())
    if entry and "deleted" in entry:
        raise refusal(
            409,
            "ConflictError",
            "A vault with the same name already exists in deleted state. You need to either recover or purge existing "
            "key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft "
            "delete.",
        )
    if entry:
        raise refusal(
            409,
            "VaultAlreadyExists",
            f"The vault name '{name}' is already in use. Vault names are globaly unique so it is possible that the "
            "name is already taken.",
        )


def _recover(call: Call) -> Answer:
    entry = call.cloud.store.get(VAULT_NAME, call.path.name.lower())
    if entry is None or "deleted" not in entry or entry["id"].lower() != call.path.text.lower():
        raise refusal(
            400,
            "SoftDeletedVaultDoesNotExist",
            "A soft deleted vault with the given name does not exist. Ensure that the name for the vault that is being "
            "attempted to recover is in a recoverable state.",
        )
    call.cloud.store.put(VAULT_NAME, call.path.name.lower(), {"id": entry["id"]})
    return 200, save(call.cloud, entry["vault"])


def _deleted_vaults(call: Call) -> Answer:
    entries = call.cloud.store.all(VAULT_NAME)
    return 200, {"value": [_deleted_vault(call, entry) for entry in entries if "deleted" in entry]}


def _get_deleted(call: Call) -> Answer:
    return 200, _deleted_vault(call, _deleted_entry(call, call.path.name))


def _purge(call: Call) -> Answer:
    name = call.path.segments[-2]
    entry = _deleted_entry(call, name)
    if entry["vault"]["properties"].get("enablePurgeProtection"):
        raise refusal(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.")
    call.cloud.store.delete(VAULT_NAME, name.lower())
    secrets.delete(call.cloud.store, name)
    return 200, None


def _deleted_entry(call: Call, name: str) -> Document:
    entry = call.cloud.store.get(VAULT_NAME, name.lower())
    if entry is None or "deleted" not in entry:
        raise refusal(404, "DeletedVaultNotFound", f"The specified deleted vault '{name}' does not exist.")
    return entry


def _deleted_vault(call: Call, entry: Document) -> Document:
    vault: Document = entry["vault"]
    place = f"/subscriptions/{call.cloud.subscription}/providers/Microsoft.KeyVault/locations/{vault['location']}"
    deleted = datetime.fromtimestamp(entry["deleted"], UTC)
    retention = timedelta(days=vault["properties"]["softDeleteRetentionInDays"])
    return {
        "id": f"{place}/deletedVaults/{vault['name']}",
        "name": vault["name"],
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": vault["id"],
            "location": vault["location"],
            "tags": vault["tags"],
            "deletionDate": deleted.isoformat(),
            "scheduledPurgeDate": (deleted + retention).isoformat(),
            "purgeProtectionEnabled": vault["properties"].get("enablePurgeProtection", False),
        },
    }


def _put_secret(call: Call) -> Answer:
    if not isinstance(call.properties.get("value"), str):
        raise refusal(400, "BadRequest", 'The property "value" of a secret must be a string.')
    if not SECRET_NAME.fullmatch(call.path.name):
        raise refusal(400, "BadRequest", f"The secret name '{call.path.name}' is not valid.")
    given = {**call.properties, "tags": call.body.get("tags")}
    return 200, _secret_body(call, secrets.create(call.cloud, _vault_name(call), call.path.name, given))


def _get_secret(call: Call) -> Answer:
    document = secrets.find(call.cloud.store, _vault_name(call), call.path.name)
    if document is None:
        raise not_found(call.path)
    return 200, _secret_body(call, document)


def _vault_name(call: Call) -> str:
    return call.path.segments[-3]


def _secret_body(call: Call, document: Document) -> Document:
    uri = f"https://{_vault_name(call).lower()}.vault.azure.net/secrets/{document['name']}"
    return {
        "id": call.path.text,
        "name": document["name"],
        "type": call.path.type,
        "tags": document["tags"],
        "properties": {
            "contentType": document["contentType"],
            "attributes": document["attributes"],
            "secretUri": uri,
            "secretUriWithVersion": f"{uri}/{document['version']}",
        },
    }


TYPES: dict[str, Handlers] = {
    "microsoft.keyvault/vaults": {**KEPT, "PUT": _put, "PATCH": _patch},
    "microsoft.keyvault/vaults/secrets": {"PUT": _put_secret, "GET": _get_secret},
    "microsoft.keyvault/deletedvaults": {"GET/": _deleted_vaults},
    "microsoft.keyvault/locations/deletedvaults": {"GET": _get_deleted},
    "microsoft.keyvault/locations/deletedvaults/purge": {"POST/": _purge},
}
