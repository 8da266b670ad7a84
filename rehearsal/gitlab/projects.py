"""The ID tokens of jobs in the rehearsal's GitLab (GitLab docs, "ID token authentication", "Token payload")."""

import hashlib
import uuid
import zlib
from dataclasses import dataclass
from typing import Any, Literal

from ..cloud import Cloud
from ..keys import signing_key

ISSUER = "https://gitlab.com"


@dataclass(frozen=True)
class Job:
    """A job of a project's pipeline on a branch or a tag."""

    project_path: str
    ref: str
    ref_type: Literal["branch", "tag"] = "branch"


def job_token(
    cloud: Cloud,
    project_path: str,
    ref: str,
    *,
    ref_type: Literal["branch", "tag"] = "branch",
    audience: str = ISSUER,
    lifetime: int = 300,
    claims: dict[str, Any] | None = None,
) -> str:
    """Return the ID token of a job, signed by GitLab.

    `claims` go over those that GitLab sets; `lifetime` is in seconds, negative for a token that expired that long ago.
    """
    payload = job_claims(Job(project_path, ref, ref_type), audience, int(cloud.now()), lifetime)
    return signing_key(cloud.store, "gitlab").sign({**payload, **(claims or {})})


def job_claims(job: Job, audience: str, now: int, lifetime: int) -> dict[str, Any]:
    """Return the claims of an ID token issued at `now` (seconds since the epoch) for `lifetime` seconds.

    Ids are strings, `runner_id` is an integer, `ref_protected` is a string; a deployment's claims are null for a job
    without an environment.
    """
    issued = now + min(0, 2 * lifetime)
    namespace_path = job.project_path.rpartition("/")[0]
    sha = hashlib.sha1(f"{job.project_path}@{job.ref}".encode(), usedforsecurity=False).hexdigest()
    ref_path = f"refs/{'tags' if job.ref_type == 'tag' else 'heads'}/{job.ref}"
    project = {
        "project_id": _id(job.project_path),
        "project_path": job.project_path,
        "namespace_id": _id(namespace_path),
        "namespace_path": namespace_path,
    }
    return {
        "iss": ISSUER,
        "sub": f"project_path:{job.project_path}:ref_type:{job.ref_type}:ref:{job.ref}",
        "aud": audience,
        "iat": issued,
        "nbf": issued - 5,
        "exp": now + lifetime,
        "jti": str(uuid.uuid4()),
        **project,
        **{f"job_{name}": value for name, value in project.items()},
        "user_id": "4242",
        "user_login": "rehearsal",
        "user_email": "rehearsal@example.com",
        "user_access_level": "maintainer",
        "user_identities": [{"provider": "saml", "extern_uid": "rehearsal"}],
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
        "groups_direct": [namespace_path],
    }


def _id(path: str) -> str:
    # A project's or namespace's own, and the same in every rehearsal, without being kept.
    return str(10_000_000 + zlib.crc32(path.encode()))
