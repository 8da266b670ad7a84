"""The jobs that tell what a trust list lets in, and what it keeps out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from keyvault_fetch.trust.jobs import Job

if TYPE_CHECKING:
    from components.settings.stack import ProjectSettings
    from components.settings.trust import TrustSettings

__all__ = ["FORK_ID", "Asked", "fork_of", "telling_jobs"]

FORK_ID: Final = 8_000_000_000_000_000
"""The id of a fork that there is not."""


@dataclass(frozen=True)
class Asked:
    """A job to explain, and what a person calls it."""

    label: str
    job: Job


def telling_jobs(project: ProjectSettings) -> list[Asked]:
    """Return a job for each entry of the project's trust list, and their nearest neighbours.

    The neighbours are those of the first entry: another branch, a tag of the branch's name (or the other way round), a
    merge request from the branch, one from a fork, and the same job without what else the entry wants.
    """
    trusted = [_sample(project, entry) for entry in project.trust]
    conditions = _conditions(project.trust[0])
    asked = [*trusted, *_neighbours(trusted[0].job, conditions, {one.job.ref for one in trusted})]
    return [one for index, one in enumerate(asked) if one not in asked[:index]]


def fork_of(job: Job, path: str) -> Job:
    """Return the job as it runs in a fork of this path."""
    return replace(job, project_path=path, project_id=FORK_ID)


def _sample(project: ProjectSettings, entry: TrustSettings) -> Asked:
    """Return one job that the entry names; a pattern's `*` becomes `1.0`."""
    kind, pattern = _ref(entry)
    ref = pattern.replace("*", "1.0").replace("?", "1")
    has_environment = entry.environment_protected or bool(entry.deployment_tier)
    job = Job(
        project.path,
        project.project_id,
        "tag" if kind == "tag" else "branch",
        ref,
        ref_protected=entry.protected,
        environment_protected=entry.environment_protected if has_environment else None,
        deployment_tier=entry.deployment_tier or ("production" if has_environment else ""),
    )
    pattern_or_not = [f"for {pattern}"] if pattern != ref else []
    return Asked(", ".join([f"{kind} {ref}", *pattern_or_not, *_conditions(entry)]), job)


def _conditions(entry: TrustSettings) -> list[str]:
    """Return what the entry wants beside a ref."""
    conditions = {
        "protected": entry.protected,
        "in a protected environment": entry.environment_protected,
        f"of tier {entry.deployment_tier}": bool(entry.deployment_tier),
        "by an expression": bool(entry.expression),
    }
    return [words for words, wanted in conditions.items() if wanted]


def _ref(entry: TrustSettings) -> tuple[str, str]:
    """Return the kind of ref that the entry names and its name or pattern; the branch main where it names none."""
    named = {"branch": entry.branch, "tag": entry.tag, "merge request from": entry.merge_request}
    return next(((kind, ref) for kind, ref in named.items() if ref), ("branch", "main"))


def _neighbours(job: Job, conditions: list[str], trusted: set[str]) -> list[Asked]:
    also = "".join(f", {words}" for words in conditions)
    branch = job.ref if job.ref_type == "branch" else "main"
    other = next(name for name in ("develop", "feature/x", "another") if name not in trusted)
    twin: Job = replace(job, ref_type="tag" if job.ref_type == "branch" else "branch")
    from_branch = replace(job, ref_type="branch", ref=branch)
    fork = fork_of(from_branch, f"fork/{job.project_path.rpartition('/')[2]}")
    bare = replace(job, ref_protected=False, environment_protected=None, deployment_tier="")
    return [
        Asked(f"branch {other}{also}", replace(job, ref_type="branch", ref=other)),
        Asked(f"{twin.ref_type} {twin.ref}{also}", twin),
        Asked(f"merge request from {branch}{also}", from_branch),
        Asked(f"merge request from {branch} of a fork{also}", fork),
        *([Asked(f"{job.ref_type} {job.ref}, not {', not '.join(conditions)}", bare)] if bare != job else []),
    ]
