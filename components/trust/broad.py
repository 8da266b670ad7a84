"""Whether a trust entry trusts more than anybody means: other projects, or whoever may push. Pure.

Source: GitLab docs, "Deployment safety" and "Protected environments": who may push to a branch that is not protected
writes the job, names its environment and that environment's tier; who may run jobs on protected refs and in protected
environments is decided by the project's maintainers.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Final, get_args

from keyvault_fetch.trust.expressions import Expression, is_pattern, literal_head, parse
from keyvault_fetch.trust.jobs import Job, subject_of
from keyvault_fetch.trust.subjects import TIERS, Flaw, RefType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.settings.trust import TrustedProject, TrustSettings

__all__ = ["broad_flaw"]

_ALLOW: Final = "if that is meant, `allow_broad: true` and a `reason`"
# A letter of Unicode's private use area: no pattern has it, so only a wildcard matches a ref of these.
_NOBODYS: Final = "\ue000"


def broad_flaw(project: TrustedProject, entry: TrustSettings) -> Flaw | None:
    """Return why the entry, which is well-formed, trusts too much, or None."""
    if entry.expression:
        expression = parse(entry.expression)
        return _project_flaw(project, expression) or _any_job_flaw(project, expression)
    guarded = entry.protected or entry.environment_protected
    if is_pattern(entry.ref) and not re.search(r"\w", entry.ref) and not guarded:
        kind = "tag" if entry.tag else "branch"
        return Flaw(
            f"{entry.ref!r} matches every {kind}: whoever may push one is trusted",
            f"write more of the name, like release/* or v*, or add `protected: true`; {_ALLOW}",
        )
    if entry.deployment_tier and not entry.ref and not guarded:
        return Flaw(
            "a deployment tier alone trusts whoever may push: a job names its environment's tier itself",
            f"add `environment_protected: true`, `protected: true` or a branch; {_ALLOW}",
        )
    return None


def _project_flaw(project: TrustedProject, expression: Expression) -> Flaw | None:
    """Return why tokens of another project, a fork say, match the expression."""
    compared, own = expression.value_of("project_id"), str(project.project_id)
    if compared and project.id_is_known and compared != own:
        return Flaw(f"is for the project of id {compared}, this one's is {own}", f"write '{own}'; {_ALLOW}")
    if compared == own or _names(project, expression.value_of("sub")):
        return None
    mend = f"let sub start with 'project_path:{project.path}:'"
    if compared:
        return Flaw(
            f"names a project by the id {compared} alone, which is not known to be this project's",
            f"write `project_id: {compared}` in the project if it is, or {mend}; {_ALLOW}",
        )
    return Flaw("a token of another project, a fork say, would match", f"{mend}, or compare project_id; {_ALLOW}")


def _names(project: TrustedProject, subject: str) -> bool:
    """Return whether the subject starts with this project's component, all of it up to its colon, no wildcard in it."""
    return literal_head(f"{subject}:").startswith(
        (f"project_path:{project.path}:", f"project_id:{project.project_id}:")
    )


def _any_job_flaw(project: TrustedProject, expression: Expression) -> Flaw | None:
    """Return why any job of the project matches, whoever pushed it."""
    others = {condition.claim: condition.value for condition in expression.conditions}
    anybody = _subjects_of_anybody(project, expression.value_of("sub"))
    if "user_id" in others or not any(expression.holds({**others, "sub": subject}) for subject in anybody):
        return None
    return Flaw(
        "matches jobs on branches or tags of any name: whoever may push one is trusted",
        f"match a part of the ref's name, ref_protected:true or environment_protected:true; {_ALLOW}",
    )


def _subjects_of_anybody(project: TrustedProject, pattern: str) -> Iterator[str]:
    """Yield subjects of jobs on refs that nobody named, unprotected and in no protected environment."""
    environments = [(None, ""), *((False, tier) for tier in TIERS)]
    lengths = range(1, pattern.count("?") + 2)
    for length, ref_type, (protected, tier) in product(lengths, get_args(RefType), environments):
        job = Job(
            project.path,
            project.project_id,
            ref_type,
            _NOBODYS * length,
            environment_protected=protected,
            deployment_tier=tier,
        )
        yield subject_of(job, project.sub_components)
