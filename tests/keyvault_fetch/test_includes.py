"""What a configuration includes comes together with it as in GitLab, and what cannot be followed is named."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch.ci.nodes import JobUnreadable, Problem
from keyvault_fetch.job import Job, load_job, read_job

JOB = "{id_tokens: {T: {aud: a}}, secrets: {A: {azure_key_vault: {name: %s}}}}"
Files = Callable[..., Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A function (**texts by path) that writes a repository and returns its .gitlab-ci.yml."""

    def write(top: str, texts: dict[str, str] | None = None) -> Path:
        (tmp_path / ".git").mkdir(exist_ok=True)
        for name, text in {".gitlab-ci.yml": top, **(texts or {})}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path / ".gitlab-ci.yml"

    return write


def read(text: str, name: str = "job") -> Job:
    return read_job(text, "ci.yml", name)


def names(job: Job) -> list[str]:
    return [secret.name for secret in job.secrets]


def problem(call: Callable[[], Job]) -> Problem:
    with pytest.raises(JobUnreadable) as raised:
        call()
    return raised.value.problems[0]


def test_included_files_come_first_and_the_including_file_wins(files: Files):
    path = files(
        "include: [/ci/a.yml, {local: ci/b.yml}]\njob: {extends: .base, secrets: {A: {file: false}}}",
        {
            "ci/a.yml": f"include: ci/deep.yml\n.base: {JOB % 'a'}\n"
            + "job: {secrets: {B: {azure_key_vault: {name: b}}}}",
            "ci/b.yml": ".base: {secrets: {A: {azure_key_vault: {version: '2'}}}}",
            "ci/deep.yml": ".base: {secrets: {A: {azure_key_vault: {name: deep, version: '1'}, token: $T}}}",
        },
    )
    job = load_job(path, "job")
    first = job.secrets[0]
    assert (first.name, first.version, first.file, first.token) == ("a", "2", False, "$T")
    assert (names(job), job.warnings) == (["a", "b"], ())


GLOBS = {
    "ci/*.yml": {"ci/a.yml", "ci/.b.yml"},
    "ci/**.yml": {"ci/a.yml", "ci/.b.yml", "ci/x/c.yml", "ci/x/y/d.yml"},
    "/ci/**/*.yml": {"ci/x/c.yml", "ci/x/y/d.yml"},
    "ci/*/c.yml": {"ci/x/c.yml"},
    "**/y/*.yml": {"ci/x/y/d.yml"},
}


@pytest.mark.parametrize(("glob", "expected"), GLOBS.items(), ids=GLOBS)
def test_globs_match_as_gitlab_matches_them(files: Files, glob: str, expected: set[str]):
    every = ("ci/a.yml", "ci/.b.yml", "ci/x/c.yml", "ci/x/y/d.yml", "ci/z.txt")
    secret = "job: {secrets: {S%d: {azure_key_vault: {name: %s}}}}"
    texts = {name: secret % (index, name) for index, name in enumerate(every)}
    job = load_job(files(f"include: '{glob}'\njob: {{id_tokens: {{T: {{aud: a}}}}}}", texts), "job")
    assert set(names(job)) == expected


def test_gits_own_directory_is_no_part_of_a_glob(files: Files):
    path = files(f"include: '**/x.yml'\njob: {JOB % 'x'}", {".git/x.yml": "job: [", "ci/x.yml": "{}"})
    assert names(load_job(path, "job")) == ["x"]


def test_variables_in_an_includes_path_are_the_environments(files: Files):
    path = files("include: ci/$WHICH.yml", {"ci/a.yml": f"job: {JOB % 'x'}"})
    assert names(load_job(path, "job", {"WHICH": "a"})) == ["x"]
    assert "WHICH is not set" in problem(lambda: load_job(path, "job")).problem


