"""Applications and service principals, which keep their owners' ids beside their properties.

Microsoft Graph REST reference, "application resource type" and "servicePrincipal resource type".
"""

import uuid

from ..store import Document
from .request import Answer, Call, not_found, refusal

_STORED = {"applications": "application", "servicePrincipals": "servicePrincipal"}
_OWNERS = "owners"  # ids; Graph shows them under a path of their own
_FIXED = ("id", "appId", _OWNERS)  # no client changes them so
# What Graph adds to what the client gives. Any other property reads as absent, which clients take for null.
_APPLICATION: Document = {
    "identifierUris": [],
    "oauth2RequirePostResponse": False,
    "signInAudience": "AzureADMyOrg",
    "tags": [],
}
_PRINCIPAL: Document = {
    "accountEnabled": True,
    "alternativeNames": [],
    "appRoleAssignmentRequired": False,
    "notificationEmailAddresses": [],
    "replyUrls": [],
    "servicePrincipalType": "Application",
    "tags": [],
}


def create(call: Call) -> Answer:
    """Make an application, or the service principal of one; who makes it becomes an owner."""
    made = _application(call) if call.kind == "applications" else _principal(call)
    owners = {call.caller.object_id, *map(_last, call.body.get("owners@odata.bind") or [])}
    document = {"id": str(uuid.uuid4()), **made, **_given(call), _OWNERS: sorted(owners)}
    _save(call, document)
    return 201, call.entity(_shown(document), call.kind)


def _application(call: Call) -> Document:
    if not call.body.get("displayName"):
        raise refusal(400, "Request_BadRequest", "Property displayName is required for resource 'Application'.")
    domain = f"{call.cloud.tenant}.onmicrosoft.com"
    return {**_APPLICATION, "appId": str(uuid.uuid4()), "publisherDomain": domain}


def _principal(call: Call) -> Document:
    app_id = str(call.body.get("appId") or "")
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
    taken = {key: of.get(key) for key in ("displayName", "signInAudience")}
    names = [app_id, *of.get("identifierUris", [])]
    taken |= {"appId": app_id}
    return {**_PRINCIPAL, **taken, "servicePrincipalNames": names, "appOwnerOrganizationId": call.cloud.tenant}


def _by_app_id(call: Call, stored: str, app_id: str) -> Document | None:
    return next((each for each in call.cloud.store.all(stored) if each["appId"] == app_id), None)


def listed(call: Call) -> Answer:
    """List the collection's objects."""
    return 200, call.collection(list(map(_shown, call.cloud.store.all(_STORED[call.kind]))), call.kind)


def read(call: Call) -> Answer:
    """Return one object."""
    return 200, call.entity(_shown(_find(call)), call.kind)


def update(call: Call) -> Answer:
    """Change the properties that are given; null is a value."""
    _save(call, {**_find(call), **_given(call)})
    return 204, None


def delete(call: Call) -> Answer:
    """Remove an object; with an application its credentials and its service principal go too."""
    document, store = _find(call), call.cloud.store
    store.delete(_STORED[call.kind], call.id)
    if call.kind == "applications":
        for credential in store.all("fic", f"{call.id}/"):
            store.delete("fic", f"{call.id}/{credential['id']}")
        if principal := _by_app_id(call, "servicePrincipal", document["appId"]):
            store.delete("servicePrincipal", principal["id"])
    return 204, None


def owners(call: Call) -> Answer:
    """List an object's owners."""
    return _principals(call, _owners(_find(call)))


def add_owner(call: Call) -> Answer:
    """Add the owner that the body's `@odata.id` refers to."""
    document, owner = _find(call), _last(str(call.body.get("@odata.id") or ""))
    if call.cloud.store.get("servicePrincipal", owner) is None:
        raise not_found(owner)
    if owner in _owners(document):
        message = "One or more added object references already exist for the following modified properties: 'owners'."
        raise refusal(400, "Request_BadRequest", message)
    _save(call, {**document, _OWNERS: [*_owners(document), owner]})
    return 204, None


def remove_owner(call: Call) -> Answer:
    """Remove an owner."""
    document = _find(call)
    if call.child not in _owners(document):
        raise not_found(call.child)
    _save(call, {**document, _OWNERS: [owner for owner in _owners(document) if owner != call.child]})
    return 204, None


def by_ids(call: Call) -> Answer:
    """Return the service principals of the given ids, as az asks to show names beside role assignments."""
    return _principals(call, call.body.get("ids") or [])


def _principals(call: Call, identifiers: list[str]) -> Answer:
    known = [call.cloud.store.get("servicePrincipal", identifier) for identifier in identifiers]
    shown = [{"@odata.type": "#microsoft.graph.servicePrincipal", **_shown(each)} for each in known if each]
    return 200, call.collection(shown, "directoryObjects")


def _find(call: Call) -> Document:
    document = call.cloud.store.get(_STORED[call.kind], call.id)
    if document is None:
        raise not_found(call.id)
    return document


def _save(call: Call, document: Document) -> None:
    call.cloud.store.put(_STORED[call.kind], document["id"], document)


def _given(call: Call) -> Document:
    return {key: value for key, value in call.body.items() if "@odata" not in key and key not in _FIXED}


def _shown(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != _OWNERS}


def _owners(document: Document) -> list[str]:
    return document.get(_OWNERS, [])


def _last(url: str) -> str:
    return url.rpartition("/")[2]
