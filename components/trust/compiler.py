"""The subjects or the expression that a trust entry compiles to. Pure.

Why a wildcard reaches no further than its own component: every pattern spells out the names of all components, so it
has as many colons as the subject; no path, ref or other value holds a colon; thus each colon meets its like, and a `*`
has none left to cross. This rests on the project's setting being the one that the stack says.

Source: GitLab docs, "OpenID Connect (OIDC) authentication using ID tokens" (the claims) and "Environments": each one
has one of five tiers.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from keyvault_fetch.trust.expressions import Condition, Expression, is_pattern
from keyvault_fetch.trust.jobs import Job, subject_of
from keyvault_fetch.trust.subjects import TIERS

if TYPE_CHECKING:
    from components.settings.trust import TrustedProject, TrustSettings

__all__ = ["expression_of", "pattern_of", "subjects_of"]


def subjects_of(project: TrustedProject, entry: TrustSettings) -> tuple[str, ...]:
    """Return the subjects of all jobs that the entry trusts; empty where they cannot be listed (any ref, a pattern).

    A component that the entry leaves open counts with each of its values. Raises SubjectError where a component is the
    project's id and nobody gave it.
    """
    if entry.expression or ("ref" in project.sub_components and (not entry.ref or is_pattern(entry.ref))):
        return ()
    protections = [True] if entry.protected else [True, False]
    jobs = (
        Job(project.path, project.project_id, ref_type, entry.ref, protected, environment_protected, tier)
        for ref_type, protected, (environment_protected, tier) in product(
            entry.ref_types, protections, _environments(entry)
        )
    )
    return tuple(dict.fromkeys(subject_of(job, project.sub_components) for job in jobs))


def _environments(entry: TrustSettings) -> list[tuple[bool | None, str]]:
    """Return what a trusted job's environment may be: whether it is protected, and its tier; (None, "") is none."""
    protections = [True] if entry.environment_protected else [True, False]
    tiers = (entry.deployment_tier,) if entry.deployment_tier else TIERS
    none = () if entry.environment_protected or entry.deployment_tier else ((None, ""),)
    return [*none, *product(protections, tiers)]


def pattern_of(project: TrustedProject, entry: TrustSettings) -> str:
    """Return the pattern of the trusted jobs' subjects, with `*` for each component that the entry leaves open."""
    values = {
        "project_path": project.path,
        "project_id": str(project.project_id),
        "ref_type": entry.ref_types[0] if entry.ref else "*",
        "ref": entry.ref or "*",
        "ref_protected": "true" if entry.protected else "*",
        "environment_protected": "true" if entry.environment_protected else "*",
        "deployment_tier": entry.deployment_tier or "*",
    }
    return ":".join(f"{name}:{values[name]}" for name in project.sub_components)


def expression_of(project: TrustedProject, entry: TrustSettings) -> str:
    """Return the flexible expression of the trusted jobs: the entry's own, or the pattern beside the project's id."""
    if entry.expression:
        return entry.expression
    pattern = Condition("sub", "matches", pattern_of(project, entry))
    return str(Expression((pattern, Condition("project_id", "eq", str(project.project_id)))))
