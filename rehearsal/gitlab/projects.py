"""The projects of the rehearsal's GitLab, and the ID tokens of their jobs."""

from typing import Any

from ..cloud import Cloud
from ..keys import signing_key
from ..store import Document, Store
from . import id_token
from .id_token import ISSUER, Job, RefType

_FIRST_PROJECT = 22_000_001
_FIRST_NAMESPACE = 72_000_001


def job_token(
    cloud: Cloud,
    project_path: str,
    ref: str,
    *,
    ref_type: RefType = "branch",
    audience: str = ISSUER,
    lifetime: int = 300,
    claims: dict[str, Any] | None = None,
) -> str:
    """Return the ID token of a job, signed by GitLab; the project is made where it is unknown.

    `claims` go over those that GitLab sets; `lifetime` is in seconds.
    """
    project = _project(cloud.store, project_path)
    job = Job(project_path, project["id"], project["namespace_id"], ref, ref_type)
    payload = id_token.claims(job, audience, int(cloud.now()), lifetime)
    return signing_key(cloud.store, "gitlab").sign({**payload, **(claims or {})})


def _project(store: Store, path: str) -> Document:
    with store.transaction():
        project = store.get("gitlabProject", path)
        if project is None:
            project = _numbered(store.all("gitlabProject"), path)
            store.put("gitlabProject", path, project)
    return project


def _numbered(known: list[Document], path: str) -> Document:
    namespace = path.rpartition("/")[0]
    namespaces = {project["namespace_path"]: project["namespace_id"] for project in known}
    return {
        "id": _FIRST_PROJECT + len(known),
        "path": path,
        "namespace_id": namespaces.get(namespace, _FIRST_NAMESPACE + len(namespaces)),
        "namespace_path": namespace,
    }
