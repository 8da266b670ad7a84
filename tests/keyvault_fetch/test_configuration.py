"""A configuration as people write it, in one file or several, comes to what GitLab makes of it."""

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch.ci.document import NotYaml, documents
from keyvault_fetch.ci.nodes import JobUnreadable, Problem
from keyvault_fetch.job import Job, read_job

JOB = "{id_tokens: {T: {aud: a}}, secrets: {A: {azure_key_vault: {name: %s}}}}"


def read(text: str, name: str = "job") -> Job:
    return read_job(text, "ci.yml", name)


def names(job: Job) -> list[str]:
    return [secret.name for secret in job.secrets]


def problem(call: Callable[[], Job]) -> Problem:
    with pytest.raises(JobUnreadable) as raised:
        call()
    return raised.value.problems[0]


def test_a_key_before_a_merge_key_gives_way_to_it_as_in_rubys_loader():
    text = f".v: &v {{azure_key_vault: {{name: merged}}}}\njob: {JOB % 'x'}\n"
    before = text.replace("A: {", "A: {file: false, azure_key_vault: {name: own}, <<: *v}, B: {")
    assert names(read(before))[0] == "merged"
    after = text.replace("A: {", "A: {<<: *v, azure_key_vault: {name: own}}, B: {")
    assert names(read(after))[0] == "own"


def test_an_anchor_given_again_is_the_last_one_from_there_on():
    assert names(read(f".a: &n one\n.b: &n two\njob: {JOB % '*n'}")) == ["two"]


def test_of_several_merged_mappings_the_first_wins():
    text = f".a: &a {{name: a}}\n.b: &b {{name: b, version: v}}\njob: {JOB % 'x'}".replace(
        "{name: x}", "{<<: [*a, *b]}"
    )
    (secret,) = read(text).secrets
    assert (secret.name, secret.version) == ("a", "v")


def test_an_anchor_of_the_header_holds_in_the_header_alone():
    found = problem(lambda: read(f"spec: {{inputs: &a x}}\n---\njob: {JOB % '*a'}"))
    assert (found.line, "undefined alias" in found.problem) == (3, True)


def test_of_two_documents_without_a_header_the_first_is_the_configuration():
    assert names(read(f"job: {JOB % 'first'}\n---\njob: {JOB % 'second'}\n")) == ["first"]


REFERENCES = """\
.base: {extends: .deeper}
.deeper:
  tokens: {T: {aud: [a]}}
  secrets: {A: {azure_key_vault: {name: one, version: !reference [.words, version]}, file: false}}
.words: {version: !reference [.more, v], no: false, self: !reference [.words, self]}
.more: {v: '3'}
"""


def test_references_are_followed_wherever_they_stand_after_extends():
    job = read(
        f"{REFERENCES}job: {{id_tokens: !reference [.base, tokens], "
        "secrets: {A: !reference [.base, secrets, A], B: {azure_key_vault: !reference [.x]}}}\n"
        ".x: {name: two}"
    )
    assert (job.id_tokens, names(job)) == (("T",), ["one", "two"])
    assert (job.secrets[0].version, job.secrets[0].file) == ("3", False)


BAD_REFERENCES = {
    "nowhere": ("!reference [.words, nothing]", "[.words, nothing] is not to be found"),
    "no such job": ("!reference [.far, v]", "[.far, v] is not to be found"),
    "beyond a text": ("!reference [.more, v, w]", "is not to be found"),
    "false": ("!reference [.words, 'no']", "no null and no false"),
    "in a circle": ("!reference [.words, self]", "leads back to itself"),
    "no path": ("!reference []", "must be a list of texts"),
    "a text": ("!reference .more", "must be a list of texts"),
    "a number in it": ("!reference [.more, 1]", "must be a list of texts"),
    "another tag": ("!other x", "uses !other"),
}


