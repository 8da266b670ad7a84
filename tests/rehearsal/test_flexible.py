"""The language of flexible credentials: what an expression may say, and what it matches."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.entra.flexible import matches, problem

GITLAB = "https://gitlab.com"
PINNED = " and claims['project_id'] eq '1'"
texts = st.text(min_size=0, max_size=12)
patterns = st.text("ab*?'[]", max_size=8)


def sub(operator: str, value: str) -> str:
    return f"claims['sub'] {operator} '{value.replace(chr(39), chr(39) * 2)}'"


@given(texts, texts)
def test_eq_is_equality(value: str, claim: str):
    assert matches(sub("eq", value), {"sub": claim}) == (value == claim)
    assert matches(sub("eq", value), {"sub": value})


@given(patterns, st.text("ab'[]A", max_size=8))
def test_a_star_is_any_run_and_a_question_mark_any_one_character(pattern: str, claim: str):
    wanted = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    assert matches(sub("matches", pattern), {"sub": claim}) == bool(re.fullmatch(wanted, claim, re.DOTALL))


@given(texts)
def test_a_run_may_hold_anything_even_line_ends(between: str):
    assert matches(sub("matches", "a*z"), {"sub": f"a{between}z"})


def test_every_condition_counts_and_a_claim_that_is_not_there_or_no_text_fulfils_none():
    expression = sub("matches", "a*") + PINNED
    assert matches(expression, {"sub": "ab", "project_id": "1"})
    for claims in (
        {"sub": "ab"},
        {"sub": "ab", "project_id": "2"},
        {"sub": "ab", "project_id": 1},
        {"project_id": "1"},
    ):
        assert not matches(expression, claims)


@pytest.mark.parametrize("claim", ["project_id", "namespace_id", "user_id"])
@pytest.mark.parametrize("operator", ["eq", "matches"])
def test_a_subject_stands_beside_an_id_that_never_changes(claim: str, operator: str):
    assert problem(f"{sub(operator, 'a*')} and claims['{claim}'] eq '1'", GITLAB) is None
    assert "lacks all required claims" in str(
        problem(f"{sub(operator, 'a')} and claims['{claim}'] matches '1'", GITLAB)
    )


@pytest.mark.parametrize(
    "expression",
    [
        sub("matches", "project_path:acme/*"),
        sub("matches", "project_id:1:*"),
        "claims['project_id'] eq '1'",
        sub("eq", "a") + " and claims['ref_protected'] eq 'true'",
        sub("eq", "a") + PINNED + " and claims['ref'] eq 'main'",
    ],
)
def test_a_missing_and_a_foreign_claim_are_told_alike(expression: str):
    assert problem(expression, GITLAB) == (
        "Expression configured for issuer 'https://gitlab.com' either lacks all required claims or contains unallowed "
        "claims"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "claims['sub'] matches 'it's'" + PINNED,
        "claims[sub] eq 'a'" + PINNED,
        'claims["sub"] eq "a"' + PINNED,
        "claims['sub']  eq 'a'" + PINNED,
        "claims['sub'] EQ 'a'" + PINNED,
        "claims['sub'] eq 'a' or claims['project_id'] eq '1'",
        "claims['sub'] ne 'a'" + PINNED,
        "claims['sub'] eq 'a'" + PINNED + " ",
        "claims['sub'] eq 'a'" + PINNED + ".",
    ],
)
def test_what_is_no_expression_is_refused_and_matches_nothing(expression: str):
    assert problem(expression, GITLAB) == "The claims matching expression could not be parsed"
    assert not matches(expression, {"sub": "a", "project_id": "1"})


@pytest.mark.parametrize(
    ("issuer", "supported"),
    [
        ("https://gitlab.com", True),
        ("https://gitlab.example.com", True),
        ("https://gitlab.corp.example.com", True),
        ("https://gitlab.example.ca", True),
        ("https://gitlab.example.org", False),
        ("https://git.example.com", False),
        ("https://gitlab.example.com/gitlab", False),
        ("https://gitlab.com.evil.example", False),
        ("https://notgitlab.com", False),
        ("http://gitlab.com", False),
    ],
)
def test_issuers_are_gitlab_com_and_hosts_called_gitlab_in_com_and_ca(issuer: str, *, supported: bool):
    assert (problem(sub("eq", "a") + PINNED, issuer) is None) is supported
