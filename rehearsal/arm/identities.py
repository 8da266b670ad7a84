"""User-assigned managed identities: their principals in the directory, and their federated credentials.

Azure REST reference, "User Assigned Identities" and "Federated Identity Credentials"; Entra docs, "Important
considerations and restrictions for federated identity credentials"; refusals as public issue threads quote them.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ..store import Document
from .request import Answer, Call, Handlers, refusal
from .resources import IDENTITY, KEPT, existing, find, keep, under

_CREDENTIALS = "/federatedIdentityCredentials"
_CREDENTIAL = f"{IDENTITY}{_CREDENTIALS}"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}")
_WRITE = 0.1  # seconds; Azure takes longer, which only lengthens the time in which a second write is refused
SHAPES = {_CREDENTIAL.lower(): {"issuer": str, "subject": str, "audiences": [str]}}
"""The types of the properties that decide, by type of resource."""


@asynccontextmanager
async def written_alone(busy: set[str], call: Call) -> AsyncGenerator[None]:
    """Keep an identity busy while one of its credentials is written. Raises Refusal where it is already."""
    identity, _, credential = call.path.text.lower().partition(f"{_CREDENTIALS.lower()}/")
    if not credential or call.method not in ("PUT", "DELETE"):
        yield
        return
    if identity in busy:
        raise refusal(
            409,
            "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
            "Too many Federated Identity Credentials are written concurrently for the managed identity "
            f"'{identity}'. Concurrent Federated Identity Credentials writes under the same managed identity are not "
            "supported.",
        )
    busy.add(identity)
    try:
        await asyncio.sleep(_WRITE)
        yield
    finally:
        busy.remove(identity)


def _put(call: Call) -> Answer:
    old = find(call.cloud, call.path.text)
    its: Document = {"location": old["location"] if old else call.location, "tags": call.body.get("tags") or {}}
    return (200 if old else 201), keep(call, its, old["properties"] if old else _principal(call))


def _patch(call: Call) -> Answer:
    old = existing(call)
    return 200, keep(call, {**old, "tags": call.body.get("tags", old["tags"])}, old["properties"])


def _principal(call: Call) -> Document:
    """Make the identity's service principal, which has no application; return what the identity tells of it."""
    principal, client = str(uuid.uuid4()), str(uuid.uuid4())
    document = {
        "id": principal,
        "appId": client,
        "displayName": call.path.name,
        "servicePrincipalType": "ManagedIdentity",
        "alternativeNames": ["isExplicit=True", call.path.text],
    }
    call.cloud.store.put("servicePrincipal", principal, document)
    return {"tenantId": call.cloud.tenant, "principalId": principal, "clientId": client}


def _put_credential(call: Call) -> Answer:
    old = find(call.cloud, call.path.text)
    given = {name: call.properties.get(name) for name in SHAPES[_CREDENTIAL.lower()]}
    others = [each["properties"] for each in under(call.cloud, call.path.text.rpartition("/")[0]) if each != old]
    if flaw := _flaw(call.path.name, given, others):
        raise refusal(400, "BadRequest", flaw)
    return (200 if old else 201), keep(call, {}, given)


def _flaw(name: str, given: Document, others: list[Document]) -> str | None:
    """Return why Azure refuses the credential beside the identity's others. A flexible one has no subject."""
    issuer, subject, audiences = given.values()
    if not (issuer and subject and audiences):
        missing = "Federated Identity Credential must specify 'issuer', 'subject' and 'audience'."
        return f"The request format was unexpected. {missing}"
    if not _NAME.fullmatch(name):
        return "The name must have 3 to 120 letters, digits, - and _, the first a letter or digit."
    if len(audiences) > 1 or max(map(len, (issuer, subject, *audiences))) > 600:
        return "Exactly one audience is required; issuer, subject and audience take 600 characters."
    if any((issuer, subject) == (other["issuer"], other["subject"]) for other in others):
        return "Issuer and subject combination already exists for this Managed Identity."
    return "A managed identity takes 20 Federated Identity Credentials." if len(others) >= 20 else None


TYPES: dict[str, Handlers] = {
    IDENTITY.lower(): {**KEPT, "PUT": _put, "PATCH": _patch},
    _CREDENTIAL.lower(): {key: handler for key, handler in KEPT.items() if key != "PATCH"} | {"PUT": _put_credential},
}
