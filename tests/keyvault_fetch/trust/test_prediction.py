import pytest

from keyvault_fetch.trust.credentials import Credential
from keyvault_fetch.trust.jobs import Job
from keyvault_fetch.trust.prediction import predict
from keyvault_fetch.trust.subjects import DEFAULT_COMPONENTS

GITLAB = "https://gitlab.com"
SUBJECT = "project_path:acme/shop:ref_type:branch:ref:main"
MAIN = Credential("main", GITLAB, GITLAB, SUBJECT)
TAG = Credential("tag", GITLAB, GITLAB, "project_path:acme/shop:ref_type:tag:ref:v1")
RELEASES = Credential(
    "releases",
    GITLAB,
    GITLAB,
    expression="claims['project_id'] eq '4242' and "
    "claims['sub'] matches 'project_path:acme/shop:ref_type:branch:ref:release/*'",
)
JOB = Job("acme/shop", 4242, "branch", "main")


def job(ref: str = "main", project_id: int | None = 4242, path: str = "acme/shop") -> Job:
    return Job(path, project_id, "branch", ref)


@pytest.mark.parametrize(
    ("asked", "credentials", "name"),
    [
        (job(), [TAG, MAIN], "main"),
        (job("release/1"), [MAIN, RELEASES], "releases"),
        (job(), [Credential("other", GITLAB, "api://other", SUBJECT), MAIN], "main"),
    ],
    ids=["exact", "flexible", "the same subject for two audiences"],
)
def test_a_job_is_trusted_by_the_credential_that_matches(asked: Job, credentials: list[Credential], name: str):
    found = predict(asked, DEFAULT_COMPONENTS, GITLAB, GITLAB, credentials)
    assert found.credential is not None
    assert found.credential.name == name
    assert found.code is None


REFUSALS: dict[str, tuple[Job, list[Credential], int, str | None, str]] = {
    "no credential at all": (job(), [], 700211, None, "there is no credential"),
    "another branch": (job("develop"), [TAG, MAIN], 700213, "main", "ref is 'develop', it wants 'main'"),
    "another project": (
        job(path="acme/blog"),
        [MAIN],
        700213,
        "main",
        "project_path is 'acme/blog', it wants 'acme/shop'",
    ),
    "another letter case": (job("Main"), [TAG, MAIN, RELEASES], 7002138, "main", "ref is 'Main', it wants 'main'"),
    "no branch of the pattern": (
        job("hotfix/1"),
        [TAG, RELEASES],
        7002131,
        "releases",
        "ref is 'hotfix/1', it wants 'release/*'",
    ),
    "the pattern's branch in other letter case": (
        job("Release/1"),
        [RELEASES],
        7002131,
        "releases",
        "ref is 'Release/1', it wants 'release/*'",
    ),
    "another project of the same path": (
        job("release/1", project_id=99),
        [RELEASES],
        7002131,
        "releases",
        "project_id is '99', it wants '4242'",
    ),
    "a project whose id nobody knows": (
        job("release/1", project_id=None),
        [RELEASES],
        7002131,
        "releases",
        "it wants project_id '4242', which is not known of this job",
    ),
    "a wildcard in an exact credential": (
        job(),
        [Credential("star", GITLAB, GITLAB, f"{SUBJECT[:-4]}*")],
        700213,
        "star",
        "ref is 'main', it wants '*' letter by letter",
    ),
    "other components": (
        job(),
        [Credential("protected", GITLAB, GITLAB, f"{SUBJECT}:ref_protected:true")],
        700213,
        "protected",
        "the job's subject has 3 components, it has 4",
    ),
    "components in another order": (
        job(),
        [Credential("turned", GITLAB, GITLAB, "project_path:acme/shop:ref:main:ref_type:branch")],
        700213,
        "turned",
        "it has 'ref' where the job's subject has 'ref_type': their sub components differ",
    ),
}


@pytest.mark.parametrize(("asked", "credentials", "code", "nearest", "difference"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_names_the_code_the_nearest_credential_and_the_first_difference(
    asked: Job, credentials: list[Credential], code: int, nearest: str | None, difference: str
):
    found = predict(asked, DEFAULT_COMPONENTS, GITLAB, GITLAB, credentials)
    assert found.credential is None
    assert (found.code, found.nearest and found.nearest.name, found.difference) == (code, nearest, difference)


def test_the_issuer_is_looked_at_first_and_letter_by_letter():
    found = predict(JOB, DEFAULT_COMPONENTS, f"{GITLAB}/", "api://other", [MAIN])
    assert (found.code, found.nearest) == (700211, MAIN)
    assert found.difference == "issuer is 'https://gitlab.com/', it wants 'https://gitlab.com'"


@pytest.mark.parametrize(("credentials", "code"), [([MAIN], 700212), ([MAIN, RELEASES], 7002121)])
def test_the_audience_is_looked_at_last(credentials: list[Credential], code: int):
    found = predict(JOB, DEFAULT_COMPONENTS, GITLAB, "api://other", credentials)
    assert (found.code, found.nearest) == (code, MAIN)
    assert found.difference == "audience is 'api://other', it wants 'https://gitlab.com'"
    wrong_in_both = predict(job("x"), DEFAULT_COMPONENTS, GITLAB, "api://other", credentials)
    assert wrong_in_both.code in (700213, 7002131)
