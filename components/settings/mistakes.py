"""Walk through a stack's configuration and collect every mistake, each with its key, its problem and its mend. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeGuard

from keyvault_fetch.trust.subjects import Flaw

if TYPE_CHECKING:
    from collections.abc import Collection

    from components.settings.keys import Rule

__all__ = ["NAMESPACE", "Entry", "Mistake", "SettingsError"]

NAMESPACE: Final = "gitlab-keyvault"
"""What stands before the keys of a stack: the project's name in Pulumi.yaml."""


@dataclass(frozen=True)
class Mistake:
    """One mistake of a stack: the key where it stands, what is wrong there and what to write instead."""

    key: str
    flaw: Flaw

    def __str__(self) -> str:
        return f"{self.key}\n  problem: {self.flaw.problem}\n  mend:    {self.flaw.mend}"


class SettingsError(Exception):
    """All mistakes of a stack's configuration; `str()` lists them for a person."""

    def __init__(self, mistakes: Collection[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        count = f"{len(self.mistakes)} mistakes" if len(self.mistakes) > 1 else "1 mistake"
        listing = "\n\n".join(str(mistake) for mistake in self.mistakes)
        super().__init__(f"{count} in the stack's configuration. Nothing was created or changed.\n\n{listing}\n")


@dataclass(frozen=True)
class Entry:
    """A value of the configuration and the key that leads to it.

    Reading it never raises: a wrong value is noted as a mistake and read as its fallback, so that the walk goes on.
    """

    key: str
    value: object
    mistakes: list[Mistake] = field(default_factory=list[Mistake])

    @property
    def is_set(self) -> bool:
        """Whether there is a value: not null and not empty text (the default of a key in Pulumi.yaml)."""
        return self.value is not None and self.value != ""

    @property
    def kind(self) -> str:
        """What the value is, in YAML's words; never the value itself, which may be a secret put in the wrong place."""
        names = {"bool": "a boolean", "int": "a number", "float": "a number", "str": "a text", "list": "a list"}
        return "empty" if self.value is None else names.get(type(self.value).__name__, "an object")

    def refuse(self, flaw: Flaw | None) -> bool:
        """Note the flaw, if there is one, as a mistake of this entry; return whether there was one."""
        if flaw:
            self.mistakes.append(Mistake(self.key, flaw))
        return flaw is not None

    def text(self, rule: Rule, fallback: str = "") -> str:
        """Return the text if the rule finds no flaw in it."""
        if not isinstance(self.value, str):
            quote = "put it in quotes" if isinstance(self.value, int | float) else "write one text"
            self.refuse(Flaw(f"is {self.kind}, not a text", quote))
            return fallback
        return fallback if self.refuse(rule(self.value)) else self.value

    def whole(self, least: int, most: int | None, fallback: int | None) -> int | None:
        """Return the whole number, which lies between `least` and `most`."""
        number = self.value
        if isinstance(number, int) and not isinstance(number, bool) and least <= number <= (most or number):
            return number
        problem = str(number) if isinstance(number, int | float) else self.kind
        span = f"from {least} to {most}" if most else f"of at least {least}"
        self.refuse(Flaw(f"is {problem}", f"write a whole number {span}, without quotes"))
        return fallback

    def flag(self, *, fallback: bool) -> bool:
        """Return the boolean."""
        if isinstance(self.value, bool):
            return self.value
        self.refuse(Flaw(f"is {self.kind}", "write true or false, without quotes"))
        return fallback

    def choice(self, allowed: Collection[str], fallback: str, rule: Rule) -> str:
        """Return the text, which is one of the allowed; the rule may say more of one that is not."""
        return self.text(lambda text: None if text in allowed else rule(text) or _unknown(text, allowed), fallback)

    def mapping(self, mend: str, join: str = ".") -> dict[str, Entry]:
        """Return the entries of an object by name. `mend` is the object's form, for one who wrote something else."""
        if not _is_object(self.value):
            self.refuse(Flaw(f"is {self.kind}, not an object", mend))
            return {}
        return {str(name): Entry(f"{self.key}{join}{name}", value, self.mistakes) for name, value in self.value.items()}

    def fields(self, known: Collection[str], mend: str, join: str = ".") -> dict[str, Entry]:
        """Return one entry a known name, unset where the object has none; each other name is a mistake."""
        given = self.mapping(mend, join)
        for name, entry in given.items():
            if name not in known:
                entry.refuse(_unknown(name, known))
        # Where there is no object at all, that is the mistake, and nothing is missing in it.
        mistakes = self.mistakes if _is_object(self.value) else []
        return {name: given.get(name, Entry(f"{self.key}{join}{name}", None, mistakes)) for name in known}

    def items(self, mend: str) -> list[Entry]:
        """Return the entries of a list. `mend` is the form of its items, for one who wrote something else."""
        if not _is_list(self.value):
            self.refuse(Flaw(f"is {self.kind}, not a list", mend))
            return []
        return [Entry(f"{self.key}[{index}]", value, self.mistakes) for index, value in enumerate(self.value)]


def _is_object(value: object) -> TypeGuard[dict[object, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _unknown(name: str, known: Collection[str]) -> Flaw:
    word = name.lower().replace("-", "_")
    near = difflib.get_close_matches(word, known, n=1) or [one for one in known if word and one.startswith(word)]
    hint = f"did you mean {near[0]!r}?" if near else f"write one of: {', '.join(known)}"
    return Flaw(f"{name!r} is not known here", hint)
