import dataclasses
from typing import Any

import jwt
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.gitlab.id_tokens import Job, job_claims

# GitLab docs, "ID token authentication", "Token payload".
_DOCUMENTED = """
iss sub aud exp nbf iat jti project_id project_path namespace_id namespace_path job_project_id job_project_path
job_namespace_id job_namespace_path user_id user_login user_email user_access_level user_identities pipeline_id
pipeline_source job_id ref ref_type ref_path ref_protected environment environment_protected deployment_tier
environment_action runner_id runner_environment sha ci_config_ref_uri ci_config_sha project_visibility groups_direct
"""
DOCUMENTED = _DOCUMENTED.split()
_COMPONENTS = "project_path project_id ref_type ref ref_protected environment_protected deployment_tier"
COMPONENTS = _COMPONENTS.split()

names = st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True)
jobs = st.builds(
    Job,
    st.lists(names, min_size=2, max_size=4).map("/".join),
    names,
    st.sampled_from(["branch", "tag"]),
)


@given(jobs)
def test_a_token_has_every_documented_claim_and_no_other(job: Job):
    assert sorted(job_claims(job, "aud", 1_800_000_000, 300)) == sorted(DOCUMENTED)


@given(jobs)
def test_ids_are_strings_the_runners_is_a_number_and_protection_is_a_word(job: Job):
    token = job_claims(job, "aud", 1_800_000_000, 300)
    ids = [token[name] for name in DOCUMENTED if name.endswith("_id") and name != "runner_id"]
    assert all(isinstance(value, str) and value.isdigit() for value in ids)
    assert isinstance(token["runner_id"], int)
    assert token["ref_protected"] == "true"
    assert isinstance(token["groups_direct"], list)


@given(jobs)
def test_the_subject_is_the_projects_path_and_the_ref(job: Job):
    token = job_claims(job, "aud", 1_800_000_000, 300)
    expected = f"project_path:{token['project_path']}:ref_type:{token['ref_type']}:ref:{token['ref']}"
    assert token["sub"] == expected
    assert token["project_path"] == f"{token['namespace_path']}/{token['project_path'].split('/')[-1]}"


@given(jobs, st.integers(min_value=-100_000, max_value=100_000))
def test_a_token_never_ends_before_it_was_issued(job: Job, lifetime: int):
    token = job_claims(job, "aud", 1_800_000_000, lifetime)
    assert token["exp"] == 1_800_000_000 + lifetime
    assert token["nbf"] <= token["iat"] <= min(token["exp"], 1_800_000_000)


def test_a_minted_token_verifies_against_gitlabs_published_keys(job_token: Any, http: requests.Session):
    configuration = http.get("https://gitlab.com/.well-known/openid-configuration", timeout=10).json()
    keys = jwt.PyJWKSet.from_dict(http.get(configuration["jwks_uri"], timeout=10).json())
    token = job_token("acme/verified")
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    verified = jwt.decode(token, keys[header["kid"]], ["RS256"], audience=configuration["issuer"])
    assert verified["iss"] == configuration["issuer"]


def test_a_project_keeps_its_id_and_shares_its_namespaces(job_token: Any):
    def ids(path: str) -> tuple[str, str]:
        token = jwt.decode(job_token(path), options={"verify_signature": False})
        return token["project_id"], token["namespace_id"]

    first, again, sibling, stranger = ids("one/a"), ids("one/a"), ids("one/b"), ids("two/a")
    assert first == again
    assert first[0] != sibling[0]
    assert first[1] == sibling[1]
    assert stranger[1] != first[1]


@pytest.mark.parametrize(
    ("environment", "tier"),
    [
        ("production", "production"),
        ("live/eu", "production"),
        ("Staging", "staging"),
        ("pre-production", "staging"),
        ("qa", "testing"),
        ("review/feature-x", "development"),
        ("canary", "other"),
    ],
)
def test_the_tier_is_guessed_from_the_environments_name(environment: str, tier: str):
    assert job_claims(Job("a/b", "main", environment=environment), "aud", 0, 300)["deployment_tier"] == tier
    named = Job("a/b", "main", environment=environment, deployment_tier="other")
    assert job_claims(named, "aud", 0, 300)["deployment_tier"] == "other"


@given(jobs)
def test_a_job_without_an_environment_has_no_claim_of_a_deployment(job: Job):
    token = job_claims(job, "aud", 1_800_000_000, 300)
    names = ("environment", "environment_protected", "deployment_tier", "environment_action")
    assert [token[name] for name in names] == [None] * 4


@given(jobs, st.permutations(COMPONENTS))
def test_the_subject_is_the_components_in_their_order(job: Job, components: list[str]):
    deploys = dataclasses.replace(job, environment="production", environment_protected=True)
    token = job_claims(deploys, "aud", 1_800_000_000, 300, components)
    assert token["sub"] == ":".join(f"{name}:{token[name]}" for name in components)


def test_a_merge_requests_job_carries_its_source_branch_and_a_forks_the_fork():
    token = job_claims(Job("fork/shop", "feature", ref_protected=False, merge_request=True), "aud", 0, 300)
    assert token["sub"] == "project_path:fork/shop:ref_type:branch:ref:feature"
    assert (token["pipeline_source"], token["ref_protected"]) == ("merge_request_event", "false")
    assert token["project_id"] != job_claims(Job("acme/shop", "feature"), "aud", 0, 300)["project_id"]
