"""Trying again as GitLab Runner's SECRETS_RETRIEVAL_ATTEMPTS does."""

import time
from collections.abc import Callable, Sequence

from .outcome import Outcome, Wanted

_LONGEST_PAUSE = 5.0


def in_attempts(
    wanted: Sequence[Wanted],
    attempt: Callable[[Sequence[Wanted]], Sequence[Outcome]],
    attempts: int,
    pause: float,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Outcome]:
    """Return one outcome per secret, in order, after at most so many attempts.

    Each attempt asks for what still fails (the Runner for everything again, which ends the same), with a new token. The
    pause before the second is `pause` seconds; later ones double, up to five seconds.
    """
    found: dict[str, Outcome] = {}
    for number in range(attempts):
        missing = [each for each in wanted if each.variable not in found or found[each.variable].failure]
        if not missing:
            break
        if number:
            sleep(min(pause * 2 ** (number - 1), _LONGEST_PAUSE))
        found |= {outcome.wanted.variable: outcome for outcome in attempt(missing)}
    return [found[each.variable] for each in wanted]
