"""The store of ARM's resources (kind `arm`, by ARM id in lower case), and what happens to one that is only kept."""

from ..cloud import Cloud
from ..store import Document
from .request import Answer, Call, Handlers, not_found

VAULT = "Microsoft.KeyVault/vaults"
"""The type of resource whose deletion is soft."""
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
"""The type of resource with whose deletion a service principal goes (see `identities`)."""
VAULT_NAME = "vaultName"
"""The store's kind for the names of vaults (see `vaults`)."""
_KIND = "arm"


def find(cloud: Cloud, resource: str) -> Document | None:
    """Return the resource of that id, in any letter case, or None."""
    return cloud.store.get(_KIND, resource.lower())


def under(cloud: Cloud, scope: str, type_: str = "") -> list[Document]:
    """Return every resource (of a type, if one is named) under the scope, at any depth, oldest first."""
    found = cloud.store.all(_KIND, f"{scope.lower().rstrip('/')}/")
    return [document for document in found if document["type"].lower() == type_.lower() or not type_]


def save(cloud: Cloud, document: Document) -> Document:
    """Write the resource under its `id` and return it."""
    cloud.store.put(_KIND, document["id"].lower(), document)
    return document


def remove(cloud: Cloud, resource: str) -> bool:
    """Remove the resource with everything under it (role assignments too); tell whether it was there.

    A vault is soft-deleted: it leaves what it was under its name, and its secrets stay. With a managed identity goes
    its service principal; the roles that it had elsewhere stay, as in Azure, as those of nobody.
    """
    gone = find(cloud, resource)
    for document in [*under(cloud, resource), *([gone] if gone else [])]:
        cloud.store.delete(_KIND, document["id"].lower())
        if document["type"].lower() == VAULT.lower():
            leave = {"id": document["id"], "vault": document, "deleted": cloud.now()}
            cloud.store.put(VAULT_NAME, document["name"].lower(), leave)
        if document["type"].lower() == IDENTITY.lower():
            cloud.store.delete("servicePrincipal", document["properties"]["principalId"])
    return gone is not None


def existing(call: Call) -> Document:
    """Return the resource that the call names. Raises ARM's 404."""
    document = find(call.cloud, call.path.text)
    if document is None:
        raise not_found(call.path)
    return document


def keep(call: Call, body: Document, properties: Document, type_: str = "") -> Document:
    """Write the resource that the call names with what the body has besides `properties`, and return it.

    Its id, name and type (that of the path unless given) are not the body's to say.
    """
    new = {"id": call.path.text, "name": call.path.name, "type": type_ or call.path.type}
    named = find(call.cloud, call.path.text) or new
    document = {**body, **{key: named[key] for key in new}}
    return save(call.cloud, {**document, "properties": {**properties, "provisioningState": "Succeeded"}})


def _put(call: Call) -> Answer:
    status = 200 if find(call.cloud, call.path.text) else 201
    return status, keep(call, call.body, call.properties)


def patch(call: Call) -> Answer:
    """Change what is given, property by property."""
    old = existing(call)
    return 200, keep(call, {**old, **call.body}, {**old["properties"], **call.properties})


def _get(call: Call) -> Answer:
    return 200, existing(call)


def _delete(call: Call) -> Answer:
    return (200 if remove(call.cloud, call.path.text) else 204), None


def _list(call: Call) -> Answer:
    return 200, {"value": under(call.cloud, call.path.scope, call.path.type)}


KEPT: Handlers = {"PUT": _put, "PATCH": patch, "GET": _get, "DELETE": _delete, "GET/": _list}
"""What happens to a type that no other table names."""