@pytest.mark.parametrize(("written", "words"), BAD_REFERENCES.values(), ids=BAD_REFERENCES)
def test_a_reference_that_leads_nowhere_is_told_at_its_place(written: str, words: str):
    found = problem(lambda: read(f"{REFERENCES}job: {JOB % written}"))
    assert words in found.problem
    assert (found.line, found.column) != (1, 1)


def test_extends_reaches_eleven_levels_and_no_more():
    levels = "".join(f".l{n}: {{extends: .l{n + 1}}}\n" for n in range(1, 12))
    whole = f"{levels}.l12: {JOB % 'x'}\n"
    assert names(read(f"{whole}job: {{extends: .l2}}")) == ["x"]
    assert "more than 11 levels" in problem(lambda: read(f"{whole}job: {{extends: .l1}}")).problem


def test_a_circle_of_extends_is_named():
    found = problem(lambda: read(".a: {extends: .b}\n.b: {extends: [.a]}\njob: {extends: .a}"))
    assert (found.line, found.problem) == (2, ".b extends itself: .a → .b → .a")


def test_many_parents_in_many_levels_are_read_once_each():
    levels = "".join(f".l{n}: {{extends: [{', '.join([f'.l{n + 1}'] * 9)}]}}\n" for n in range(10))
    assert names(read(f"{levels}.l10: {JOB % 'x'}\njob: {{extends: .l0}}")) == ["x"]


def test_a_hidden_job_and_a_keyword_are_no_jobs():
    text = f".job: {JOB % 'x'}\njob: {JOB % 'x'}\nvariables: {{}}"
    assert "hidden job" in problem(lambda: read(text, ".job")).problem
    assert problem(lambda: read(text, ".job")).mend == "name one of its jobs: job"
    assert "variables is a keyword" in problem(lambda: read(text, "variables")).problem


def test_what_default_cannot_hold_is_told():
    found = problem(lambda: read(f"default: {{secrets: {{}}}}\njob: {JOB % 'x'}"))
    assert found.problem == "default cannot hold secrets (GitLab refuses the file)"
    found = problem(lambda: read(f"default: {{id_token: {{}}}}\njob: {JOB % 'x'}"))
    assert "write id_tokens" in found.mend


def test_null_takes_a_key_back():
    text = "default: {id_tokens: {D: {aud: a}}}\n.base: {id_tokens: {T: {aud: a}}}\n"
    job = read(
        f"{text}job: {{extends: .base, id_tokens: ~, inherit: ~, secrets: {{A: {{azure_key_vault: {{name: x}}}}}}}}"
    )
    assert job.id_tokens == ("D",)


def test_several_audiences_are_warned_of():
    text = f"job: {JOB % 'x'}"
    assert read(text.replace("aud: a", "aud: [a]")).warnings == ()
    (warning,) = read(text.replace("aud: a", "aud: [a, b]")).warnings
    assert "lists 2 audiences; Entra takes a token with exactly one" in warning


def test_the_lint_apis_answer_is_read_as_what_it_merged():
    answer = json.dumps({"valid": True, "merged_yaml": f"---\n.b: {JOB % 'é'}\njob:\n  extends: .b\n"}, indent=1)
    assert names(read(answer)) == ["é"]
    found = problem(lambda: read(json.dumps({"merged_yaml": "---\njob: [\n"})))
    assert (found.file, found.line) == ("ci.yml (merged_yaml)", 3)


def test_a_lint_answer_without_a_configuration_tells_gitlabs_errors():
    answer = json.dumps({"valid": False, "errors": ["jobs config should contain a visible job"], "merged_yaml": None})
    assert "should contain a visible job" in problem(lambda: read(answer)).problem


