"""An application's federated identity credentials, exact (v1.0) and flexible (beta).

Microsoft Graph REST reference, "federatedIdentityCredential resource type"; Entra docs, "Important considerations and
restrictions for federated identity credentials" and "Flexible federated identity credentials".
"""

import re
import uuid
from collections.abc import Iterator

from ..entra import flexible
from ..entra.federation import EXPRESSION
from ..store import Document
from .request import Answer, Call, not_found, refusal

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}")
_PROPERTIES = ("name", "issuer", "subject", "audiences", "description")


def create(call: Call) -> Answer:
    """Add a credential to the application."""
    others = _all(call)
    credential: Document = {"id": str(uuid.uuid4()), **dict.fromkeys(_PROPERTIES), **_given(call)}
    if str(credential["name"]).lower() in [other["name"].lower() for other in others]:
        message = f"FederatedIdentityCredential with name {credential['name']} already exists."
        raise refusal(409, "Request_MultipleObjectsWithSameKeyValue", message)
    _save(call, credential, others)
    return 201, call.entity(_shown(call, credential), _context(call))


def update(call: Call) -> Answer:
    """Change a credential; its name stays."""
    old = _find(call)
    credential = {**old, **_given(call)}
    if credential["name"] != old["name"]:
        raise _invalid("the name cannot be changed", "name", credential)
    _save(call, credential, [other for other in _all(call) if other["id"] != old["id"]])
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


def _save(call: Call, credential: Document, others: list[Document]) -> None:
    if not credential.get(EXPRESSION):
        credential.pop(EXPRESSION, None)  # null says that it is an exact one
    for problem, name in _problems(credential, others):
        raise _invalid(problem, name, credential)
    call.cloud.store.put("fic", f"{call.id}/{credential['id']}", credential)


def _problems(credential: Document, others: list[Document]) -> Iterator[tuple[str, str]]:
    """Yield what breaks a rule, with the property's name."""
    issuer, subject = credential["issuer"], credential["subject"]
    audiences: list[str] = credential["audiences"] or []
    if len(others) >= 20:
        yield "the application has the maximum of 20 federated identity credentials", "name"
    if not _NAME.fullmatch(str(credential["name"] or "")):
        yield "3 to 120 letters, digits, - and _, the first a letter or digit", "name"
    if not issuer:
        yield "a value is required", "issuer"
    if bool(subject) == bool(credential.get(EXPRESSION)):
        yield "either a subject or a claims matching expression is required, not both", "subject"
    if len(audiences) != 1:
        yield "exactly one audience is required", "audiences"
    for name, value in {**credential, "audiences": "".join(audiences)}.items():
        if isinstance(value, str) and len(value) > 600:
            yield "at most 600 characters", name
    if expression := credential.get(EXPRESSION):
        if expression.get("languageVersion") != 1:
            yield "The language version of a claims matching expression must be 1", EXPRESSION
        if problem := flexible.problem(expression.get("value") or "", issuer or ""):
            yield problem, EXPRESSION
    if subject and any((other["issuer"], other["subject"]) == (issuer, subject) for other in others):
        unique = "The combination of issuer and subject must be unique for the application."
        yield f"{unique} Issuer {issuer} and Subject: {subject} already exist", "subject"


def _invalid(problem: str, name: str, credential: Document) -> Exception:
    value = credential[name].get("value") if name == EXPRESSION else credential[name]
    return refusal(
        400,
        "InvalidFederatedIdentityCredentialValue",
        f"{problem}. paramName: FederatedIdentityCredential.{name[0].upper()}{name[1:]}, paramValue: {value}, "
        "objectType: Microsoft.Online.DirectoryServices.Application",
    )


def _given(call: Call) -> Document:
    if EXPRESSION in call.body and call.version != "beta":
        raise refusal(
            400,
            "Request_BadRequest",
            f"A property '{EXPRESSION}' does not exist on type 'microsoft.graph.federatedIdentityCredential'. Make "
            "sure to only use property names that are defined by the type.",
        )
    return {key: call.body[key] for key in (*_PROPERTIES, EXPRESSION) if key in call.body}


def _shown(call: Call, credential: Document) -> Document:
    return credential if call.version == "beta" else {k: v for k, v in credential.items() if k != EXPRESSION}


def _context(call: Call) -> str:
    return f"applications('{call.id}')/federatedIdentityCredentials"
