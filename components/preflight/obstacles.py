"""What stands in a deployment's way, told to a person. Pure."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Obstacle", "report"]


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way: what it is, what Azure says of it, and how to mend it."""

    what: str
    words: str
    mend: str

    def __str__(self) -> str:
        mend = textwrap.indent(self.mend, " " * 11).lstrip()
        return f"{self.what}\n  problem: {self.words}\n  mend:    {mend}"


def report(obstacles: Collection[Obstacle]) -> str:
    """Return all obstacles as one text."""
    count = f"{len(obstacles)} things stand" if len(obstacles) > 1 else "1 thing stands"
    return f"{count} in the way. Nothing was created or changed.\n\n" + "\n\n".join(map(str, obstacles)) + "\n"
