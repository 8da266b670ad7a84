from dataclasses import replace

import pytest

from components.settings.trust import TrustedProject, TrustSettings
from components.trust.planning import Plan, plan
from keyvault_fetch.trust.jobs import Job
from keyvault_fetch.trust.prediction import predict

GITLAB = "https://gitlab.com"
DEFAULT = ("project_path", "ref_type", "ref")
PROTECTED = (*DEFAULT, "ref_protected")
EVERY = (*PROTECTED, "environment_protected", "deployment_tier")
SHOP = "project_path:acme/shop"
OF_SHOP = f"{SHOP}:ref_type:branch:ref"
BROAD = TrustSettings(allow_broad=True, reason="everybody here may deploy")


def planned(
    *trust: TrustSettings,
    components: tuple[str, ...] = DEFAULT,
    project_id: int | None = 4242,
    issuer: str = GITLAB,
    flexible: bool = True,
) -> Plan:
    project = TrustedProject("acme/shop", project_id, components, trust)
    return plan([project], issuer, GITLAB, flexible=flexible)


def expression(pattern: str, project_id: int = 4242) -> str:
    return f"claims['sub'] matches '{pattern}' and claims['project_id'] eq '{project_id}'"


def texts(made: Plan) -> list[str]:
    assert not made.findings
    return [one.subject or one.expression for one in made.credentials]


COMPILED: dict[str, tuple[TrustSettings, tuple[str, ...], list[str]]] = {
    "a branch": (TrustSettings(branch="main"), DEFAULT, [f"{OF_SHOP}:main"]),
    "a tag": (TrustSettings(tag="v1"), DEFAULT, [f"{SHOP}:ref_type:tag:ref:v1"]),
    "a merge request's source": (TrustSettings(merge_request="feature/x"), DEFAULT, [f"{OF_SHOP}:feature/x"]),
    "a branch with a quote in its name": (TrustSettings(branch="it's"), DEFAULT, [f"{OF_SHOP}:it's"]),
    "branches of a pattern": (TrustSettings(branch="release/*"), DEFAULT, [expression(f"{OF_SHOP}:release/*")]),
    "tags of a pattern": (TrustSettings(tag="v?.*"), DEFAULT, [expression(f"{SHOP}:ref_type:tag:ref:v?.*")]),
    "the immutable form": (
        TrustSettings(branch="main"),
        ("project_id", "ref_type", "ref"),
        ["project_id:4242:ref_type:branch:ref:main"],
    ),
    "the immutable form of a pattern": (
        TrustSettings(branch="v*"),
        ("project_id", "ref", "ref_type"),
        [expression("project_id:4242:ref:v*:ref_type:branch")],
    ),
    "a protected ref, any": (
        TrustSettings(protected=True),
        PROTECTED,
        [expression(f"{SHOP}:ref_type:*:ref:*:ref_protected:true")],
    ),
    "a protected ref where the subject does not say which": (
        TrustSettings(protected=True),
        ("project_path", "ref_protected"),
        [f"{SHOP}:ref_protected:true"],
    ),
    "a branch while it is protected": (
        TrustSettings(branch="main", protected=True),
        PROTECTED,
        [f"{OF_SHOP}:main:ref_protected:true"],
    ),
    "a branch, protected or not": (
        TrustSettings(branch="main"),
        PROTECTED,
        [f"{OF_SHOP}:main:ref_protected:true", f"{OF_SHOP}:main:ref_protected:false"],
    ),
    "a protected environment of a tier": (
        TrustSettings(environment_protected=True, deployment_tier="production"),
        ("project_path", "environment_protected", "deployment_tier"),
        [f"{SHOP}:environment_protected:true:deployment_tier:production"],
    ),
    "a protected environment of any tier": (
        TrustSettings(branch="main", environment_protected=True),
        (*DEFAULT, "environment_protected", "deployment_tier"),
        [
            f"{OF_SHOP}:main:environment_protected:true:deployment_tier:{tier}"
            for tier in ("production", "staging", "testing", "development", "other")
        ],
    ),
    "a branch with any environment or none": (
        TrustSettings(branch="main"),
        (*DEFAULT, "environment_protected"),
        [f"{OF_SHOP}:main:environment_protected:{value}" for value in ("", "true", "false")],
    ),
    "a branch whatever else, 22 subjects of it": (
        TrustSettings(branch="main"),
        EVERY,
        [expression(f"{OF_SHOP}:main:ref_protected:*:environment_protected:*:deployment_tier:*")],
    ),
    "an expression": (
        TrustSettings(expression=expression(f"{OF_SHOP}:hotfix-*")),
        DEFAULT,
        [expression(f"{OF_SHOP}:hotfix-*")],
    ),
    "whatever is broad, with a reason": (replace(BROAD, branch="*"), DEFAULT, [expression(f"{OF_SHOP}:*")]),
}


@pytest.mark.parametrize(("entry", "components", "expected"), COMPILED.values(), ids=COMPILED)
def test_an_entry_compiles_to_exact_subjects_or_an_expression_that_pins_the_project(
    entry: TrustSettings, components: tuple[str, ...], expected: list[str]
):
    assert texts(planned(entry, components=components)) == expected


def test_a_reason_becomes_the_description():
    (credential,) = planned(replace(BROAD, branch="*")).credentials
    assert credential.description == "everybody here may deploy"


def test_a_credential_carries_issuer_and_audience():
    project = TrustedProject("a/b", None, DEFAULT, (TrustSettings(branch="main"),))
    (credential,) = plan([project], "https://git.a.b", "api://x", flexible=True).credentials
    assert (credential.issuer, credential.audience) == ("https://git.a.b", "api://x")


def test_a_merge_request_is_trusted_with_a_warning():
    made = planned(TrustSettings(merge_request="feature/x"))
    assert made.credentials
    (warning,) = made.warnings
    assert warning.startswith("acme/shop: `merge_request: feature/x` trusts a source branch. Whoever may push")


def test_a_job_without_an_environment_is_trusted_with_a_warning_that_its_subject_is_not_documented():
    (warning,) = planned(TrustSettings(branch="main"), components=(*DEFAULT, "deployment_tier")).warnings
    assert "GitLab does not document" in warning


def test_a_wildcard_does_not_reach_beyond_its_component():
    made = planned(TrustSettings(branch="v*"), components=("project_path", "ref", "ref_type"))
    for job, trusted in [
        (Job("acme/shop", 4242, "branch", "v1"), True),
        (Job("acme/shop", 4242, "tag", "v1"), False),
        (Job("acme/shop", 4242, "branch", "w1"), False),
    ]:
        found = predict(job, ("project_path", "ref", "ref_type"), GITLAB, GITLAB, made.credentials)
        assert bool(found.credential) is trusted


def test_an_entry_writes_itself_as_a_person_would():
    entry = TrustSettings(branch="main", protected=True, deployment_tier="production")
    assert str(entry) == "{branch: main, protected: true, deployment_tier: production}"
