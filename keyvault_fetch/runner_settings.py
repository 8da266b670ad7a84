"""The Runner's settings that job variables make (gitlab-runner: common/build_settings.go, common/secrets.go; pure)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .outcome import Notice, Outcome

ATTEMPTS, NULL_FAILS = "SECRETS_RETRIEVAL_ATTEMPTS", "FF_SECRET_RESOLVING_FAILS_IF_MISSING"
_FEWEST, _MOST = 1, 10
_INTEGER = re.compile(r"[+-]?[0-9]{1,99}")
# Go's strconv.ParseBool.
_ON = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_OFF = frozenset(("0", "f", "F", "FALSE", "false", "False"))


@dataclass(frozen=True)
class RunnerSettings:
    """How often resolving is tried, whether a null value fails the job, and what of it could not be read."""

    attempts: int = 1
    null_fails: bool = True
    notices: tuple[Notice, ...] = ()

    def judge(self, outcome: Outcome) -> Outcome:
        """Return the outcome as the Runner takes it: where a null value fails no job, its variable is empty."""
        if self.null_fails or not outcome.failure or outcome.failure.error.code != "NullValue":
            return outcome
        words = f"has no value in the vault; as {NULL_FAILS} is off, the job gets an empty one"
        return Outcome(outcome.wanted, "", notices=(*outcome.notices, Notice("null-value", words)))


def read(variable: Callable[[str], str]) -> RunnerSettings:
    """Read the settings as the Runner does; what is wrong takes no effect but a warning.

    `variable` gives the value of a job's variable, empty where it is not set: the YAML's `variables:` count too.
    """
    attempts, about_attempts = _attempts(variable(ATTEMPTS))
    null_fails, about_flag = _flag(variable(NULL_FAILS))
    return RunnerSettings(attempts, null_fails, about_attempts + about_flag)


def _attempts(raw: str) -> tuple[int, tuple[Notice, ...]]:
    if not raw:
        return _FEWEST, ()
    if not _INTEGER.fullmatch(raw) or not -(2**63) <= int(raw) < 2**63:  # Go reads 64 bits
        words = f"{ATTEMPTS}: expected int got {raw!r}, using default value: {_FEWEST}"
        return _FEWEST, (Notice("attempts", words),)
    attempts = max(_FEWEST, min(_MOST, int(raw)))
    if attempts == int(raw):
        return attempts, ()
    words = f"{ATTEMPTS}: number of attempts out of the range [{_FEWEST}, {_MOST}], clamping to: {attempts}"
    return attempts, (Notice("attempts", words),)


def _flag(raw: str) -> tuple[bool, tuple[Notice, ...]]:
    if not raw or raw in _ON | _OFF:
        return raw not in _OFF, ()
    return True, (Notice("feature-flag", f"{NULL_FAILS}: could not parse feature flag, expected bool, got {raw!r}"),)
