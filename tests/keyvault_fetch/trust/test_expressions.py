import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch.trust.expression_rules import expression_flaw, flexible_issuer_flaw
from keyvault_fetch.trust.expressions import Condition, Expression, ExpressionError, Operator, matches, parse
from keyvault_fetch.trust.subjects import Flaw

LEFT, RIGHT = "\N{LEFT SINGLE QUOTATION MARK}", "\N{RIGHT SINGLE QUOTATION MARK}"
GITLAB = "https://gitlab.com"
SUB = "claims['sub'] matches 'project_path:acme/shop:ref_type:branch:ref:release/*'"
GOOD = f"{SUB} and claims['project_id'] eq '4242'"

operators: st.SearchStrategy[Operator] = st.sampled_from(("eq", "matches"))
values = st.text(st.characters(codec="utf-8", exclude_characters="'"), max_size=20)
names = st.text(st.sampled_from("subprojectid_"), max_size=10)
conditions = st.builds(Condition, names, operators, values)
expressions = st.lists(conditions, min_size=1, max_size=4).map(lambda some: Expression(tuple(some)))


@given(expressions)
def test_an_expression_reads_back_into_its_conditions(expression: Expression):
    assert parse(str(expression)) == expression


@given(st.text(st.sampled_from("claims['sub'] eq 'x' and matches*"), max_size=60))
def test_any_text_is_an_expression_that_writes_itself_again_or_is_refused(text: str):
    try:
        expression = parse(text)
    except ExpressionError as error:
        refusal = error
    else:
        assert str(expression) == text
        return
    assert refusal.flaw.problem
    assert refusal.flaw.mend


@given(st.text(st.sampled_from("ab:/*?.["), max_size=9), st.text(st.sampled_from("ab:/.*[\n"), max_size=12))
def test_wildcards_match_as_the_regular_expression_of_the_same_meaning(pattern: str, text: str):
    regular = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    assert matches(pattern, text) == bool(re.fullmatch(regular, text, re.DOTALL))


def test_a_pattern_of_many_wildcards_is_decided_at_once():
    assert not matches("*a" * 150 + "b", "a" * 600)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"sub": "project_path:acme/shop:ref_type:branch:ref:release/1", "project_id": "4242"}, True),
        ({"sub": "project_path:acme/shop:ref_type:branch:ref:Release/1", "project_id": "4242"}, False),
        ({"sub": "project_path:acme/shop:ref_type:branch:ref:release/1", "project_id": "4243"}, False),
        ({"sub": "project_path:acme/shop:ref_type:branch:ref:release/1"}, False),
        ({"sub": "project_path:acme/shop:ref_type:tag:ref:release/1", "project_id": "4242"}, False),
    ],
)
def test_an_expression_holds_for_a_token_that_meets_every_condition(claims: dict[str, str], *, expected: bool):
    assert parse(GOOD).holds(claims) is expected


def flaw_of(text: str, issuer: str = GITLAB) -> Flaw:
    flaw = expression_flaw(text, issuer)
    assert flaw is not None
    return flaw


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"claims['namespace_id'] eq '7' and {SUB}",
        f"{SUB} and claims['user_id'] eq '7' and claims['project_id'] eq '4242'",
        "claims['sub'] eq 'project_path:acme/shop:ref_type:branch:ref:main' and claims['project_id'] eq '4242'",
    ],
)
def test_what_graph_takes_is_accepted(text: str):
    assert expression_flaw(text, GITLAB) is None


MISTAKES = {
    "nothing": ("", "ends too early", "write single spaces"),
    "sub alone, as GitLab's documents have it": (SUB, "sub stands alone", "and claims['project_id'] eq 'ID'"),
    "no sub": ("claims['project_id'] eq '4242'", "claims['sub'] is not compared", "add claims['sub'] matches"),
    "a claim that is not allowed": (
        f"{GOOD} and claims['ref_protected'] eq 'true'",
        "claims['ref_protected'] cannot be compared",
        "sub_components",
    ),
    "an id that matches": (
        f"{SUB} and claims['project_id'] matches '42*'",
        "claims['project_id'] takes no matches",
        "claims['project_id'] eq '…'",
    ),
    "an id that is none": (f"{SUB} and claims['project_id'] eq 'acme'", "'acme' is no project_id", "write the number"),
    "a wildcard compared letter by letter": (
        "claims['sub'] eq 'project_path:a/b:ref_type:branch:ref:*' and claims['project_id'] eq '1'",
        "letter by letter",
        "write matches",
    ),
    "an empty subject": (
        "claims['sub'] eq '' and claims['project_id'] eq '1'",
        "compared with nothing",
        "write the subject",
    ),
    "a claim twice": (f"{GOOD} and claims['sub'] matches '*'", "claims['sub'] stands twice", "each claim once"),
    "or": (f"{SUB} or claims['project_id'] eq '4242'", " or claims", "write one trust entry for each side"),
    "two spaces": (GOOD.replace(" eq ", "  eq "), "\"claims['project_id']  eq", "single spaces"),
    "an equals sign": (GOOD.replace(" eq ", " == "), "at character 82", "`eq` or `matches`"),
    "a dangling and": (f"{GOOD} and ", "ends too early", "write single spaces"),
    "double quotes": (GOOD.replace("'", '"'), "at character 1", "plain single quotes"),
    "typographic quotes": (
        GOOD.replace("'sub'", f"{LEFT}sub{RIGHT}"),
        "character 1",
        "plain single",
    ),
    "a quote in a value": (
        "claims['sub'] eq 'project_path:a/b:ref_type:branch:ref:it's' and claims['project_id'] eq '1'",
        "\"s' and",
        "no single quote",
    ),
    "a doubled quote in a value": (
        "claims['sub'] eq 'project_path:a/b:ref:it''s' and claims['project_id'] eq '1'",
        "is not read",
        "no single quote",
    ),
    "too long": (GOOD.replace("release", "r" * 600), "characters, Entra takes 600", "less of the subject"),
}


@pytest.mark.parametrize(("text", "problem", "mend"), MISTAKES.values(), ids=MISTAKES)
def test_what_graph_refuses_is_refused_with_the_reason_and_the_mend(text: str, problem: str, mend: str):
    flaw = flaw_of(text)
    assert problem in flaw.problem
    assert mend in flaw.mend


@pytest.mark.parametrize(
    "issuer", [GITLAB, "https://gitlab.example.com", "https://gitlab.example.ca", "https://gitlab.eu.example.com"]
)
def test_issuers_that_entra_documents_may_have_expressions(issuer: str):
    assert flexible_issuer_flaw(issuer) is None


@pytest.mark.parametrize(
    "issuer",
    [
        "https://git.example.com",
        "https://gitlab.example.org",
        "https://gitlab.ca",
        "https://gitlab.com/",
        "https://gitlab.example.com/gitlab",
        "https://gitlab.example.com:8443",
        "http://gitlab.com",
        "https://gitlab.com.evil.example",
        "https://gitlab.evil.example/.com",
    ],
)
def test_other_issuers_may_not_and_are_told_the_alternative(issuer: str):
    flaw = flaw_of(GOOD, issuer)
    assert issuer in flaw.problem
    assert flaw.mend == "list each branch and tag by name"
