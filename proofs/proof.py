"""What a proof is, and what the proofs are made on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .administrator import Administrator


@dataclass(frozen=True)
class Proof:
    """A claim, what must be seen for it to hold, and what was seen."""

    claim: str
    expected: str
    got: str

    @property
    def holds(self) -> bool:
        """Whether exactly the expected was seen."""
        return self.got == self.expected


@dataclass(frozen=True)
class Stored:
    """A secret as the administrator stored it, and the version that the vault gave it."""

    value: str = field(repr=False)
    version: str


@dataclass(frozen=True)
class Scene:
    """The onboarded projects (the stack's outputs), the secrets in the vault by name, and the administrator."""

    administrator: Administrator
    outputs: Mapping[str, Any]
    stored: Mapping[str, Stored]

    @property
    def projects(self) -> Mapping[str, Any]:
        """The stack's `projects` output, by GitLab path."""
        return self.outputs["projects"]
