"""A job's way through its stages: its environment, the rules before any request, then the services."""

from collections.abc import Sequence

from .attempts import in_attempts
from .causes import failed
from .environment import Surroundings
from .outcome import Outcome, ServiceError, Wanted
from .patience import Patience
from .runner_rules import refusal
from .runner_settings import RunnerSettings


def outcomes(surroundings: Surroundings, patience: Patience, settings: RunnerSettings) -> list[Outcome]:
    """Return one outcome per secret, in the file's order; nothing is asked where the outcome is settled before."""
    settled = {wanted.variable: error for wanted in surroundings.wanted if (error := _early(surroundings, wanted))}
    asked = [wanted for wanted in surroundings.wanted if wanted.variable not in settled]
    answered: dict[str, Outcome] = {}
    if asked:
        from .resolve import resolve  # the Azure SDK takes 0.2 s to import: only for those who need it

        def attempt(still: Sequence[Wanted]) -> list[Outcome]:
            return [settings.judge(each) for each in resolve(surroundings.access, still, patience)]

        tried = in_attempts(asked, attempt, settings.attempts, patience.backoff)
        answered = {each.wanted.variable: each for each in tried}
    return [
        answered.get(wanted.variable) or failed(wanted, settled[wanted.variable], surroundings.access)
        for wanted in surroundings.wanted
    ]


def _early(surroundings: Surroundings, wanted: Wanted) -> ServiceError | None:
    access = surroundings.access
    return surroundings.error() or refusal(access.vault_url, access.tenant_id, wanted.name, access.authority)
