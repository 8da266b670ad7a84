from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch.trust.jobs import Job, claims_of, subject_of
from keyvault_fetch.trust.subjects import (
    COMPONENTS,
    DEFAULT_COMPONENTS,
    SubjectError,
    components_flaw,
    ref_flaw,
    ref_pattern_flaw,
    subject,
)

JOB = Job(
    "acme/shop", 4242, "branch", "main", ref_protected=True, environment_protected=True, deployment_tier="production"
)


def test_the_default_components_give_the_subject_of_the_documentation():
    assert subject_of(JOB, DEFAULT_COMPONENTS) == subject("acme/shop", "branch", "main")


def test_every_component_writes_its_value_in_the_order_of_the_setting():
    assert subject_of(JOB, ("project_id", "deployment_tier", "ref", "ref_protected", "environment_protected")) == (
        "project_id:4242:deployment_tier:production:ref:main:ref_protected:true:environment_protected:true"
    )


def test_a_job_without_an_environment_has_nothing_after_the_colon():
    job = Job("acme/shop", None, "tag", "v1")
    components = ("project_path", "environment_protected", "deployment_tier", "ref_protected")
    expected = "project_path:acme/shop:environment_protected::deployment_tier::ref_protected:false"
    assert subject_of(job, components) == expected


def test_a_subject_with_the_project_id_wants_the_id():
    with pytest.raises(SubjectError, match=r"id of 'acme/shop', which is not known here: give it \(`project_id: N`"):
        subject_of(Job("acme/shop", None, "branch", "main"), ("project_id", "ref"))


def test_claims_are_the_subject_and_the_ids_that_are_known():
    job = Job("acme/shop", 4242, "branch", "main", user_id=7)
    sub = "project_path:acme/shop:ref_type:branch:ref:main"
    assert claims_of(job, DEFAULT_COMPONENTS) == {"sub": sub, "project_id": "4242", "user_id": "7"}


@pytest.mark.parametrize("first", ["project_path", "project_id"])
def test_every_order_after_the_project_is_legal(first: str):
    others = [name for name in COMPONENTS if name != first]
    orders = [(first, *some) for count in range(len(others) + 1) for some in permutations(others, count)]
    assert len(orders) == 1957
    assert not [order for order in orders if components_flaw(order)]


@pytest.mark.parametrize(
    ("components", "problem", "mend"),
    [
        ((), "the sub components are empty", "start with project_path"),
        (("ref", "project_path"), "the sub components start with 'ref'", "or with project_id (GitLab 18.7)"),
        (("project_path", "branch"), "'branch' is no component", "choose from: project_path, project_id, ref_type,"),
        (("project_path", "ref", "ref"), "'ref' stands twice", "each component once"),
    ],
)
def test_components_that_gitlab_refuses_are_refused(components: tuple[str, ...], problem: str, mend: str):
    flaw = components_flaw(components)
    assert flaw is not None
    assert problem in flaw.problem
    assert mend in flaw.mend


@pytest.mark.parametrize(
    ("pattern", "problem", "mend"),
    [
        ("refs/heads/*", "starts with 'refs/heads/'", "write '*'"),
        ("it's*", "has a single quote", "put ? in its place"),
        ("a:*", "matches no name that git allows", "like release/*"),
        ("release *", "matches no name that git allows", "like release/*"),
        ("a..*", "matches no name that git allows", "like release/*"),
        ("*.lock", "matches no name that git allows", "like release/*"),
        ("*/", "matches no name that git allows", "like release/*"),
    ],
)
def test_a_pattern_that_no_ref_can_match_is_refused(pattern: str, problem: str, mend: str):
    flaw = ref_pattern_flaw(pattern)
    assert flaw is not None
    assert problem in flaw.problem
    assert mend in flaw.mend


@given(
    st.text(st.sampled_from("av1/.-:' *?[x@{"), min_size=1, max_size=8), st.lists(st.sampled_from("a/.x-"), max_size=4)
)
def test_a_refused_pattern_matches_no_ref_whatever_its_wildcards_stand_for(pattern: str, run: list[str]):
    filled = pattern.replace("*", "".join(run)).replace("?", (run or ["x"])[0])
    if ref_pattern_flaw(pattern) and "'" not in pattern:
        assert ref_flaw(filled)
