"""How the credentials of an identity are brought under Entra's limit of 20. Pure.

Exact subjects come first: everybody can read them. Where they are too many, what loses and adds nothing comes before
what trusts more, and that is done only where the stack allows it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from components.trust.families import Family, families
from components.trust.grants import Grant, Spelled, merged, widened
from keyvault_fetch.trust.credentials import CREDENTIAL_LIMIT, length_flaw
from keyvault_fetch.trust.subjects import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Fitted", "fit"]

_KINDS: Final = {"branch": "branches", "tag": "tags", "merge_request": "merge requests", "": "other entries"}


@dataclass(frozen=True)
class Fitted:
    """At most 20 credentials, and a sentence for each pattern that trusts more than was listed."""

    spelled: tuple[Spelled, ...]
    warnings: tuple[str, ...] = ()


def fit(grants: Sequence[Grant]) -> Fitted | Flaw:
    """Return the credentials of these grants, or why they are too many."""
    spelled = _distinct(grants)
    if len(spelled) > CREDENTIAL_LIMIT:
        spelled = _without_covered(spelled)
    spelled = _widen(grants, spelled)
    spelled, warnings = _merge(grants, spelled)
    if len(spelled) > CREDENTIAL_LIMIT:
        return _too_many(grants, spelled)
    return Fitted(tuple(spelled), tuple(warnings))


def _distinct(grants: Sequence[Grant]) -> list[Spelled]:
    """Return the credentials, each once, with the first reason that somebody gave for it."""
    found: dict[str, Spelled] = {}
    for one in (one for each in grants for one in each.spelled()):
        text = one.subject or one.expression
        known = found.setdefault(text, one)
        if not known.description:
            found[text] = replace(known, description=one.description)
    return list(found.values())


def _without_covered(spelled: list[Spelled]) -> list[Spelled]:
    """Return the credentials without the subjects that an expression among them matches."""
    expressions = [one for one in spelled if one.expression]
    subjects = [one for one in spelled if one.subject]
    for one in expressions:
        subjects = one.not_covered(subjects)
    return [*subjects, *expressions]


def _widen(grants: Sequence[Grant], spelled: list[Spelled]) -> list[Spelled]:
    """Put the subjects of one entry after the other under an expression, most first, until there are few enough."""
    for one in sorted(grants, key=lambda one: -len(one.subjects)):
        if len(spelled) <= CREDENTIAL_LIMIT:
            break
        if one.subjects and one.expression:
            spelled = _replaced(spelled, widened(one).spelled()[0], set())
    return spelled


def _merge(grants: Sequence[Grant], spelled: list[Spelled]) -> tuple[list[Spelled], list[str]]:
    """Put refs of one family under a pattern, the largest family first, until there are few enough."""
    warnings: list[str] = []
    for family in families(one for one in grants if one.settings.allow_broad and one.expression):
        if len(spelled) <= CREDENTIAL_LIMIT:
            break
        one = merged(family.grants, family.pattern)
        if length_flaw(one.expression) is None:
            fewer = _replaced(spelled, one.spelled()[0], {each.expression for each in family.grants})
            if fewer is not spelled:
                spelled = fewer
                warnings.append(
                    f"{one.trusted.path}: {family} stands for {len(family.grants)} trust entries that allow broad "
                    f"trust, as Entra takes {CREDENTIAL_LIMIT} federated credentials. It trusts all refs of such names."
                )
    return spelled, warnings


def _replaced(spelled: list[Spelled], wide: Spelled, gone: set[str]) -> list[Spelled]:
    """Return the credentials with this one for all that it covers, or the very same list where that is no gain."""
    rest = [one for one in spelled if one.expression not in gone or not one.expression]
    rest = wide.not_covered(rest)
    return [*rest, wide] if len(rest) + 1 < len(spelled) else spelled


def _too_many(grants: Sequence[Grant], spelled: list[Spelled]) -> Flaw:
    counts = Counter((_KINDS["".join(one.grant.settings.ref_keys)], one.grant.trusted.path) for one in spelled)
    parts = ", ".join(f"{count} for {kind} of {path}" for (kind, path), count in counts.most_common(5))
    return Flaw(
        f"needs {len(spelled)} federated credentials, Entra takes {CREDENTIAL_LIMIT} for one identity ({parts})",
        "; ".join([*_mends(grants, spelled), "trust less: tags of past releases need no trust"]),
    )


def _mends(grants: Sequence[Grant], spelled: list[Spelled]) -> Iterator[str]:
    needed = list(dict.fromkeys(one.grant for one in spelled))
    for family in families(needed)[:3]:
        yield f"write {family} for {_names(family)}"
    if flaw := next((one.no_expression for one in grants if one.no_expression and one in needed), None):
        yield f"for a pattern: {flaw.mend} ({flaw.problem})"
    many = max(needed, key=lambda one: len(one.subjects))
    if len(many.subjects) > 1:
        yield f"say more in {many.title}, which counts {len(many.subjects)} times for what it leaves open"


def _names(family: Family) -> str:
    refs = [one.settings.ref for one in family.grants]
    return f"the {len(refs)} entries from {refs[0]!r} to {refs[-1]!r}"
