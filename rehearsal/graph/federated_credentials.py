"""An application's federated identity credentials, exact (v1.0) and flexible (beta).

Microsoft Graph REST reference, "federatedIdentityCredential resource type"; Entra docs, "Important considerations and
restrictions for federated identity credentials" and "Flexible federated identity credentials".
"""

import re
import uuid
from typing import Any

from ..store import Document
from .request import Answer, Call, not_found, refusal

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}")
_MOST = 20
_LONGEST = 600
_FLEXIBLE = "claimsMatchingExpression"
_PROPERTIES = ("name", "issuer", "subject", "audiences", "description")


def create(call: Call) -> Answer:
    """Add a credential to the application."""
    others = _all(call)
    credential: Document = {key: call.body.get(key) for key in _properties(call)} | {"id": str(uuid.uuid4())}
    credential["audiences"] = credential["audiences"] or []
    if len(others) >= _MOST:
        raise _invalid("the application has the maximum of 20 federated identity credentials", "Name", "")
    if not _NAME.fullmatch(str(credential["name"] or "")):
        raise _invalid("3 to 120 letters, digits, - and _, the first a letter or digit", "Name", credential["name"])
    if any(other["name"].lower() == credential["name"].lower() for other in others):
        message = f"FederatedIdentityCredential with name {credential['name']} already exists."
        raise refusal(409, "Request_MultipleObjectsWithSameKeyValue", message)
    _check(credential, others)
    call.cloud.store.put("fic", f"{call.id}/{credential['id']}", credential)
    return 201, call.entity(_shown(call, credential), _context(call))


def update(call: Call) -> Answer:
    """Change a credential; its name stays."""
    old = _find(call)
    credential = {**old, **{key: call.body[key] for key in _properties(call) if key in call.body}}
    if credential["name"] != old["name"]:
        raise _invalid("the name cannot be changed", "Name", credential["name"])
    _check(credential, [other for other in _all(call) if other["id"] != old["id"]])
    call.cloud.store.put("fic", f"{call.id}/{old['id']}", credential)
    return 204, None


def read(call: Call) -> Answer:
    """Return one credential, by id or name."""
    return 200, call.entity(_shown(call, _find(call)), _context(call))


def listed(call: Call) -> Answer:
    """Return the application's credentials."""
    return 200, call.collection([_shown(call, credential) for credential in _all(call)], _context(call))


def delete(call: Call) -> Answer:
    """Remove a credential."""
    call.cloud.store.delete("fic", f"{call.id}/{_find(call)['id']}")
    return 204, None


def _all(call: Call) -> list[Document]:
    if call.cloud.store.get("application", call.id) is None:
        raise not_found(call.id)
    return call.cloud.store.all("fic", f"{call.id}/")


def _find(call: Call) -> Document:
    found = next((each for each in _all(call) if call.child in (each["id"], each["name"])), None)
    if found is None:
        raise not_found(call.child)
    return found


def _properties(call: Call) -> tuple[str, ...]:
    if call.version == "beta":
        return (*_PROPERTIES, _FLEXIBLE)
    if _FLEXIBLE in call.body:
        raise refusal(
            400,
            "Request_BadRequest",
            f"A property '{_FLEXIBLE}' does not exist on type 'microsoft.graph.federatedIdentityCredential'. Make sure "
            "to only use property names that are defined by the type.",
        )
    return _PROPERTIES


def _check(credential: Document, others: list[Document]) -> None:
    issuer, subject, audiences = credential["issuer"], credential["subject"], credential["audiences"]
    if not issuer:
        raise _invalid("a value is required", "Issuer", issuer)
    if bool(subject) == bool(credential.get(_FLEXIBLE)):
        raise _invalid("either a subject or a claims matching expression is required, not both", "Subject", subject)
    if len(audiences) != 1:
        raise _invalid("exactly one audience is required", "Audiences", audiences)
    long = [("Issuer", issuer), ("Subject", subject), ("Audiences", *audiences)]
    for parameter, value in [*long, ("Description", credential["description"])]:
        if len(value or "") > _LONGEST:
            raise _invalid(f"at most {_LONGEST} characters", parameter, value)
    if subject and any((other["issuer"], other["subject"]) == (issuer, subject) for other in others):
        raise _invalid(
            "The combination of issuer and subject must be unique for the application. "
            f"Issuer {issuer} and Subject: {subject} already exist",
            "Subject",
            subject,
        )


def _invalid(problem: str, parameter: str, value: Any) -> Exception:  # noqa: ANN401 - whatever the client sent
    return refusal(
        400,
        "InvalidFederatedIdentityCredentialValue",
        f"{problem}. paramName: FederatedIdentityCredential.{parameter}, paramValue: {value}, "
        "objectType: Microsoft.Online.DirectoryServices.Application",
    )


def _shown(call: Call, credential: Document) -> Document:
    return credential if call.version == "beta" else {k: v for k, v in credential.items() if k != _FLEXIBLE}


def _context(call: Call) -> str:
    return f"applications('{call.id}')/federatedIdentityCredentials"
