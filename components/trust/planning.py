"""The federated credentials of one identity, from the trust lists of its projects. Pure.

Source: Microsoft Graph, `federatedIdentityCredential`: issuer and subject are unique in an application, compared letter
by letter, and there are 20 at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.trust.grants import Grant, grant
from components.trust.limit import fit
from components.trust.rules import PROJECT_ID_MEND, entry_flaws
from keyvault_fetch.trust.credentials import Credential, length_flaw
from keyvault_fetch.trust.subjects import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.settings.trust import TrustedProject, TrustSettings

__all__ = ["Finding", "Plan", "plan"]


@dataclass(frozen=True)
class Finding:
    """A mistake: the project's index, the index of its trust entry (None: the project as a whole), and the flaw."""

    project: int
    entry: int | None
    flaw: Flaw


@dataclass(frozen=True)
class Plan:
    """An identity's credentials, at most 20 and none where there are findings. Warnings are whole sentences."""

    credentials: tuple[Credential, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]


def plan(projects: Sequence[TrustedProject], issuer: str, audience: str, *, flexible: bool) -> Plan:
    """Return the credentials of the one identity that these projects share; paths and components are legal each.

    `flexible` is False for a managed identity: Entra's documents and the provider give it no flexible credentials.
    """
    findings = [
        Finding(index, None, Flaw("has project_id in its sub_components, and nobody gave it", PROJECT_ID_MEND))
        for index, one in enumerate(projects)
        if "project_id" in one.sub_components and one.project_id is None
    ]
    sound = [index for index in range(len(projects)) if index not in {finding.project for finding in findings}]
    grants: list[Grant] = []
    for index in sound:
        for position, entry in enumerate(projects[index].trust):
            flaws = entry_flaws(projects[index], entry, issuer, flexible=flexible)
            findings += [Finding(index, position, flaw) for flaw in flaws]
            if not flaws:
                grants.append(grant(projects, index, position, issuer, flexible=flexible))
    findings += [*_lengths(grants), *_twins(grants)]
    warnings = tuple(warning for index in sound for warning in _warnings(projects[index]))
    if findings:
        return Plan((), tuple(findings), warnings)
    fitted = fit(grants)
    if isinstance(fitted, Flaw):
        return Plan((), (Finding(_largest(grants), None, fitted),), warnings)
    credentials = [
        Credential(one.name, issuer, audience, one.subject, one.expression, one.description) for one in fitted.spelled
    ]
    return Plan(tuple(credentials), (), (*warnings, *fitted.warnings))


def _warnings(project: TrustedProject) -> Iterator[str]:
    for entry in project.trust:
        if entry.merge_request:
            yield (
                f"{project.path}: `merge_request: {entry.merge_request}` trusts a source branch. Whoever may push to "
                "the project can make a branch of that name and so read the secrets; the token does not say that there "
                "is a merge request, nor that anybody approved it."
            )
    if any(name in project.sub_components for name in ("environment_protected", "deployment_tier")) and any(
        _leaves_environment_open(entry) for entry in project.trust
    ):
        yield (
            f"{project.path}: some trusted jobs need no environment. GitLab does not document how it writes "
            "environment_protected and deployment_tier for those; that nothing follows the colon is taken as given."
        )


def _leaves_environment_open(entry: TrustSettings) -> bool:
    return not (entry.expression or entry.environment_protected or entry.deployment_tier)


def _lengths(grants: Sequence[Grant]) -> Iterator[Finding]:
    for one in grants:
        for flaw in {flaw for text in one.texts if (flaw := length_flaw(text))}:
            yield Finding(one.project, one.entry, flaw)


def _twins(grants: Sequence[Grant]) -> Iterator[Finding]:
    """Yield each entry that says what an earlier one says, or says it in other letter case."""
    first: dict[str, tuple[str, Grant]] = {}
    for one in grants:
        known = [(text, *first.setdefault(text.casefold(), (text, one))) for text in one.texts]
        differing = next((other for text, other_text, other in known if text != other_text), None)
        same = next((other for _, _, other in known if other is not one and set(other.texts) == set(one.texts)), None)
        if differing:
            yield _finding(one, f"differs from {differing.title} by case alone", "keep the one that GitLab shows")
        elif same:
            yield _finding(one, f"trusts the same jobs as {same.title}", "keep one of the two")


def _finding(one: Grant, problem: str, mend: str) -> Finding:
    return Finding(one.project, one.entry, Flaw(problem, mend))


def _largest(grants: Sequence[Grant]) -> int:
    """Return the index of the project that brings the most credentials."""
    counts: dict[int, int] = {}
    for one in grants:
        counts[one.project] = counts.get(one.project, 0) + len(one.texts)
    return max(counts, key=lambda index: counts[index])
