"""The jobs that GitLab runs, and the subject that each one's ID token carries. Pure rules, no I/O.

Source: GitLab docs, "OpenID Connect (OIDC) authentication using ID tokens" and the project setting
`ci_id_token_sub_claim_components` of the "Projects API".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keyvault_fetch.trust.subjects import Flaw, RefType, SubjectError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Job", "claims_of", "subject_of"]


@dataclass(frozen=True)
class Job:
    """What GitLab knows of a job where it writes the job's subject.

    A merge-request pipeline is a job on the merge request's source branch; from a fork, a job of the fork's project.
    `environment_protected` is None and `deployment_tier` empty for a job without an environment. `project_id` is None
    where nobody has looked it up; so are the ids of the namespace and of the user who started the job.
    """

    project_path: str
    project_id: int | None
    ref_type: RefType
    ref: str
    ref_protected: bool = False
    environment_protected: bool | None = None
    deployment_tier: str = ""
    namespace_id: int | None = None
    user_id: int | None = None


def subject_of(job: Job, components: Sequence[str]) -> str:
    """Return the `sub` that GitLab gives the job where the project's setting names these components.

    A component that the job does not have (no environment) gives empty text after its colon; GitLab documents
    `name:value` and leaves this case open. Raises SubjectError where project_id is a component and nobody gave the id.
    """
    values = {
        "project_path": job.project_path,
        "project_id": "" if job.project_id is None else str(job.project_id),
        "ref_type": job.ref_type,
        "ref": job.ref,
        "ref_protected": _boolean(job.ref_protected),
        "environment_protected": "" if job.environment_protected is None else _boolean(job.environment_protected),
        "deployment_tier": job.deployment_tier,
    }
    if "project_id" in components and job.project_id is None:
        raise SubjectError(
            Flaw(
                f"the subject carries the id of {job.project_path!r}, which is not known here",
                "give it (`project_id: N`, from the project's page)",
            )
        )
    return ":".join(f"{name}:{values[name]}" for name in components)


def claims_of(job: Job, components: Sequence[str]) -> dict[str, str]:
    """Return the claims of the job's token that a credential of Entra may be compared with, as far as they are known.

    Raises SubjectError as `subject_of` does.
    """
    ids = {"project_id": job.project_id, "namespace_id": job.namespace_id, "user_id": job.user_id}
    known = {name: str(value) for name, value in ids.items() if value is not None}
    return {"sub": subject_of(job, components), **known}


def _boolean(value: bool) -> str:  # noqa: FBT001 - it is the value itself
    return "true" if value else "false"
