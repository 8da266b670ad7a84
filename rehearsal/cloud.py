"""The one object that every played service is given: what is remembered, and who is who."""

import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from .gitlab.registry import SEEDED, create
from .store import Document, Store

# Azure docs, "Azure built-in roles": Owner, Key Vault Administrator.
_ROLES = ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "00482a5a-887f-4fb3-b363-3b7fe8e74483")


@dataclass(frozen=True)
class Cloud:
    """A tenant with one subscription, a person who may deploy into it, and the clock its services go by.

    `tenant` and `subscription` are GUIDs. The person signs in as the application `client_id` by `client_secret`, and
    is Owner and Key Vault Administrator of the subscription; in GitLab `gitlab_token` is theirs. `now` returns seconds
    since the epoch.
    """

    store: Store
    tenant: str
    subscription: str
    client_id: str
    client_secret: str = field(repr=False)
    gitlab_token: str = field(repr=False)
    now: Callable[[], float] = time.time


def open_cloud(store: Store) -> Cloud:
    """Return the cloud that the store keeps, making its first content where there is none."""
    identity = store.get_or_make("setting", "identity", partial(_seed, store))
    return Cloud(store, **identity, **store.get_or_make("setting", "gitlab", partial(_seed_gitlab, store)))


def _seed(store: Store) -> Document:
    tenant, subscription, app_id, application, principal = (str(uuid.uuid4()) for _ in range(5))
    names = {"appId": app_id, "displayName": "deployer"}
    store.put("application", application, {"id": application, **names})
    store.put("servicePrincipal", principal, {"id": principal, **names})
    for role in _ROLES:
        _assign(store, f"/subscriptions/{subscription}", role, principal)
    secret = secrets.token_urlsafe(30)
    return {"tenant": tenant, "subscription": subscription, "client_id": app_id, "client_secret": secret}


def _seed_gitlab(store: Store) -> Document:
    for path in SEEDED:
        create(store, path)
    return {"gitlab_token": f"glpat-{secrets.token_urlsafe(15)}"}


def _assign(store: Store, scope: str, role: str, principal: str) -> None:
    kind, name = "Microsoft.Authorization/roleAssignments", str(uuid.uuid4())
    path = f"{scope}/providers/{kind}/{name}"
    properties = {
        "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "principalId": principal,
        "principalType": "ServicePrincipal",
        "scope": scope,
    }
    store.put("arm", path.lower(), {"id": path, "name": name, "type": kind, "properties": properties})
