"""A job's ID token: its claims, as a pure function (GitLab docs, "ID token authentication", "Token payload")."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any, Literal

ISSUER = "https://gitlab.com"

RefType = Literal["branch", "tag"]


@dataclass(frozen=True)
class Job:
    """A job of a pipeline on a branch or a tag: the project with its ids, and the ref."""

    project_path: str
    project_id: int
    namespace_id: int
    ref: str
    ref_type: RefType = "branch"

    @property
    def namespace_path(self) -> str:
        """The group or user that holds the project."""
        return self.project_path.rpartition("/")[0]

    @property
    def subject(self) -> str:
        """The `sub` claim."""
        return f"project_path:{self.project_path}:ref_type:{self.ref_type}:ref:{self.ref}"


def claims(job: Job, audience: str, now: int, lifetime: int) -> dict[str, Any]:
    """Return the claims of an ID token issued at `now` (seconds since the epoch) for `lifetime` seconds.

    Ids are strings, `runner_id` is an integer, `ref_protected` is a string; a deployment's claims are null for a job
    without an environment. A negative lifetime gives a token that expired that long ago.
    """
    issued = now + min(0, 2 * lifetime)
    sha = hashlib.sha1(f"{job.project_path}@{job.ref}".encode(), usedforsecurity=False).hexdigest()
    ref_path = f"refs/{'tags' if job.ref_type == 'tag' else 'heads'}/{job.ref}"
    project = {
        "project_id": str(job.project_id),
        "project_path": job.project_path,
        "namespace_id": str(job.namespace_id),
        "namespace_path": job.namespace_path,
    }
    return {
        "iss": ISSUER,
        "sub": job.subject,
        "aud": audience,
        "iat": issued,
        "nbf": issued - 5,
        "exp": now + lifetime,
        "jti": str(uuid.uuid4()),
        **project,
        **{f"job_{name}": value for name, value in project.items()},
        **_USER,
        "pipeline_id": "1212121212",
        "pipeline_source": "push",
        "job_id": "2323232323",
        "ref": job.ref,
        "ref_type": job.ref_type,
        "ref_path": ref_path,
        "ref_protected": "true",
        "environment": None,
        "environment_protected": None,
        "deployment_tier": None,
        "environment_action": None,
        "runner_id": 12270840,
        "runner_environment": "gitlab-hosted",
        "sha": sha,
        "ci_config_ref_uri": f"gitlab.com/{job.project_path}//.gitlab-ci.yml@{ref_path}",
        "ci_config_sha": sha,
        "project_visibility": "private",
        "groups_direct": [job.namespace_path],
    }


_USER: dict[str, Any] = {
    "user_id": "4242",
    "user_login": "rehearsal",
    "user_email": "rehearsal@example.com",
    "user_access_level": "maintainer",
    "user_identities": [{"provider": "saml", "extern_uid": "rehearsal"}],
}
