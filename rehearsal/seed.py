"""What is there on first start: a tenant, a subscription, and a person's application that may deploy into it."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from . import keys
from .cloud import Cloud
from .store import Document, Store

# Azure docs, "Azure built-in roles".
_OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"


@dataclass(frozen=True)
class Identity:
    """The person who may deploy: Owner and Key Vault Administrator of the subscription, by a client secret."""

    tenant: str
    subscription: str
    client_id: str
    client_secret: str = field(repr=False)


def open_cloud(state: Path) -> Cloud:
    """Open the cloud kept in the state directory, making its first content where there is none."""
    store = Store(state)
    with store.transaction():
        if store.get("setting", "identity") is None:
            _seed(store)
    who = identity(store)
    return Cloud(store, who.tenant, who.subscription)


def identity(store: Store) -> Identity:
    """Return the identity that the rehearsal's environment hands to clients.

    Raises LookupError in a store that was not seeded.
    """
    document = store.get("setting", "identity")
    if document is None:
        raise LookupError("the store was not seeded")
    return Identity(**document)


def _seed(store: Store) -> None:
    keys.create(store, "entra")
    keys.create(store, "gitlab")
    tenant, subscription, app_id, application, principal = (str(uuid.uuid4()) for _ in range(5))
    secret = secrets.token_urlsafe(30)
    store.put(
        "setting",
        "identity",
        {"tenant": tenant, "subscription": subscription, "client_id": app_id, "client_secret": secret},
    )
    store.put("password", app_id, {"hash": hashlib.sha256(secret.encode()).hexdigest()})
    store.put("application", application, {"id": application, "appId": app_id, "displayName": "deployer"})
    store.put("servicePrincipal", principal, {"id": principal, "appId": app_id, "displayName": "deployer"})
    for role in (_OWNER, _KEY_VAULT_ADMINISTRATOR):
        assignment = _role_assignment(subscription, role, principal)
        store.put("arm", assignment["id"].lower(), assignment)


def _role_assignment(subscription: str, role: str, principal: str) -> Document:
    scope = f"/subscriptions/{subscription}"
    name = str(uuid.uuid4())
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "name": name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "scope": scope,
        },
    }
