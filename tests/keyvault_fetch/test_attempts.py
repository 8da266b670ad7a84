from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch.attempts import in_attempts
from keyvault_fetch.outcome import Cause, ExitCode, Failure, Outcome, ServiceError, Wanted

FAILURE = Failure(ServiceError(503, "Busy", "m"), Cause("c", "m", "m", ExitCode.UNREACHABLE))


class Flaky:
    """A service in which the secret named `2` resolves at the second attempt; notes what it was asked and pauses."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.pauses: list[float] = []

    def attempt(self, wanted: Sequence[Wanted]) -> list[Outcome]:
        self.asked.append([each.name for each in wanted])
        return [
            Outcome(each, "v") if len(self.asked) >= int(each.name) else Outcome(each, failure=FAILURE)
            for each in wanted
        ]

    def run(self, names: Sequence[int], attempts: int, pause: float = 1) -> list[bool]:
        wanted = [Wanted(f"V{index}", str(name), None, file=True) for index, name in enumerate(names)]
        outcomes = in_attempts(wanted, self.attempt, attempts, pause, self.pauses.append)
        assert [outcome.wanted for outcome in outcomes] == wanted
        return [outcome.failure is None for outcome in outcomes]


def test_one_attempt_is_one_attempt():
    flaky = Flaky()
    assert flaky.run([1, 2], attempts=1) == [True, False]
    assert (flaky.asked, flaky.pauses) == ([["1", "2"]], [])


def test_another_attempt_asks_only_for_what_failed_and_stops_when_all_is_there():
    flaky = Flaky()
    assert flaky.run([1, 2, 3], attempts=10) == [True, True, True]
    assert flaky.asked == [["1", "2", "3"], ["2", "3"], ["3"]]


def test_pauses_double_up_to_five_seconds():
    flaky = Flaky()
    assert flaky.run([99], attempts=6) == [False]
    assert flaky.pauses == [1, 2, 4, 5, 5]


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(1, 10))
def test_what_resolves_within_the_attempts_is_resolved(names: list[int], attempts: int):
    assert Flaky().run(names, attempts) == [name <= attempts for name in names]
