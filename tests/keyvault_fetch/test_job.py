from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch.ci.nodes import JobUnreadable, Problem
from keyvault_fetch.job import Job, Secret, load_job, read_job

SEED = """\
job:
  id_tokens:
    AZURE_JWT:
      aud: 'https://gitlab.com'
  secrets:
    DATABASE_PASSWORD:
      token: $AZURE_JWT
      azure_key_vault:
        name: 'test'
        version: '00000000000000000000000000000000'
"""
TOKENS = "  id_tokens: {AZURE_JWT: {aud: a}}\n"


def problems_of(text: str, job: str = "job") -> tuple[Problem, ...]:
    with pytest.raises(JobUnreadable) as raised:
        read_job(text, "ci.yml", job)
    return raised.value.problems


def test_gitlabs_documented_example_reads_verbatim():
    secret = Secret("DATABASE_PASSWORD", "test", "0" * 32, file=True, token="$AZURE_JWT")
    assert read_job(SEED, "ci.yml", "job") == Job("job", ("AZURE_JWT",), (secret,))


def test_what_is_absent_takes_gitlabs_defaults():
    text = f"job:\n{TOKENS}  secrets: {{A: {{azure_key_vault: {{name: x, version: null}}}}}}\n"
    assert read_job(text, "ci.yml", "job").secrets == (Secret("A", "x", None, file=True, token=None),)


def test_secrets_of_other_providers_are_listed_as_not_ours():
    text = f"job:\n{TOKENS}  secrets:\n    A: {{vault: a/b@c}}\n    B: {{azure_key_vault: {{name: x}}, file: false}}\n"
    job = read_job(text, "ci.yml", "job")
    assert job.others == (("A", "vault"),)
    assert [(secret.variable, secret.file) for secret in job.secrets] == [("B", False)]


def test_anchors_and_merge_keys_are_followed():
    text = """\
.tokens: &tokens {id_tokens: {AZURE_JWT: {aud: [a, b]}}}
.vault: &vault {azure_key_vault: {name: x}, file: false}
job:
  <<: *tokens
  secrets: {A: *vault, B: {<<: *vault, file: true}}
"""
    job = read_job(text, "ci.yml", "job")
    assert job.id_tokens == ("AZURE_JWT",)
    assert [(secret.variable, secret.file) for secret in job.secrets] == [("A", False), ("B", True)]


def test_extends_merges_mappings_deeply_and_the_job_has_the_last_word():
    text = f"""\
.base:
{TOKENS}  secrets:
    A: {{azure_key_vault: {{name: base, version: v1}}, file: false}}
.other: {{extends: .base, secrets: {{B: {{azure_key_vault: {{name: b}}}}}}}}
job:
  extends: [.base, .other]
  secrets: {{A: {{azure_key_vault: {{name: own}}}}}}
"""
    secrets = {secret.variable: secret for secret in read_job(text, "ci.yml", "job").secrets}
    assert secrets["A"] == Secret("A", "own", "v1", file=False, token=None)
    assert secrets["B"].name == "b"


def test_a_merge_key_inside_what_extends_merges_is_followed():
    job = read_job(
        """
.common: &common {A: {azure_key_vault: {name: a}}}
.base: {secrets: {B: {azure_key_vault: {name: b}}}}
job:
  extends: .base
  id_tokens: {AZURE_JWT: {aud: x}}
  secrets:
    <<: *common
    C: {azure_key_vault: {name: c}}
""",
        "ci.yml",
        "job",
    )
    assert {secret.variable for secret in job.secrets} == {"A", "B", "C"}


def test_default_id_tokens_serve_a_job_without_its_own():
    text = "default:\n  id_tokens: {D: {aud: a}}\njob:\n  secrets: {A: {azure_key_vault: {name: x}}}\n"
    assert read_job(text, "ci.yml", "job").id_tokens == ("D",)


