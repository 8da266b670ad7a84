"""The projects of the rehearsal's GitLab: which there are, and the one setting of theirs that is played."""

import zlib

from ..store import Document, Store

DEFAULT_COMPONENTS = ["project_path", "ref_type", "ref"]
SEEDED = ("acme/shop", "acme/payments", "acme/web", "acme/infra", "acme/legacy", "acme/portal")


def number(path: str) -> int:
    """Return the id of a project or namespace: its own, and the same in every rehearsal."""
    return 10_000_000 + zlib.crc32(path.encode())


def create(store: Store, path: str) -> Document:
    """Keep a project of this full path, private and with every setting at its default."""
    project = {"id": number(path), "path_with_namespace": path, "components": DEFAULT_COMPONENTS}
    store.put("project", path.lower(), project)
    return project


def find(store: Store, given: str) -> Document | None:
    """Return the project with this id or full path; GitLab tells paths apart without regard to case."""
    if given.isdecimal():
        return next((each for each in store.all("project") if str(each["id"]) == given), None)
    return store.get("project", given.lower())


def sub_components(store: Store, path: str) -> list[str]:
    """Return what the project's tokens' `sub` is made of; a project that is not there has the default."""
    return (find(store, path) or {}).get("components", DEFAULT_COMPONENTS)
