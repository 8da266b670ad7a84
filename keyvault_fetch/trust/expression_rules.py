"""What Graph takes in a flexible credential of a GitLab issuer. Pure: each rule returns the flaw of a text, or None.

Sources: Microsoft Entra docs, "Flexible federated identity credentials" (issuers, claims and operators), "Mutable
subjects" (the claims that nobody can take over), and Graph's refusal of an expression on `sub` alone, as users report
it: "either lacks all required claims or contains unallowed claims".
"""

from __future__ import annotations

import re
from typing import Final

from keyvault_fetch.trust.credentials import length_flaw
from keyvault_fetch.trust.expressions import Condition, Expression, ExpressionError, is_pattern, parse
from keyvault_fetch.trust.subjects import Flaw

__all__ = ["IMMUTABLE_CLAIMS", "expression_flaw", "flexible_issuer_flaw"]

IMMUTABLE_CLAIMS: Final = ("project_id", "namespace_id", "user_id")
"""Claims whose values GitLab never gives to anybody else; one of them must stand beside `sub`."""

_ISSUER: Final = re.compile(r"https://gitlab\.(com|[^/:?#\s]+\.(com|ca))")


def flexible_issuer_flaw(issuer: str) -> Flaw | None:
    """Return why Entra takes no flexible credential of this issuer, or None."""
    if _ISSUER.fullmatch(issuer):
        return None
    return Flaw(
        f"Entra takes wildcards and expressions of gitlab.com, gitlab.*.com and gitlab.*.ca alone, not of {issuer}",
        "list each branch and tag by name",
    )


def expression_flaw(text: str, issuer: str) -> Flaw | None:
    """Return why Graph would refuse this expression in a credential of this issuer, or None."""
    if flaw := length_flaw(text):
        return flaw
    try:
        expression = parse(text)
    except ExpressionError as error:
        return error.flaw
    return flexible_issuer_flaw(issuer) or _conditions_flaw(expression)


def _conditions_flaw(expression: Expression) -> Flaw | None:
    claims = [condition.claim for condition in expression.conditions]
    for condition in expression.conditions:
        if flaw := _condition_flaw(condition):
            return flaw
        if claims.count(condition.claim) > 1:
            return Flaw(f"claims['{condition.claim}'] stands twice", "compare each claim once")
    if "sub" not in claims:
        return Flaw("claims['sub'] is not compared", "add claims['sub'] matches 'project_path:GROUP/PROJECT:…'")
    if not set(claims) & set(IMMUTABLE_CLAIMS):
        return Flaw(
            "sub stands alone: Graph refuses it, as a project's path can be given up and taken by somebody else",
            "add and claims['project_id'] eq 'ID', with the id from the project's page",
        )
    return None


def _condition_flaw(condition: Condition) -> Flaw | None:
    claim, value = condition.claim, condition.value
    if claim != "sub" and claim not in IMMUTABLE_CLAIMS:
        return Flaw(
            f"claims['{claim}'] cannot be compared for GitLab",
            f"compare sub and {', '.join(IMMUTABLE_CLAIMS)}; put what else counts into the project's sub_components",
        )
    if claim == "sub" and not value:
        return Flaw("claims['sub'] is compared with nothing", "write the subject, or a pattern of it")
    if claim == "sub" and condition.operator == "eq" and is_pattern(value):
        return Flaw(f"eq takes {value!r} letter by letter, and no subject has a wildcard in it", "write matches")
    if claim != "sub" and condition.operator == "matches":
        return Flaw(f"claims['{claim}'] takes no matches", f"write claims['{claim}'] eq '…'")
    if claim != "sub" and not re.fullmatch(r"[1-9][0-9]*", value):
        return Flaw(f"{value!r} is no {claim}", "write the number, in single quotes")
    return None
