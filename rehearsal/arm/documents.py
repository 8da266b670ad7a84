"""ARM's resources in the store: kind `arm`, by ARM id in lower case."""

from ..cloud import Cloud
from ..store import Document
from .request import Call, not_found

KIND = "arm"


def find(cloud: Cloud, resource: str) -> Document | None:
    """Return the resource of that id, in any letter case, or None."""
    return cloud.store.get(KIND, resource.lower())


def existing(call: Call) -> Document:
    """Return the resource that the call names. Raises ARM's 404."""
    document = find(call.cloud, call.path.text)
    if document is None:
        raise not_found(call.path)
    return document


def save(cloud: Cloud, document: Document) -> Document:
    """Write the resource under its `id` and return it."""
    cloud.store.put(KIND, document["id"].lower(), document)
    return document


def children(cloud: Cloud, scope: str) -> list[Document]:
    """Return every resource under the scope, at any depth, oldest first."""
    return cloud.store.all(KIND, f"{scope.lower().rstrip('/')}/")


def remove(cloud: Cloud, resource: str) -> bool:
    """Remove the resource with everything under it (role assignments too); tell whether it was there."""
    for child in children(cloud, resource):
        cloud.store.delete(KIND, child["id"].lower())
    return cloud.store.delete(KIND, resource.lower())