UNFOLLOWED = {
    "include: {project: acme/ci, file: x.yml}": "include:project acme/ci",
    "include: {remote: 'https://ci.example/x.yml'}": "include:remote https://ci.example/x.yml",
    "include: https://ci.example/x.yml": "include:remote https://ci.example/x.yml",
    "include: [{template: Jobs/SAST.gitlab-ci.yml}]": "include:template Jobs/SAST.gitlab-ci.yml",
    "include: [{component: c/x@1}]": "include:component c/x@1",
    "include: [gone.yml]": "include:local gone.yml (there is no such file",
    "include: [gone/*.yml]": "include:local gone/*.yml (matches no file",
    "include: [../outside.yml]": "include:local ../outside.yml (there is no such file",
}


@pytest.mark.parametrize(("include", "words"), UNFOLLOWED.items(), ids=UNFOLLOWED)
def test_what_cannot_be_followed_stops_only_a_job_that_needs_it(files: Files, include: str, words: str):
    path = files(f"{include}\njob: {JOB % 'x'}\nother: {{extends: .far}}\n")
    (path.parent.parent / "outside.yml").write_text("lost: {}")
    job = load_job(path, "job")
    assert words in job.warnings[0]
    assert "glab ci config compile" in job.warnings[0]
    lost = problem(lambda: load_job(path, "lost"))
    assert words in lost.problem
    assert "glab ci config compile" in lost.mend
    assert "not in this file or what it includes" in problem(lambda: load_job(path, "other")).problem


@pytest.mark.parametrize(
    ("job", "words"), [("{}", "no secret"), (JOB.replace("id_tokens: {T: {aud: a}}, ", "") % "x", "no id_tokens")]
)
def test_what_a_job_lacks_may_be_in_what_is_not_followed(job: str, words: str):
    found = problem(lambda: read(f"include: {{project: acme/ci, file: x.yml}}\njob: {job}"))
    assert words in found.problem
    assert "include:project acme/ci is not followed and may hold them" in found.problem
    assert "glab ci config compile" in found.mend


def test_an_include_with_rules_is_followed_with_a_warning(files: Files):
    path = files("include: [{local: a.yml, rules: [{if: $X}]}]", {"a.yml": f"job: {JOB % 'x'}"})
    assert load_job(path, "job").warnings == ("include:local a.yml has rules:, taken as true here",)


BAD_INCLUDES: dict[str, tuple[str, dict[str, str], str, str]] = {
    "a circle": ("include: a.yml", {"a.yml": "include: b.yml", "b.yml": "include: [x.yml, a.yml]"}, "b.yml", "itself"),
    "another ending": ("include: a.txt", {"a.txt": ""}, ".gitlab-ci.yml", "does not end in .yml or .yaml"),
    "broken YAML": ("include: a.yml", {"a.yml": "\n  - [\n"}, "a.yml", "not YAML"),
    "an anchor of another file": ("include: a.yml\n.x: &x {}", {"a.yml": "job: *x"}, "a.yml", "undefined alias"),
    "no kind": ("include: {file: a.yml}", {}, ".gitlab-ci.yml", "names none of local, project"),
    "a number": ("include: 5", {}, ".gitlab-ci.yml", "must be text"),
}


@pytest.mark.parametrize(("top", "texts", "file", "words"), BAD_INCLUDES.values(), ids=BAD_INCLUDES)
def test_a_mistake_in_an_include_has_its_own_file(files: Files, top: str, texts: dict[str, str], file: str, words: str):
    found = problem(lambda: load_job(files(top, texts), "job"))
    assert Path(found.file).name == file
    assert words in found.problem


def test_more_than_150_includes_are_refused(files: Files):
    assert (
        "more than 150"
        in problem(lambda: load_job(files(f"include: [{'a.yml, ' * 151}]", {"a.yml": "{}"}), "x")).problem
    )


@given(st.lists(st.sampled_from(["\0", "../", "x" * 300, "/", "*", "**", "a.yml", "\ud800", "$"]), max_size=5))
def test_any_path_of_an_include_is_followed_or_named(tmp_path_factory: pytest.TempPathFactory, parts: list[str]):
    root = tmp_path_factory.getbasetemp()
    text = json.dumps({"include": "".join(parts) + ".yml", "job": yaml.safe_load(JOB % "x")})
    with suppress(JobUnreadable):
        assert names(read_job(text, "ci.yml", "job", root / "nowhere")) == ["x"]
