"""A vault's secrets through the control plane, as azure-native's `keyvault:Secret` writes them: values go in only.

Azure Key Vault REST reference, "Secrets" of the management API.
"""

from ..keyvault import secrets
from ..keyvault.refusals import SECRET_NAME
from ..store import Document
from .request import Answer, Call, Handlers, not_found, refusal, unplayed

TYPE = "Microsoft.KeyVault/vaults/secrets"


def _put(call: Call) -> Answer:
    if not isinstance(call.properties.get("value"), str):
        raise refusal(400, "BadRequest", 'The property "value" of a secret must be a string.')
    if not SECRET_NAME.fullmatch(call.path.name):
        raise refusal(400, "BadRequest", f"The secret name '{call.path.name}' is not valid.")
    given = {**call.properties, "tags": call.body.get("tags")}
    return 200, _body(call, secrets.create(call.cloud, _vault(call), call.path.name, given))


def _patch(call: Call) -> Answer:
    document = _existing(call)
    if isinstance(call.properties.get("value"), str):
        return _put(call)
    return 200, _body(call, secrets.update(call.cloud, _vault(call), document, {**call.body, **call.properties}))


def _get(call: Call) -> Answer:
    return 200, _body(call, _existing(call))


def _list(call: Call) -> Answer:
    vault = call.path.segments[-2]
    return 200, {"value": [_body(call, document) for document in secrets.newest(call.cloud.store, vault)]}


def _existing(call: Call) -> Document:
    document = secrets.latest(call.cloud.store, _vault(call), call.path.name)
    if document is None:
        raise not_found(call.path)
    return document


def _vault(call: Call) -> str:
    return call.path.segments[7]


def _body(call: Call, document: Document) -> Document:
    vault = "/".join(call.path.segments[:8])
    uri = f"https://{_vault(call).lower()}.vault.azure.net/secrets/{document['name']}"
    return {
        "id": f"/{vault}/secrets/{document['name']}",
        "name": document["name"],
        "type": TYPE,
        "tags": document["tags"],
        "properties": {
            "contentType": document["contentType"],
            "attributes": document["attributes"],
            "secretUri": uri,
            "secretUriWithVersion": f"{uri}/{document['version']}",
        },
    }


HANDLERS: Handlers = {
    "PUT microsoft.keyvault/vaults/secrets": _put,
    "PATCH microsoft.keyvault/vaults/secrets": _patch,
    "GET microsoft.keyvault/vaults/secrets": _get,
    "DELETE microsoft.keyvault/vaults/secrets": unplayed,
    "GET microsoft.keyvault/vaults/secrets/": _list,
}
