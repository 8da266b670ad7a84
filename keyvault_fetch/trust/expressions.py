"""Flexible credentials' expressions: how they are written, read back and matched. Pure.

Source: Microsoft Entra docs, "Flexible federated identity credentials": `claims['x'] eq '…'` and
`claims['x'] matches '…'`, joined by `and`; `*` stands for any run of characters, `?` for one. The language takes a
single quote for an escape character and documents no more of that, so no value here may hold one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from keyvault_fetch.trust.subjects import Flaw, FlawError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Condition", "Expression", "ExpressionError", "Operator", "is_pattern", "literal_head", "matches", "parse"]

Operator = Literal["eq", "matches"]

_CONDITION: Final = re.compile(r"claims\['(?P<claim>[^'\]]*)'\] (?P<operator>eq|matches) '(?P<value>[^']*)'")
_WILDCARD: Final = re.compile(r"[*?]")
_JOIN: Final = " and "
_OTHER_QUOTES: Final = ('"', "\N{LEFT SINGLE QUOTATION MARK}", "\N{RIGHT SINGLE QUOTATION MARK}")
_FORM: Final = (
    "claims['sub'] matches 'project_path:GROUP/PROJECT:ref_type:branch:ref:release/*' and claims['project_id'] eq 'ID'"
)


class ExpressionError(FlawError):
    """A text that is no expression."""


@dataclass(frozen=True)
class Condition:
    """One claim compared with a value: letter by letter (`eq`), or with wildcards (`matches`)."""

    claim: str
    operator: Operator
    value: str

    def __str__(self) -> str:
        return f"claims['{self.claim}'] {self.operator} '{self.value}'"

    def holds(self, claims: Mapping[str, str]) -> bool:
        """Return whether a token of these claims meets the condition; a claim that it has not meets none."""
        given = claims.get(self.claim)
        if given is None:
            return False
        return given == self.value if self.operator == "eq" else matches(self.value, given)


@dataclass(frozen=True)
class Expression:
    """The conditions that a token must meet, all of them; `str()` is the text that Entra takes."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return _JOIN.join(map(str, self.conditions))

    def holds(self, claims: Mapping[str, str]) -> bool:
        """Return whether a token of these claims meets every condition."""
        return all(condition.holds(claims) for condition in self.conditions)

    def value_of(self, claim: str) -> str:
        """Return the value that the claim is compared with; empty where no condition names it."""
        return next((condition.value for condition in self.conditions if condition.claim == claim), "")


def parse(text: str) -> Expression:
    """Return the conditions of an expression: the way back from `str`. Raises ExpressionError if the text is none."""
    conditions: list[Condition] = []
    start = 0
    while found := _CONDITION.match(text, start):
        operator: Operator = "eq" if found["operator"] == "eq" else "matches"
        conditions.append(Condition(found["claim"], operator, found["value"]))
        if found.end() == len(text):
            return Expression(tuple(conditions))
        if not text.startswith(_JOIN, found.end()):
            raise ExpressionError(_unread(text, found.end()))
        start = found.end() + len(_JOIN)
    raise ExpressionError(_unread(text, start))


def _unread(text: str, start: int) -> Flaw:
    rest = text[start:]
    problem = f"{rest[:40]!r} (at character {start + 1}) is not read" if rest else "the expression ends too early"
    if rest.startswith(" or "):
        return Flaw(problem, "there is no `or`: write one trust entry for each side")
    if any(quote in rest for quote in _OTHER_QUOTES):
        return Flaw(problem, f"write plain single quotes, like {_FORM}")
    if rest.startswith("'") or rest.count("'") % 2:
        return Flaw(problem, "a value may hold no single quote, which Entra takes for an escape: put ? in its place")
    return Flaw(problem, f"write single spaces, `eq` or `matches`, and `and` between two, like {_FORM}")


def is_pattern(text: str) -> bool:
    """Return whether the text has a wildcard."""
    return "*" in text or "?" in text


def literal_head(pattern: str) -> str:
    """Return what stands before the first wildcard."""
    return _WILDCARD.split(pattern, maxsplit=1)[0]


def matches(pattern: str, text: str) -> bool:
    """Return whether the whole text is what the pattern says; letters count in their case.

    A `*` takes any run, an empty one too, and crosses `/` and `:` alike. In time of the product of both lengths at
    most: where a letter does not fit, only the last `*` takes one more.
    """
    head = literal_head(pattern)
    if not text.startswith(head):
        return False
    at = read = len(head)
    star, resume = -1, 0
    while read < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, read
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[read]):
            at, read = at + 1, read + 1
        elif star >= 0:
            resume += 1
            at, read = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")
