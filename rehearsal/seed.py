"""What is there on first start: a tenant, a subscription, and a person's application that may deploy into it."""

import secrets
import uuid
from dataclasses import dataclass, field
from functools import partial

from .cloud import Cloud
from .store import Document, Store

# Azure docs, "Azure built-in roles": Owner, Key Vault Administrator.
_ROLES = ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "00482a5a-887f-4fb3-b363-3b7fe8e74483")


@dataclass(frozen=True)
class Identity:
    """The person who may deploy: Owner and Key Vault Administrator of the subscription, by a client secret."""

    tenant: str
    subscription: str
    client_id: str
    client_secret: str = field(repr=False)


def open_cloud(store: Store) -> Cloud:
    """Return the cloud that the store keeps, making its first content where there is none."""
    who = identity(store)
    return Cloud(store, who.tenant, who.subscription)


def identity(store: Store) -> Identity:
    """Return the identity that the rehearsal's environment hands to clients."""
    return Identity(**store.get_or_make("setting", "identity", partial(_seed, store)))


def _seed(store: Store) -> Document:
    tenant, subscription, app_id, application, principal = (str(uuid.uuid4()) for _ in range(5))
    names = {"appId": app_id, "displayName": "deployer"}
    store.put("application", application, {"id": application, **names})
    store.put("servicePrincipal", principal, {"id": principal, **names})
    for role in _ROLES:
        _assign(store, f"/subscriptions/{subscription}", role, principal)
    secret = secrets.token_urlsafe(30)
    return {"tenant": tenant, "subscription": subscription, "client_id": app_id, "client_secret": secret}


def _assign(store: Store, scope: str, role: str, principal: str) -> None:
    kind, name = "Microsoft.Authorization/roleAssignments", str(uuid.uuid4())
    assignment_id = f"{scope}/providers/{kind}/{name}"
    assignment = {
        "id": assignment_id,
        "name": name,
        "type": kind,
        "properties": {
            "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "scope": scope,
        },
    }
    store.put("arm", assignment_id.lower(), assignment)
