"""The ID tokens of jobs in the rehearsal's GitLab (GitLab docs, "ID token authentication", "Token payload")."""

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..cloud import Cloud
from ..keys import signing_key
from .registry import DEFAULT_COMPONENTS, number, sub_components

ISSUER = "https://gitlab.com"

# GitLab's `Environment#guess_tier`: the first that finds its words in the environment's name.
_GUESSES = {
    "development": r"dev|review|trunk",
    "testing": r"test|tst|int|ac(ce|)pt|qa|qc|control|quality",
    "staging": r"st(a|)g|mod(e|)l|pre|demo|non",
    "production": r"pr(o|)d|live",
}
TIERS = (*_GUESSES, "other")


@dataclass(frozen=True)
class Job:
    """A job of a project's pipeline on a branch or a tag, or for a merge request from the branch `ref`.

    The pipeline of a merge request from a fork runs in the fork: that is its project. Without an `environment` the job
    deploys nowhere; an empty `deployment_tier` is guessed from the environment's name, as GitLab does.
    """

    project_path: str
    ref: str
    ref_type: Literal["branch", "tag"] = "branch"
    ref_protected: bool = True
    merge_request: bool = False
    environment: str = ""
    environment_protected: bool = False
    deployment_tier: str = ""


def job_token(
    cloud: Cloud,
    project_path: str,
    ref: str,
    *,
    audience: str = ISSUER,
    lifetime: int = 300,
    claims: dict[str, Any] | None = None,
    **job: Any,  # noqa: ANN401 the other fields of Job
) -> str:
    """Return the ID token of a job, signed by GitLab; its `sub` is made as the project's setting says.

    `claims` go over those that GitLab sets; `lifetime` is in seconds, negative for a token that expired that long ago.
    """
    components = sub_components(cloud.store, project_path)
    payload = job_claims(Job(project_path, ref, **job), audience, int(cloud.now()), lifetime, components)
    return signing_key(cloud.store, "gitlab").sign({**payload, **(claims or {})})


def job_claims(
    job: Job, audience: str, now: int, lifetime: int, components: Sequence[str] = DEFAULT_COMPONENTS
) -> dict[str, Any]:
    """Return the claims of an ID token issued at `now` (seconds since the epoch) for `lifetime` seconds.

    Ids are strings, `runner_id` is an integer, `ref_protected` and `environment_protected` are words; a deployment's
    claims are null for a job without an environment. `sub` is a row of the components' names and values.
    """
    issued = now + min(0, 2 * lifetime)
    namespace_path = job.project_path.rpartition("/")[0]
    sha = hashlib.sha1(f"{job.project_path}@{job.ref}".encode(), usedforsecurity=False).hexdigest()
    ref_path = f"refs/{'tags' if job.ref_type == 'tag' else 'heads'}/{job.ref}"
    project = {
        "project_id": str(number(job.project_path)),
        "project_path": job.project_path,
        "namespace_id": str(number(namespace_path)),
        "namespace_path": namespace_path,
    }
    claims = {
        "iss": ISSUER,
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
        "pipeline_source": "merge_request_event" if job.merge_request else "push",
        "job_id": "2323232323",
        "ref": job.ref,
        "ref_type": job.ref_type,
        "ref_path": ref_path,
        "ref_protected": _word(job.ref_protected),
        **_deployment(job),
        "runner_id": 12270840,
        "runner_environment": "gitlab-hosted",
        "sha": sha,
        "ci_config_ref_uri": f"gitlab.com/{job.project_path}//.gitlab-ci.yml@{ref_path}",
        "ci_config_sha": sha,
        "project_visibility": "private",
        "groups_direct": [namespace_path],
    }
    # A claim that the job does not have stands there with an empty text (as far as is known: see COVERAGE.md).
    return {**claims, "sub": ":".join(f"{name}:{claims[name] or ''}" for name in components)}


def _deployment(job: Job) -> dict[str, str | None]:
    if not job.environment:
        return dict.fromkeys(("environment", "environment_protected", "deployment_tier", "environment_action"))
    guessed = (tier for tier, words in _GUESSES.items() if re.search(words, job.environment, re.IGNORECASE))
    return {
        "environment": job.environment,
        "environment_protected": _word(job.environment_protected),
        "deployment_tier": job.deployment_tier or next(guessed, "other"),
        "environment_action": "start",
    }


def _word(flag: bool) -> str:  # noqa: FBT001 what GitLab writes for it
    return "true" if flag else "false"
