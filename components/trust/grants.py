"""What one trust entry brings to its identity: exact subjects, or one flexible expression. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from components.names import credential_name
from components.trust.compiler import expression_of, pattern_of, subjects_of
from components.trust.rules import flexible_flaw
from keyvault_fetch.trust.credentials import DESCRIPTION_LIMIT, length_flaw
from keyvault_fetch.trust.expressions import parse
from keyvault_fetch.trust.subjects import Flaw, ref_pattern_flaw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.settings.trust import TrustedProject, TrustSettings

__all__ = ["Grant", "Spelled", "grant", "merged", "widened"]


@dataclass(frozen=True)
class Grant:
    """A trust entry, in which no rule finds a flaw, and the jobs that it names.

    `subjects` are exact ones; where they are empty the expression stands for them. `no_expression` says why there is
    none.
    """

    project: int
    entry: int
    # A hash of all its trust entries for each of them would grow with their square.
    trusted: TrustedProject = field(hash=False)
    settings: TrustSettings
    subjects: tuple[str, ...]
    expression: str
    no_expression: Flaw | None = None

    @property
    def title(self) -> str:
        """The entry, for a person."""
        return f"{self.settings} of {self.trusted.path}"

    @property
    def texts(self) -> tuple[str, ...]:
        """The subjects, or the expression."""
        return self.subjects or (self.expression,)

    def spelled(self) -> list[Spelled]:
        """Return the credentials. A name rests on what its credential trusts, and on nothing else."""
        if self.subjects:
            return [Spelled(self, credential_name(text), text, "", self.settings.reason) for text in self.subjects]
        return [Spelled(self, credential_name(self._named_by()), "", self.expression, self.settings.reason)]

    def _named_by(self) -> str:
        if not self.settings.expression:
            return pattern_of(self.trusted, self.settings)
        # No subject and no pattern has a blank: this name is no other credential's.
        conditions = sorted(parse(self.expression).conditions, key=lambda condition: condition.claim != "sub")
        return " ".join([conditions[0].value, *(f"{each.claim} {each.value}" for each in conditions[1:])])


@dataclass(frozen=True)
class Spelled:
    """A credential without issuer and audience, and the grant that it is of."""

    grant: Grant
    name: str
    subject: str
    expression: str
    description: str

    def not_covered(self, others: Sequence[Spelled]) -> list[Spelled]:
        """Return those that trust a job which this does not; it is an expression, and tells of subjects and itself."""
        expression = parse(self.expression)
        return [
            one
            for one in others
            if one.expression != self.expression
            and not (one.subject and expression.holds({"sub": one.subject, "project_id": one.project_id}))
        ]

    @property
    def project_id(self) -> str:
        """The claim of the trusted jobs."""
        return str(self.grant.trusted.project_id)


def grant(projects: Sequence[TrustedProject], project: int, entry: int, issuer: str, *, flexible: bool) -> Grant:
    """Return what the entry, in which no rule finds a flaw, brings to an identity."""
    trusted = projects[project]
    settings = trusted.trust[entry]
    exact = subjects_of(trusted, settings)
    if not exact:
        return Grant(project, entry, trusted, settings, (), expression_of(trusted, settings))
    expression = expression_of(trusted, settings)
    quote = ref_pattern_flaw(settings.ref) if settings.ref else None
    flaw = quote or flexible_flaw(trusted, issuer, flexible=flexible) or length_flaw(expression)
    return Grant(project, entry, trusted, settings, exact, "" if flaw else expression, flaw)


def widened(one: Grant) -> Grant:
    """Return the grant with its subjects under one expression, which loses none and adds none."""
    return replace(one, subjects=())


def merged(grants: Sequence[Grant], pattern: str) -> Grant:
    """Return one grant for entries that differ in their refs alone, with a pattern that all these match."""
    first = grants[0]
    reasons = "; ".join(dict.fromkeys(one.settings.reason for one in grants))[:DESCRIPTION_LIMIT]
    key = first.settings.ref_keys[0]
    settings = replace(
        first.settings,
        branch=pattern if key == "branch" else "",
        tag=pattern if key == "tag" else "",
        merge_request=pattern if key == "merge_request" else "",
        reason=reasons,
    )
    return replace(first, settings=settings, subjects=(), expression=expression_of(first.trusted, settings))