@pytest.mark.parametrize("inherit", ["false", "[image]"])
def test_a_job_that_does_not_inherit_them_has_no_default_id_tokens(inherit: str):
    text = (
        "default:\n  id_tokens: {D: {aud: a}}\n"
        f"job:\n  inherit: {{default: {inherit}}}\n  secrets: {{A: {{azure_key_vault: {{name: x}}}}}}\n"
    )
    assert "no id_tokens" in problems_of(text)[0].problem


def test_a_spec_header_is_passed_over():
    assert read_job(f"spec:\n  inputs: {{}}\n---\n{SEED}", "ci.yml", "job").id_tokens == ("AZURE_JWT",)


def test_an_include_beside_the_job_is_a_warning_with_the_way_out():
    (warning,) = read_job(f"include: [local: other.yml]\n{SEED}", "ci.yml", "job").warnings
    assert "glab ci config compile" in warning


def secret(line: str) -> str:
    return f"job:\n{TOKENS}  secrets:\n    A:\n{line}\n"


NAMED = "      azure_key_vault: {name: x}\n"
BAD = {
    "an unclosed bracket": ("job: [", (1, 7), "not YAML", "syntax"),
    "an undefined alias": ("job: *nowhere", (1, 6), "undefined alias", "syntax"),
    "a control character": ("job: \x00", (1, 1), "not YAML", "UTF-8"),
    "an empty file": ("", (1, 1), "empty", "--file"),
    "a list for a file": ("- a", (1, 1), "the file must be a mapping, here it is a list", "write a mapping"),
    "another job": ("jobb: {script: x}", (1, 1), "no job job", "--job jobb"),
    "a job from an include": ("include: x.yml", (1, 10), "include:local x.yml is not followed", "glab ci config"),
    "a job that is a text": ("job: text", (1, 6), "job must be a mapping", "write a mapping"),
    "no secrets": ("job: {script: x}", (1, 6), "no secret with azure_key_vault", "--job"),
    "secrets misspelt": ("job: {secret: {}}", (1, 15), "unknown key secret", "instead of secret:"),
    "secrets as a list": (f"job:\n{TOKENS}  secrets: [A]", (3, 12), "job.secrets must be a mapping", "write a mapping"),
    "no id_tokens": ("job:\n  secrets: {A: {azure_key_vault: {name: x}}}", (2, 3), "no id_tokens", "add id_tokens"),
    "an id token without aud": ("job:\n  id_tokens: {T: {}}", (2, 18), "job.id_tokens.T.aud is missing", "add aud"),
    "an id token with aud a number": ("job:\n  id_tokens: {T: {aud: 5}}", (2, 24), "must be text", "quotes"),
    "an unknown id token key": ("job:\n  id_tokens: {T: {aud: a, audience: b}}", (2, 37), "unknown key audience", ""),
    "a path for a variable": (
        f"job:\n{TOKENS}  secrets: {{../A: {{azure_key_vault: {{name: x}}}}}}",
        (3, 19),
        "not a variable's name",
        "letters",
    ),
    "no provider": (secret("      file: true"), (5, 7), "no provider", "azure_key_vault"),
    "two providers": (secret(f"{NAMED}      vault: x"), (5, 7), "azure_key_vault and vault", "one provider"),
    "an unknown key": (secret(f"{NAMED}      tokn: x"), (6, 13), "unknown key tokn", "write token"),
    "no name": (secret("      azure_key_vault: {}"), (5, 24), "azure_key_vault.name is missing", "add"),
    "a number for a name": (secret("      azure_key_vault: {name: 5}"), (5, 31), "must be text", "quotes"),
    "a version without quotes": (
        secret("      azure_key_vault: {name: x, version: 00000000000000000000000000000000}"),
        (5, 43),
        "version must be text",
        "quotes",
    ),
    "an unknown vault key": (secret("      azure_key_vault: {name: x, vault: y}"), (5, 41), "unknown key vault", ""),
    "a word for file": (secret(f"{NAMED}      file: maybe"), (6, 13), "must be true or false, here it is text", ""),
    "a list for token": (secret(f"{NAMED}      token: [a]"), (6, 14), "token must be text, here it is a list", "write"),
    "a reference": (secret("      azure_key_vault: !reference [.a, b]"), (5, 24), "is not to be found", "glab ci"),
    "a reference for secrets": (f"job:\n{TOKENS}  secrets: !reference [.a]", (3, 12), "is not to be found", "glab ci"),
    "an input": (secret("      azure_key_vault: {name: '$[[ inputs.x ]]'}"), (5, 31), "holds an input", "glab ci"),
    "a parent elsewhere": ("job: {extends: .far, secrets: {}}", (1, 16), ".far, which is not in this file", "glab ci"),
    "a circle of parents": ("job: {extends: job}", (1, 16), "extends itself", "circle"),
    "a merge of a text": ("job: {<<: text}", (1, 11), "merging", "merge mappings"),
    "a null name": (secret("      azure_key_vault: {name: ~}"), (5, 24), "azure_key_vault.name is missing", "add"),
    "circles that merge": (".p: {a: &a {b: *a}}\njob: {extends: .p, a: &c {b: *c}}", (2, 6), "no secret", "--job"),
    "depth without end": ("[" * 900, (1, 101), "nested too deeply", "flatten"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "place", "problem", "mend"), BAD.values(), ids=BAD)
