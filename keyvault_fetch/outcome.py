"""What became of a job's secrets: the shapes that resolving fills and reports read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `keyvault-fetch`; of several failures the earliest stage's counts."""

    OK = 0
    USAGE = 2
    JOB = 3
    ENVIRONMENT = 4
    ENTRA = 5
    VAULT = 6
    NOT_FOUND = 7
    UNREACHABLE = 8


@dataclass(frozen=True)
class Wanted:
    """One secret to fetch, its variables expanded; an empty or absent version asks for the latest."""

    variable: str
    name: str
    version: str | None
    file: bool


@dataclass(frozen=True)
class ServiceError:
    """What a service, or the SDK before asking one, said: HTTP status if any, its own code, its own words."""

    status: int | None
    code: str
    message: str


@dataclass(frozen=True)
class Cause:
    """Our reading of an error: a stable id, what it means, what to do (often a command), the exit code's class."""

    id: str
    meaning: str
    mend: str
    exit_code: ExitCode


@dataclass(frozen=True)
class Failure:
    """An error with its cause."""

    error: ServiceError
    cause: Cause


@dataclass(frozen=True)
class Notice:
    """A warning: a stable id and a sentence. It changes no exit code."""

    id: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """One secret's end: a value and the version that the vault gave, or a failure. The value shows in no repr."""

    wanted: Wanted
    value: str | None = field(default=None, repr=False)
    version: str | None = None
    failure: Failure | None = None
    notices: tuple[Notice, ...] = ()


def exit_code(outcomes: Iterable[Outcome]) -> ExitCode:
    """Return the code of the earliest stage that failed, OK where none did."""
    return min((each.failure.cause.exit_code for each in outcomes if each.failure), default=ExitCode.OK)
