"""Variables of the YAML come to what GitLab and its Runner make of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch.ci.nodes import JobUnreadable
from keyvault_fetch.ci.variables import Variable, values
from keyvault_fetch.environment import Surroundings, look_around
from keyvault_fetch.expansion import expand, references
from keyvault_fetch.job import Job, read_job

JOB = """
job:
  id_tokens: {T: {aud: a}}
  secrets: {A: {azure_key_vault: {name: $NAME, version: "${VERSION}"}}}
"""
AZURE = "AZURE_KEY_VAULT_SERVER_URL: https://kv.vault.azure.net/, AZURE_CLIENT_ID: c, AZURE_TENANT_ID: t"


def read(extra: str, top: str = "") -> Job:
    return read_job(f"{top}{JOB}{extra}", "ci.yml", "job")


def seen(extra: str, top: str = "", **environ: str) -> Surroundings:
    return look_around(read(extra, top), {"T": "e.y.j", **environ})


def test_a_pasted_jobs_own_variables_are_enough_outside_ci():
    found = seen(f"  variables: {{{AZURE}, NAME: x, VERSION: ''}}")
    assert found.error() is None
    assert (found.access.vault_url, found.access.client_id, found.access.tenant_id) == (
        "https://kv.vault.azure.net/",
        "c",
        "t",
    )
    assert (found.wanted[0].name, found.wanted[0].version) == ("x", None)


def test_the_environment_wins_over_the_jobs_and_the_jobs_over_the_files():
    top = f"variables: {{{AZURE}, NAME: file, VERSION: file}}"
    extra = "  variables: {NAME: job, AZURE_CLIENT_ID: job}"
    found = seen(extra, top, AZURE_CLIENT_ID="environment")
    assert (found.wanted[0].name, found.wanted[0].version, found.access.client_id) == ("job", "file", "environment")


@pytest.mark.parametrize(
    ("inherit", "kept"), [("true", "file"), ("false", None), ("[NAME]", None), ("[VERSION]", "file")]
)
def test_inherit_says_which_of_the_files_variables_a_job_sees(inherit: str, kept: str | None):
    top = "variables: {NAME: x, VERSION: file}"
    assert seen(f"  inherit: {{variables: {inherit}}}", top).wanted[0].version == kept


WRITTEN = {
    "text": ("x", "x"),
    "a number": ("5", "5"),
    "an octal number": ("010", "8"),
    "a number of a version": ("1.10", "1.1"),
    "true": ("yes", "true"),
    "nothing": ("~", ""),
    "a date": ("2024-01-02", "2024-01-02"),
    "a described one": ("{value: x, description: d, options: [x]}", "x"),
    "a described number": ("{value: 5}", "5"),
    "others, expanded": ("'${A}-$B-$C'", "a-b--c"),
    "others, not expanded": ("{value: '${A}-$B', expand: false}", "${A}-$B"),
    "one of one": ("$D", "a-x"),
    "a raw one": ("$RAW", "$A"),
    "a dollar": ("'$$A'", "$A"),
    "an escaped one's": ("$ESCAPED", "$A"),
    "itself": ("x$NAME", "xx$NAME"),
    "a number of an underscore": ("0x_", "0x_"),
}


@pytest.mark.parametrize(("written", "value"), WRITTEN.values(), ids=WRITTEN)
def test_a_value_comes_to_what_gitlab_makes_of_it(written: str, value: str):
    others = "A: a, B: b, C: -c, D: $A-$X, X: x, RAW: {value: $A, expand: false}, ESCAPED: $$A"
    assert seen("", f"variables: {{{others}, NAME: {written}}}").wanted[0].name == value


def test_what_a_variable_lacks_is_told_where_it_is_used():
    found = seen("  variables: {NAME: $INNER, INNER: x-$GONE, UNUSED: $ALSO}", VERSION="1")
    assert "GONE" in found.missing
    assert "ALSO" not in found.missing
    assert "GONE" in seen("  variables: {AZURE_TENANT_ID: t-$GONE}").missing


BAD = {
    "a list": ("{A: [x]}", "job.variables.A must be text, here it is a list"),
    "an unknown key": ("{A: {value: x, expanded: true}}", "unknown key expanded"),
    "described in a job": ("{A: {value: x, description: d}}", "unknown key description"),
    "a word for expand": ("{A: {value: x, expand: maybe}}", "must be true or false"),
    "a circle": ("{A: $B, B: x$A}", "circular variable reference detected"),
    "a bomb": ("{" + ", ".join(f"V{n}: $V{n - 1}$V{n - 1}" for n in range(1, 40)) + ", V0: x}", "expands to more than"),
    "a list for all": ("[A]", "job.variables must be a mapping"),
}


@pytest.mark.parametrize(("written", "words"), BAD.values(), ids=BAD)
def test_variables_that_gitlab_refuses_are_told(written: str, words: str):
    with pytest.raises(JobUnreadable) as raised:
        read(f"  variables: {written}")
    assert words in raised.value.problems[0].problem
    assert raised.value.problems[0].line == 5


ELSEWHERE = ["  rules: [{if: $X, variables: {NAME: y}}]", "  parallel: {matrix: [{NAME: [y, z]}]}"]


@pytest.mark.parametrize("extra", ELSEWHERE)
def test_a_variable_that_only_a_pipeline_decides_is_warned_of(extra: str):
    (warning,) = read(f"{extra}\n  variables: {{NAME: x}}").warnings
    assert warning.startswith("NAME may be set by rules: or parallel:")
    known = read_job(f"{JOB}{extra}", "ci.yml", "job", environ={"NAME": "x"})
    assert known.warnings == ()


def test_a_workflows_variables_are_decided_by_the_pipeline_too():
    top = "workflow: {rules: [{variables: {INNER: x, OTHER: y}}]}\nvariables: {NAME: $INNER}"
    assert [warning.split()[0] for warning in read("", top).warnings] == ["INNER"]


def by_go(text: str, value_of: dict[str, str]) -> str:
    """os.Expand of Go's standard library with the Runner's mapping, as its documentation and source tell it."""
    special, out, at = "*#$@!?-0123456789", "", 0
    while at < len(text):
        rest = text[at + 1 :]
        if text[at] != "$" or not rest:
            out, at = out + text[at], at + 1
            continue
        if rest[0] == "{":
            end = rest.find("}")
            name, width = ("", 1) if end < 0 else (rest[1:end], end + 1)
        elif rest[0] in special:
            name, width = rest[0], 1
        else:
            width = next(
                (n for n, each in enumerate(rest) if not (each.isascii() and (each.isalnum() or each == "_"))),
                len(rest),
            )
            name = rest[:width]
        out += "$" if name == "$" or (not name and not width) else value_of.get(name, "")
        at += 1 + width
    return out


@given(
    st.text(st.sampled_from("$${}AB_é1-# \n"), max_size=20),
    st.dictionaries(st.sampled_from(["A", "B", "AB", "-"]), st.text()),
)
def test_texts_expand_as_gos_os_expand_does(text: str, known: dict[str, str]):
    assert expand(text, lambda name: known.get(name, "")) == by_go(text, known)


words = st.text(st.sampled_from("ab-"), max_size=4)


@given(st.dictionaries(st.sampled_from("ABCDE"), st.lists(words | st.sampled_from(["$A", "${B}", "$C"]), max_size=4)))
def test_expanded_in_whatever_order_they_are_written(parts: dict[str, list[str]]):
    parts = {
        name: [each for each in texts if not references(each) or references(each)[0] < name]
        for name, texts in parts.items()
    }
    variables = {name: Variable(" ".join(texts)) for name, texts in parts.items()}
    found = values(variables, {})
    for name, variable in variables.items():
        assert found.get(name) == expand(variable.value, found.get)
