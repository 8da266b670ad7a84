"""A vault's secrets in the store: kind `secret`, key `{vault}/{name}/{version}`, oldest version first."""

import uuid
from typing import Any

from ..cloud import Cloud
from ..store import Document, Store

_KIND = "secret"
SHAPE = {"attributes": {"enabled": bool, "nbf": int, "exp": int}, "tags": {}, "contentType": str}
"""What of a request's body must be of which type; `value` is looked at by itself."""


def find(store: Store, vault: str, name: str, version: str = "") -> Document | None:
    """Return a version of a secret, else its newest one, disabled or not; None where there is none."""
    if version:
        return store.get(_KIND, _key(vault, name, version))
    return next(reversed(versions(store, vault, name)), None)


def versions(store: Store, vault: str, name: str) -> list[Document]:
    """Return a secret's versions."""
    return store.all(_KIND, _key(vault, name))


def newest(store: Store, vault: str) -> list[Document]:
    """Return the newest version of each secret of the vault, by name."""
    by_name = {document["name"].lower(): document for document in store.all(_KIND, _key(vault))}
    return [by_name[name] for name in sorted(by_name)]


def create(cloud: Cloud, vault: str, name: str, given: Document) -> Document:
    """Write a new version from a set request's `value`, `contentType`, `attributes` and `tags`; return it."""
    document: Document = {
        "name": name,
        "version": uuid.uuid4().hex,
        "value": given["value"],
        "contentType": None,
        "attributes": {"enabled": True, "created": int(cloud.now())},
        "tags": {},
    }
    return update(cloud, vault, document, given)


def update(cloud: Cloud, vault: str, document: Document, given: Document) -> Document:
    """Write a version with its `contentType`, `attributes` and `tags` changed where given; return it."""
    attributes: dict[str, Any] = given.get("attributes") or {}
    settable = {key: attributes[key] for key in ("enabled", "nbf", "exp") if attributes.get(key) is not None}
    document = {
        **document,
        **{key: given[key] for key in ("contentType", "tags") if given.get(key) is not None},
        "attributes": {**document["attributes"], **settable, "updated": int(cloud.now())},
    }
    cloud.store.put(_KIND, _key(vault, document["name"], document["version"]), document)
    return document


def delete(store: Store, vault: str, *name: str) -> None:
    """Remove a secret with all its versions; without a name, every secret of the vault."""
    for document in store.all(_KIND, _key(vault, *name)):
        store.delete(_KIND, _key(vault, document["name"], document["version"]))


def _key(*parts: str) -> str:
    """Return the key of a version, or what the keys of a vault or a secret begin with."""
    return "/".join(parts).lower() + "/" * (len(parts) < 3)
