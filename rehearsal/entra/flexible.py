"""Flexible federated identity credentials: which expressions Graph takes, and which tokens they match. Pure.

Microsoft Entra docs, "Flexible federated identity credentials" (the language; issuers) and "Mutable subjects in
federated identity credentials" (what an expression for GitLab must name). Of the issuers only GitLab's are played.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

_CONDITION = r"claims\['(\w+)'\] (eq|matches) '((?:[^']|'')*+)'"
_EXPRESSION = re.compile(rf"{_CONDITION}(?: and {_CONDITION})*")
_GITLAB = re.compile(r"https://gitlab(\.[^/]+)?\.com|https://gitlab\.[^/]+\.ca")
_BESIDE_SUB = {"project_id", "namespace_id", "user_id"}
_ALLOWED = {("sub", "eq"), ("sub", "matches"), *((claim, "eq") for claim in _BESIDE_SUB)}


def problem(expression: str, issuer: str) -> str | None:
    """Return why Graph refuses the expression in a credential of the issuer, or None."""
    if not _GITLAB.fullmatch(issuer):
        return f"Claims matching expressions are not supported for issuer '{issuer}'"
    conditions = _conditions(expression)
    if not conditions:
        return "The claims matching expression could not be parsed"
    named = {(claim, operator) for claim, operator, _ in conditions}
    claims = {claim for claim, _ in named}
    if named <= _ALLOWED and "sub" in claims and claims & _BESIDE_SUB:
        return None
    return f"Expression configured for issuer '{issuer}' either lacks all required claims or contains unallowed claims"


def matches(expression: str, claims: Mapping[str, object]) -> bool:
    """Tell whether a token's claims fulfil every condition: `*` is any run of characters, `?` any one; case counts."""
    conditions = _conditions(expression)
    return bool(conditions) and all(_holds(operator, value, claims.get(claim)) for claim, operator, value in conditions)


def _conditions(expression: str) -> list[tuple[str, str, str]]:
    """Return claim, operator and value of each condition, [] for what is no expression. Two quotes mean one."""
    found = re.findall(_CONDITION, expression) if _EXPRESSION.fullmatch(expression) else []
    return [(claim, operator, value.replace("''", "'")) for claim, operator, value in found]


def _holds(operator: str, value: str, claim: object) -> bool:
    if not isinstance(claim, str):
        return False
    return claim == value if operator == "eq" else fnmatchcase(claim, value.replace("[", "[[]"))
