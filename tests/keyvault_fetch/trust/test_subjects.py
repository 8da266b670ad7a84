import subprocess
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keyvault_fetch.trust.subjects import Subject, SubjectError, parse, project_path_flaw, ref_flaw, subject

slugs = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}[A-Za-z0-9_]", fullmatch=True).filter(
    lambda slug: not slug.endswith((".git", ".atom"))
)
project_paths = st.lists(slugs, min_size=2, max_size=5).map("/".join)
ref_types: st.SearchStrategy[Literal["branch", "tag"]] = st.sampled_from(("branch", "tag"))
refs = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Cc", "Zs")), max_size=30).filter(
    lambda ref: ref_flaw(ref) is None
)


@given(project_paths, ref_types, refs)
def test_a_subject_reads_back_into_the_parts_it_was_made_of(
    project_path: str, ref_type: Literal["branch", "tag"], ref: str
):
    assert parse(subject(project_path, ref_type, ref)) == Subject(project_path, ref_type, ref)


@given(st.text(max_size=60) | st.tuples(project_paths, ref_types, st.text(max_size=9)).map(lambda p: str(Subject(*p))))
def test_any_text_is_a_subject_that_writes_itself_again_or_is_refused(text: str):
    try:
        parts = parse(text)
    except SubjectError:
        return
    assert subject(parts.project_path, parts.ref_type, parts.ref) == text


def test_the_subject_has_the_form_of_the_gitlab_documentation():
    assert subject("my-group/my-project", "branch", "feature-branch-1") == (
        "project_path:my-group/my-project:ref_type:branch:ref:feature-branch-1"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "project_path:acme/shop",
        "project_path:acme/shop:ref_type:branch",
        "ref_type:branch:project_path:acme/shop:ref:main",
        "project_path:acme/shop:ref_type:branch:ref:main:environment:prod",
        "project_path:acme/shop:ref_type:merge_request:ref:main",
        "project_path:acme:ref_type:branch:ref:main",
        "project_path:acme/shop:ref_type:branch:ref:",
    ],
)
def test_a_text_of_another_form_is_no_subject(text: str):
    with pytest.raises(SubjectError):
        parse(text)


@pytest.mark.parametrize("path", ["acme/shop", "a/b/c/d", "acme/.dotted", "acme/shop.", "Acme_1/shop-2.x", "acme/git"])
def test_paths_that_gitlab_has_are_accepted(path: str):
    assert project_path_flaw(path) is None


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("shop", "names no group"),
        ("https://gitlab.com/acme/shop", "is a URL"),
        ("/acme/shop", "empty part"),
        ("acme/shop/", "empty part"),
        ("acme//shop", "empty part"),
        ("acme/shop.git", "ends in .git"),
        ("acme.atom/shop", "ends in .git or .atom"),
        ("acme./shop", "no group path"),
        ("acme/..", "no project path"),
        ("acme/-shop", "no project path"),
        ("acme/my shop", "no project path"),
        ("acme/shop:x", "no project path"),
        ("acme/*", "no project path"),
        ("acme/shöp", "no project path"),
        ("acme/shop\n", "no project path"),
    ],
)
def test_paths_that_gitlab_cannot_have_are_refused(path: str, hint: str):
    flaw = project_path_flaw(path)
    assert flaw is not None
    assert hint in flaw.problem


@pytest.mark.parametrize(
    ("ref", "mend"),
    [
        ("refs/heads/main", "write 'main'"),
        ("refs/tags/v1", "write 'v1'"),
        ("release/*", "list each branch and tag"),
        ("v1.?", "list each branch and tag"),
        ("", "write the short name"),
        ("my branch", "write the short name"),
    ],
)
def test_the_mend_of_a_ref_fits_its_mistake(ref: str, mend: str):
    flaw = ref_flaw(ref)
    assert flaw is not None
    assert mend in flaw.mend


@given(st.text(st.sampled_from("ab/.-@{}~^:?*[\\ \x01\x7flockHEADé"), max_size=9))
@example("a.lock")
@example("a.lock/b")
@example("@")
@example("a/@")
@example("-a")
@settings(deadline=None)  # a process an example
def test_a_ref_is_accepted_only_if_git_accepts_it_as_a_branch(ref: str):
    git = subprocess.run(["git", "check-ref-format", "--branch", ref], capture_output=True, check=False, cwd=Path("/"))
    accepted_by_git = git.returncode == 0 and git.stdout.decode() == f"{ref}\n"
    assert (ref_flaw(ref) is None) == (accepted_by_git and ref != "HEAD")