def test_a_mistake_is_told_with_its_place_and_mend(text: str, place: tuple[int, int], problem: str, mend: str):
    first = problems_of(text)[0]
    assert (first.line, first.column) == place
    assert problem in first.problem
    assert mend in first.mend


def test_all_mistakes_are_reported_together():
    text = """\
job:
  id_tokens: {T: {aud: 5}}
  secrets:
    A: {azure_key_vault: {nam: x}, file: 1}
    B: {}
"""
    found = problems_of(text)
    assert {problem.line for problem in found} == {2, 4, 5}
    assert len(found) == 5


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [(None, 1, "No such file"), (b"a: b\nc: \xff", 2, "not UTF-8")],
    ids=["no file", "another encoding"],
)
def test_a_file_that_cannot_be_read_is_a_problem_too(tmp_path: Path, content: bytes | None, line: int, words: str):
    path = tmp_path / "ci.yml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(JobUnreadable) as raised:
        load_job(path, "job")
    (problem,) = raised.value.problems
    assert (problem.file, problem.line) == (str(path), line)
    assert words in problem.problem


@given(st.text(st.sampled_from("job:secrt{}[]&*<!-|>'\"#,? \n\t$name\ud7ff\u2028"), max_size=80) | st.text(max_size=40))
def test_any_text_is_a_job_or_a_list_of_problems(text: str):
    with suppress(JobUnreadable):
        assert read_job(text, "ci.yml", "job").secrets


names = st.from_regex(r"[A-Za-z0-9-]{1,20}", fullmatch=True)


@given(
    st.dictionaries(st.from_regex("[A-Z_]{1,12}", fullmatch=True), st.tuples(names, names | st.none(), st.booleans()))
)
def test_what_is_written_is_what_is_read(secrets: dict[str, tuple[str, str | None, bool]]):
    lines = [f"job:\n{TOKENS}  secrets:\n    LAST: {{azure_key_vault: {{name: last}}}}"]
    for variable, (name, version, file) in secrets.items():
        pinned = "" if version is None else f", version: '{version}'"
        lines.append(f"    {variable}: {{azure_key_vault: {{name: '{name}'{pinned}}}, file: {str(file).lower()}}}")
    read = {secret.variable: secret for secret in read_job("\n".join(lines), "ci.yml", "job").secrets}
    for variable, (name, version, file) in secrets.items():
        assert read[variable] == Secret(variable, name, version, file=file, token=None)
