"""A vault's secrets in the store: kind `secret`, key `{vault}/{name}/{version}`, oldest version first."""

import uuid
from typing import Any

from ..cloud import Cloud
from ..store import Document, Store

KIND = "secret"


def latest(store: Store, vault: str, name: str) -> Document | None:
    """Return the newest version of a secret, disabled or not, or None where there is no such secret."""
    found = versions(store, vault, name)
    return found[-1] if found else None


def version(store: Store, vault: str, name: str, version_: str) -> Document | None:
    """Return that version of a secret, or None."""
    return store.get(KIND, _key(vault, name, version_))


def versions(store: Store, vault: str, name: str) -> list[Document]:
    """Return a secret's versions."""
    return store.all(KIND, _key(vault, name, ""))


def newest(store: Store, vault: str) -> list[Document]:
    """Return the newest version of each secret of the vault, by name."""
    by_name = {document["name"].lower(): document for document in store.all(KIND, f"{vault.lower()}/")}
    return [by_name[name] for name in sorted(by_name)]


def create(cloud: Cloud, vault: str, name: str, given: Document) -> Document:
    """Write a new version from a set request's `value`, `contentType`, `attributes` and `tags`; return it."""
    now = int(cloud.now())
    document: Document = {
        "name": name,
        "version": uuid.uuid4().hex,
        "value": given["value"],
        "contentType": given.get("contentType"),
        "attributes": {"enabled": True, **_settable(given), "created": now, "updated": now},
        "tags": given.get("tags") or {},
    }
    cloud.store.put(KIND, _key(vault, name, document["version"]), document)
    return document


def update(cloud: Cloud, vault: str, document: Document, given: Document) -> Document:
    """Change a version's `contentType`, `attributes` and `tags` where given; return it."""
    document = {
        **document,
        **{key: given[key] for key in ("contentType", "tags") if given.get(key) is not None},
        "attributes": {**document["attributes"], **_settable(given), "updated": int(cloud.now())},
    }
    cloud.store.put(KIND, _key(vault, document["name"], document["version"]), document)
    return document


def delete(store: Store, vault: str, name: str = "") -> None:
    """Remove a secret with all its versions; without a name, every secret of the vault."""
    for document in versions(store, vault, name) if name else store.all(KIND, f"{vault.lower()}/"):
        store.delete(KIND, _key(vault, document["name"], document["version"]))


def _key(vault: str, name: str, version_: str) -> str:
    return f"{vault}/{name}/{version_}".lower()


def _settable(given: Document) -> dict[str, Any]:
    attributes: dict[str, Any] = given.get("attributes") or {}
    return {key: attributes[key] for key in ("enabled", "nbf", "exp") if attributes.get(key) is not None}
