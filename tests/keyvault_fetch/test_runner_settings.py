import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch import runner_settings
from keyvault_fetch.outcome import Cause, ExitCode, Failure, Outcome, ServiceError, Wanted
from keyvault_fetch.runner_settings import RunnerSettings

WANTED = Wanted("DB", "db", None, file=True)


def read(environ: dict[str, str]) -> RunnerSettings:
    return runner_settings.read(lambda name: environ.get(name, ""))


def a_failure(code: str) -> Outcome:
    return Outcome(WANTED, failure=Failure(ServiceError(None, code, "m"), Cause("c", "m", "m", ExitCode.NOT_FOUND)))


@pytest.mark.parametrize(
    ("raw", "attempts", "words"),
    [
        ("1", 1, ""),
        ("+3", 3, ""),
        ("007", 7, ""),
        ("10", 10, ""),
        ("11", 10, "number of attempts out of the range [1, 10], clamping to: 10"),
        ("0", 1, "number of attempts out of the range [1, 10], clamping to: 1"),
        ("-2", 1, "clamping to: 1"),
        (str(2**63 - 1), 10, "clamping to: 10"),
        (str(2**63), 1, "expected int got"),
        ("9" * 5000, 1, "expected int got"),
        ("three", 1, "SECRETS_RETRIEVAL_ATTEMPTS: expected int got 'three', using default value: 1"),
        (" 3", 1, "expected int got"),
        ("1_0", 1, "expected int got"),
        ("٣", 1, "expected int got"),
    ],
)
def test_attempts_are_read_as_the_runner_reads_them(raw: str, attempts: int, words: str):
    settings = read({"SECRETS_RETRIEVAL_ATTEMPTS": raw})
    assert settings.attempts == attempts
    assert [notice.id for notice in settings.notices] == (["attempts"] if words else [])
    assert all(words in notice.message for notice in settings.notices)


@pytest.mark.parametrize(
    "environ", [{}, {"SECRETS_RETRIEVAL_ATTEMPTS": "", "FF_SECRET_RESOLVING_FAILS_IF_MISSING": ""}]
)
def test_without_settings_there_is_one_attempt_and_a_null_value_fails(environ: dict[str, str]):
    assert read(environ) == RunnerSettings(1, null_fails=True, notices=())


@given(st.text(max_size=12))
def test_any_text_gives_attempts_in_range(raw: str):
    assert 1 <= read({"SECRETS_RETRIEVAL_ATTEMPTS": raw}).attempts <= 10


@pytest.mark.parametrize(
    ("raw", "fails", "warned"),
    [(word, True, False) for word in ("1", "t", "T", "TRUE", "true", "True")]
    + [(word, False, False) for word in ("0", "f", "F", "FALSE", "false", "False")]
    + [(word, True, True) for word in ("no", "off", "fAlse", " false")],
)
def test_the_feature_flag_is_read_as_go_reads_booleans(raw: str, fails: bool, warned: bool):  # noqa: FBT001
    settings = read({"FF_SECRET_RESOLVING_FAILS_IF_MISSING": raw})
    assert settings.null_fails == fails
    assert [notice.id for notice in settings.notices] == (["feature-flag"] if warned else [])


def test_with_the_flag_off_a_null_value_is_an_empty_variable_with_a_warning():
    outcome = RunnerSettings(null_fails=False).judge(a_failure("NullValue"))
    assert (outcome.failure, outcome.value) == (None, "")
    assert [notice.id for notice in outcome.notices] == ["null-value"]


def test_with_the_flag_on_a_null_value_fails():
    assert RunnerSettings().judge(a_failure("NullValue")).failure is not None


@pytest.mark.parametrize("code", ["SecretNotFound", "SecretDisabled", "AADSTS700213"])
def test_the_flag_has_no_say_in_other_failures(code: str):
    assert RunnerSettings(null_fails=False).judge(a_failure(code)).failure is not None
