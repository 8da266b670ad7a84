"""Applications, service principals and their owners.

Microsoft Graph REST reference, "application resource type" and "servicePrincipal resource type".
"""

from ..store import Document
from . import shapes
from .request import Answer, Call, not_found, refusal

STORED = {"applications": "application", "servicePrincipals": "servicePrincipal"}
"""The store's kind for each of Graph's collections."""
_BIND = "owners@odata.bind"


def create(call: Call) -> Answer:
    """Make an application, or the service principal of one; who makes it becomes an owner."""
    given = {key: value for key, value in call.body.items() if "@odata" not in key}
    document = _application(call, given) if call.kind == "applications" else _principal(call, given)
    call.cloud.store.put(STORED[call.kind], document["id"], document)
    for owner in {call.caller.object_id, *map(_last, call.body.get(_BIND) or [])}:
        _own(call, document["id"], owner)
    return 201, call.entity(document, call.kind)


def _application(call: Call, given: Document) -> Document:
    if not given.get("displayName"):
        raise refusal(400, "Request_BadRequest", "Property displayName is required for resource 'Application'.")
    return shapes.application(call.cloud, given)


def _principal(call: Call, given: Document) -> Document:
    app_id = str(given.get("appId") or "")
    of = _by_app_id(call, "application", app_id)
    if of is None:
        message = f"The appId '{app_id}' of the service principal does not reference a valid application object."
        raise refusal(400, "Request_BadRequest", message)
    if _by_app_id(call, "servicePrincipal", app_id):
        raise refusal(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            "The service principal cannot be created, updated, or restored because the service principal name "
            f"{app_id} is already in use.",
        )
    return shapes.service_principal(call.cloud, given, of)


def _by_app_id(call: Call, stored: str, app_id: str) -> Document | None:
    return next((each for each in call.cloud.store.all(stored) if each["appId"] == app_id), None)


def listed(call: Call) -> Answer:
    """List the collection's objects."""
    return 200, call.collection(call.cloud.store.all(STORED[call.kind]), call.kind)


def read(call: Call) -> Answer:
    """Return one object."""
    return 200, call.entity(_find(call), call.kind)


def update(call: Call) -> Answer:
    """Change the properties that are given; null is a value."""
    given = {key: value for key, value in call.body.items() if "@odata" not in key}
    call.cloud.store.put(STORED[call.kind], call.id, {**_find(call), **given})
    return 204, None


def delete(call: Call) -> Answer:
    """Remove an object; with an application its credentials and its service principal go too."""
    app_id = _find(call)["appId"]
    _remove(call, call.kind, call.id)
    if call.kind == "applications":
        for credential in call.cloud.store.all("fic", f"{call.id}/"):
            call.cloud.store.delete("fic", f"{call.id}/{credential['id']}")
        principal = _by_app_id(call, "servicePrincipal", app_id)
        if principal:
            _remove(call, "servicePrincipals", principal["id"])
    return 204, None


def _remove(call: Call, kind: str, identifier: str) -> None:
    call.cloud.store.delete(STORED[kind], identifier)
    for owner in call.cloud.store.all("owner", f"{kind}/{identifier}/"):
        call.cloud.store.delete("owner", f"{kind}/{identifier}/{owner['id']}")


def owners(call: Call) -> Answer:
    """List an object's owners."""
    _find(call)
    found = [each["id"] for each in call.cloud.store.all("owner", f"{call.kind}/{call.id}/")]
    return 200, call.collection([_directory_object(call, owner) for owner in found], "directoryObjects")


def add_owner(call: Call) -> Answer:
    """Add the owner that the body's `@odata.id` refers to."""
    _find(call)
    owner = _last(str(call.body.get("@odata.id") or ""))
    if call.cloud.store.get("servicePrincipal", owner) is None:
        raise not_found(owner)
    if call.cloud.store.get("owner", _owner_key(call, call.id, owner)):
        message = "One or more added object references already exist for the following modified properties: 'owners'."
        raise refusal(400, "Request_BadRequest", message)
    _own(call, call.id, owner)
    return 204, None


def remove_owner(call: Call) -> Answer:
    """Remove an owner."""
    _find(call)
    if not call.cloud.store.delete("owner", _owner_key(call, call.id, call.child)):
        raise not_found(call.child)
    return 204, None


def by_ids(call: Call) -> Answer:
    """Return the service principals of the given ids, as az asks to show names beside role assignments."""
    ids: list[str] = call.body.get("ids") or []
    known = [call.cloud.store.get("servicePrincipal", identifier) for identifier in ids]
    return 200, call.collection([_directory_object(call, each["id"]) for each in known if each], "directoryObjects")


def _directory_object(call: Call, identifier: str) -> Document:
    principal = call.cloud.store.get("servicePrincipal", identifier) or {"id": identifier}
    return {"@odata.type": "#microsoft.graph.servicePrincipal", **principal}


def _find(call: Call) -> Document:
    document = call.cloud.store.get(STORED[call.kind], call.id)
    if document is None:
        raise not_found(call.id)
    return document


def _own(call: Call, identifier: str, owner: str) -> None:
    call.cloud.store.put("owner", _owner_key(call, identifier, owner), {"id": owner})


def _owner_key(call: Call, identifier: str, owner: str) -> str:
    return f"{call.kind}/{identifier}/{owner}"


def _last(url: str) -> str:
    return url.rpartition("/")[2]
