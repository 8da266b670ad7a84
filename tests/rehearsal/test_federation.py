from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rehearsal.entra.errors import SignInError
from rehearsal.entra.federation import SKEW, match, of_issuer, require_valid_time

texts = st.text(min_size=1, max_size=20)
times = st.integers(min_value=0, max_value=4_000_000_000)


def credential(issuer: str, subject: str, audience: str) -> dict[str, Any]:
    return {"issuer": issuer, "subject": subject, "audiences": [audience]}


credentials = st.builds(credential, texts, texts, texts)


def refusal(*arguments: Any) -> int:
    with pytest.raises(SignInError) as refused:
        match(*arguments)
    return refused.value.code


@given(st.lists(credentials), credentials)
def test_the_exact_subject_and_audience_match_whatever_else_there_is(
    others: list[dict[str, Any]], wanted: dict[str, Any]
):
    found = match([*others, wanted], {"sub": wanted["subject"], "aud": wanted["audiences"][0]})
    assert (found["subject"], found["audiences"]) == (wanted["subject"], wanted["audiences"])


@given(st.lists(credentials), texts, texts)
def test_a_match_always_has_the_tokens_subject_and_audience(known: list[dict[str, Any]], subject: str, audience: str):
    try:
        found = match(known, {"sub": subject, "aud": audience})
    except SignInError:
        return
    assert (found["subject"], found["audiences"]) == (subject, [audience])


@given(st.lists(credentials), texts)
def test_a_subject_that_no_credential_has_is_refused_with_700213(known: list[dict[str, Any]], subject: str):
    assume(all(subject.casefold() != one["subject"].casefold() for one in known))
    assert refusal(known, {"sub": subject, "aud": "any"}) == 700213


@given(credentials, texts)
def test_another_audience_is_refused_with_700212(known: dict[str, Any], audience: str):
    assume(audience != known["audiences"][0])
    assert refusal([known], {"sub": known["subject"], "aud": audience}) == 700212


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
def test_a_subject_that_differs_in_case_only_is_refused_with_7002138(subject: str):
    known = credential("https://gitlab.com", subject.upper(), "aud")
    assert refusal([known], {"sub": subject, "aud": "aud"}) == 7002138


@given(credentials, texts)
def test_two_audiences_in_one_token_match_nothing(known: dict[str, Any], other: str):
    claims = {"sub": known["subject"], "aud": [known["audiences"][0], other]}
    assert refusal([known], claims) == 700212


@given(credentials)
def test_a_list_of_the_one_audience_matches(known: dict[str, Any]):
    assert match([known], {"sub": known["subject"], "aud": known["audiences"]}) == known


def flexible(audience: str = "aud", value: str = "claims['sub'] matches 'a*' and claims['project_id'] eq '1'") -> Any:
    expression = {"value": value, "languageVersion": 1}
    return {"issuer": "i", "subject": None, "audiences": [audience], "claimsMatchingExpression": expression}


@given(st.lists(credentials), texts)
def test_a_flexible_credential_trusts_what_fulfils_its_expression_beside_exact_ones(
    others: list[dict[str, Any]], rest: str
):
    claims = {"sub": f"a{rest}", "aud": "aud", "project_id": "1"}
    assume(all(claims["sub"] != other["subject"] for other in others))
    assert match([*others, flexible()], claims) == flexible()


def test_the_codes_of_an_application_with_a_flexible_credential_are_those_of_expressions():
    known = [credential("i", "exact", "other"), flexible("other")]
    assert refusal(known, {"sub": "b", "aud": "aud", "project_id": "1"}) == 7002131
    assert refusal(known, {"sub": "ab", "aud": "aud", "project_id": "2"}) == 7002131
    assert refusal(known, {"sub": "ab", "aud": "aud", "project_id": "1"}) == 7002121
    assert refusal(known, {"sub": "exact", "aud": "aud"}) == 7002121
    assert refusal(known, {"sub": "EXACT", "aud": "aud"}) == 7002138


def test_the_audience_may_be_that_of_any_credential_that_trusts_the_subject():
    known = [credential("i", "ab", "one"), flexible("two")]
    assert match(known, {"sub": "ab", "aud": "two", "project_id": "1"}) == known[1]
    assert match(known, {"sub": "ab", "aud": "one", "project_id": "1"}) == known[0]


@given(st.lists(credentials), credentials)
def test_only_credentials_of_the_very_issuer_are_looked_at(others: list[dict[str, Any]], wanted: dict[str, Any]):
    known = [*others, wanted]
    assert of_issuer(known, wanted["issuer"]) == [one for one in known if one["issuer"] == wanted["issuer"]]


@given(st.lists(credentials), texts)
def test_an_issuer_that_no_credential_names_is_refused_with_700211(known: list[dict[str, Any]], issuer: str):
    assume(all(issuer != one["issuer"] for one in known))
    with pytest.raises(SignInError, match="AADSTS700211"):
        of_issuer(known, issuer)


def test_a_slash_at_the_end_makes_another_issuer():
    with pytest.raises(SignInError, match=r"AADSTS700211: .*'https://gitlab.com/'"):
        of_issuer([credential("https://gitlab.com", "s", "a")], "https://gitlab.com/")


@given(times, st.integers(min_value=0, max_value=100_000), st.data())
def test_a_token_holds_from_nbf_to_exp_with_five_minutes_either_way(starts: int, lifetime: int, data: st.DataObject):
    claims = {"nbf": starts, "exp": starts + lifetime}
    require_valid_time(claims, data.draw(st.integers(starts - SKEW, starts + lifetime + SKEW - 1)))


@given(times, st.integers(min_value=0, max_value=100_000), times)
def test_a_token_outside_its_time_is_refused_with_700024(starts: int, lifetime: int, now: int):
    assume(now < starts - SKEW or now >= starts + lifetime + SKEW)
    with pytest.raises(SignInError, match="AADSTS700024"):
        require_valid_time({"nbf": starts, "exp": starts + lifetime}, now)


def test_the_time_refusal_names_the_three_instants():
    with pytest.raises(SignInError) as refused:
        require_valid_time({"nbf": 0, "exp": 1_700_000_000}, 1_800_000_000.5)
    assert "Current time: 2027-01-15T08:00:00.5000000Z" in str(refused.value)
    assert "assertion valid from 1970-01-01T00:00:00.0000000Z" in str(refused.value)
    assert "expiry time of assertion 2023-11-14T22:13:20.0000000Z" in str(refused.value)


def test_several_audiences_match_none_however_a_credential_is_written():
    claims = {"sub": "s", "aud": ["a", "b"]}
    for audience in ("a", "b", "a, b"):
        assert refusal([credential("i", "s", audience)], claims) == 700212