def test_two_megabytes_are_read_and_a_mistake_at_their_end_is_told():
    job = "job%d:\n  extends: .b\n  script:\n    - echo %d\n    - make test\n  variables: {A: b, C: 'd'}\n"
    text = "".join(job % (n, n) for n in range(22_000)) + f"job: {JOB % 'x'}\n"
    assert len(text) > 2_000_000
    assert names(read(text)) == ["x"]
    assert "not YAML" in problem(lambda: read(f"{text}last: [\n")).problem


def test_depth_and_circles_neither_crash_nor_hang():
    for text in ("[" * 1_000_000, "- " * 500_000, "{a: " * 300_000):
        assert "nested too deeply" in problem(lambda text=text: read(text)).problem
    laughs = "".join(f".l{n}: &l{n} {{a: *l{n - 1}, b: *l{n - 1}}}\n" for n in range(1, 60))
    assert names(read(f".l0: &l0 {{}}\n{laughs}job: {{extends: [.l59, .l58, .l59], <<: {JOB % 'x'}}}")) == ["x"]
    merges = "".join(f".{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}\n" for n in range(1, 60))
    assert names(read(f".0: &m0 {JOB % 'x'}\n{merges}job: {{<<: *m59}}")) == ["x"]


plain = st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3),
    max_leaves=12,
)


@given(values)
def test_what_pyyaml_writes_is_composed_as_pyyaml_composes_it(value: object):
    (node,) = documents(yaml.safe_dump(value), "x")
    expected = yaml.compose(yaml.safe_dump(value))
    assert expected is not None
    assert node.tag == expected.tag


KEYWORDS = """
job .a include local extends !reference id_tokens secrets variables default inherit value expand aud name version file
azure_key_vault token rules parallel matrix *a &a << [ ] { } : , - $A ${A} $$ ~ true 5 ' ? | > " #
"""
keywords = st.sampled_from([*KEYWORDS.split(), "\n "])


@given(st.lists(keywords, max_size=30).map(" ".join))
def test_any_words_of_ours_are_a_job_or_a_list_of_problems(text: str):
    with suppress(JobUnreadable):
        read_job(text, "ci.yml", "job")


KEYS = ["job", ".a", "include", "default", "variables", "workflow", "spec"]
INNER = [
    "extends",
    "id_tokens",
    "secrets",
    "variables",
    "inherit",
    "rules",
    "parallel",
    "A",
    "T",
    "aud",
    "azure_key_vault",
]
MORE = ["name", "version", "file", "token", "value", "expand", "default", "matrix", "local", "<<"]
leaf = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["job", ".a", "$A", "x", "a.yml", "$[[ x ]]"])
inner = st.recursive(
    leaf, lambda of: st.lists(of, max_size=3) | st.dictionaries(st.sampled_from(INNER + MORE), of, max_size=5)
)


@given(st.dictionaries(st.sampled_from(KEYS), inner))
def test_any_structure_of_ours_is_a_job_or_a_list_of_problems(value: dict[str, object]):
    with suppress(JobUnreadable):
        assert read_job(json.dumps(value), "ci.yml", "job").secrets


SYNTAX = [
    "job: [",
    "a: b: c",
    "- a\nb: c",
    "'x",
    "a: \x07",
    "%YAML 9",
    "? [",
    "\t- a",
    "a: &x",
    "!<",
    '"\\UFFFFFFFF"',
    "{a b",
]


@pytest.mark.parametrize("text", SYNTAX)
def test_both_parsers_report_the_same_place_and_words(text: str, monkeypatch: pytest.MonkeyPatch):
    def outcome() -> tuple[object, ...]:
        try:
            return ("fine", len(documents(text, "x")))
        except NotYaml as error:
            return error.line, error.column, error.problem, error.mend

    ours = outcome()
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert ours == outcome()


def test_a_wrong_name_among_many_jobs_is_answered_with_some_of_them():
    found = problem(lambda: read("".join(f"build{n}: {{}}\n" for n in range(99)), "deploy"))
    assert found.mend == f"name one of its jobs: {', '.join(f'build{n}' for n in range(20))}, …"
