import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings import rules
from components.settings.keys import Rule
from keyvault_fetch.trust.subjects import Flaw


def flaw_text(flaw: Flaw | None) -> str:
    return f"{flaw.problem}; {flaw.mend}" if flaw else "fine"


@pytest.mark.parametrize(
    "url", ["https://gitlab.com", "https://gitlab.example.com/gitlab", "https://g.example.com:8443"]
)
def test_an_issuer_that_entra_takes_is_accepted(url: str):
    assert rules.gitlab_url_flaw(url) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://gitlab.example.com/", "write 'https://gitlab.example.com'"),
        ("https://gitlab.example.com/gitlab/", "Entra compares the two letter by letter"),
        ("https://gitlab.com/", "write 'https://gitlab.com'"),
        ("https://GitLab.com", "write 'https://gitlab.com'"),
        ("https://gitlab.com/acme", "write 'https://gitlab.com'"),
        ("http://gitlab.example.com", "https:// only"),
        ("gitlab.example.com", "https:// only"),
        ("https://", "no plain https URL"),
        ("https://gitlab.example.com?x=1", "no plain https URL"),
        ("https://user@gitlab.example.com", "no plain https URL"),
        ("https://gitlab.example.com/my gitlab", "no plain https URL"),
        ("https://gitlab.example.com/$(id)", "no plain https URL"),
        ("https://gitlab.example.com/\x1b[31m", "no plain https URL"),
        ("https://gitlab.example.com/a/../b", "no plain https URL"),
        ("https://gitlab\u202e.example.com", "no plain https URL"),
        ("https://[gitlab", "is no URL"),
        ("https://gitlab.example.com/" + "a" * 600, "has 627 characters"),
    ],
)
def test_an_issuer_that_no_token_could_match_is_refused(url: str, expected: str):
    assert expected in flaw_text(rules.gitlab_url_flaw(url))


@pytest.mark.parametrize(
    ("rule", "accepted", "refused"),
    [
        (rules.secret_name_flaw, ["a", "Shop-1", "a" * 127], ["", "a" * 128, "a_b", "a/b", "a\n", "ä"]),
        (rules.version_flaw, ["0" * 32, "0123456789abcdefABCDEF0123456789"], ["0" * 31, "0" * 33, "g" * 32, "latest"]),
        (rules.variable_flaw, ["A", "_a", "DB_1", "A" * 255], ["", "1A", "A-B", "A B", "A" * 256, "AZURE_JWT", "Ä"]),
        (rules.location_flaw, ["westeurope", "eastus2"], ["West Europe", "west-europe", "5"]),
        (rules.environment_scope_flaw, ["production", "review/*", "*", "a" * 255], ["", "a" * 256, "a:b", "ü"]),
        (rules.audience_flaw, ["https://gitlab.com", "api://x", "a" * 600], ["a b", "$AUD", "a" * 601]),
    ],
)
def test_a_rule_accepts_what_the_service_does_and_nothing_else(rule: Rule, accepted: list[str], refused: list[str]):
    assert [text for text in accepted if rule(text)] == []
    assert [text for text in refused if not rule(text)] == []


@given(st.text(min_size=1))
def test_a_refused_secret_name_is_not_repeated_for_it_may_be_the_secret(value: str):
    fixed = flaw_text(rules.secret_name_flaw("$"))
    assert flaw_text(rules.secret_name_flaw(value)) in {"fine", fixed}
