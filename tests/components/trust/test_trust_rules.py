from dataclasses import replace

import pytest

from components.settings.trust import STAND_IN_IDS, TrustedProject, TrustSettings
from components.trust.planning import Plan, plan

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


MISTAKES: dict[str, tuple[TrustSettings, str, str]] = {
    "nothing": (TrustSettings(), "names no branch and no tag", "write `branch: NAME` or `tag: NAME`"),
    "a branch and a tag": (TrustSettings(branch="a", tag="b"), "has a branch and a tag: which", "an entry for each"),
    "an expression and more": (
        TrustSettings(branch="a", expression=expression(f"{OF_SHOP}:a*")),
        "has an expression and more",
        "let the expression say all",
    ),
    "no branch's name": (TrustSettings(branch="a..b"), "'a..b' is no name that git allows", "write the short name"),
    "a full ref": (TrustSettings(tag="refs/tags/v1"), "starts with 'refs/tags/'", "write 'v1'"),
    "a pattern of no branch": (TrustSettings(branch="a b*"), "matches no name that git allows", "like release/*"),
    "a quote in a pattern": (TrustSettings(branch="it's*"), "has a single quote", "put ? in its place"),
    "protected without the component": (
        TrustSettings(branch="main", protected=True),
        "needs ref_protected in the project's sub_components: otherwise refs that are not protected would match too",
        "write `sub_components: [project_path, ref_type, ref, ref_protected]` in the project",
    ),
    "a protected environment without the component": (
        TrustSettings(branch="main", environment_protected=True),
        "needs environment_protected in the project's sub_components: otherwise environments that are not",
        "[project_path, ref_type, ref, environment_protected]",
    ),
    "a tier without the component": (
        TrustSettings(branch="main", deployment_tier="production"),
        "needs deployment_tier in the project's sub_components: otherwise every deployment tier would match",
        "[project_path, ref_type, ref, deployment_tier]",
    ),
    "every branch": (TrustSettings(branch="*"), "'*' matches every branch: whoever", "like release/* or v*, or add `p"),
    "every tag": (TrustSettings(tag="*?/*"), "'*?/*' matches every tag: whoever may push", "`allow_broad: true` and a"),
    "a broad trust without a reason": (
        TrustSettings(branch="*", allow_broad=True, reason=" "),
        "allows broad trust and says no reason",
        "it becomes the credential's description",
    ),
    "a reason for nothing": (
        TrustSettings(branch="main", reason="x"),
        "has a reason that nothing shows",
        "belongs to `allow_broad: true`",
    ),
    "a long reason": (replace(BROAD, branch="*", reason="x" * 601), "601 characters, Entra takes 600", "a shorter one"),
    "a long subject": (TrustSettings(branch="b" * 600), "has 643 characters, Entra takes 600", "choose a shorter name"),
    "a long expression of a pattern": (
        TrustSettings(branch=f"{'b' * 600}*"),
        "characters, Entra takes 600",
        "choose a shorter name",
    ),
    "an expression that Graph refuses": (
        TrustSettings(expression="claims['sub'] matches 'project_path:acme/shop:*'"),
        "sub stands alone: Graph refuses it",
        "add and claims['project_id'] eq 'ID'",
    ),
    "an expression of another project": (
        TrustSettings(expression=expression(f"{OF_SHOP}:a*", 99)),
        "is for the project of id 99, this one's is 4242",
        "write '4242'",
    ),
    "an expression of a group": (
        TrustSettings(
            expression="claims['sub'] matches 'project_path:acme/*:ref_type:branch:ref:main' and "
            "claims['namespace_id'] eq '7'"
        ),
        "a token of another project, a fork say, would match",
        "let sub start with 'project_path:acme/shop:'",
    ),
    "an expression of projects whose names begin alike": (
        TrustSettings(
            expression="claims['sub'] matches 'project_path:acme/shop*:ref:main' and claims['namespace_id'] eq '7'"
        ),
        "a token of another project, a fork say, would match",
        "or compare project_id",
    ),
    "an expression of every branch": (
        TrustSettings(expression=expression(f"{SHOP}:*")),
        "matches jobs on branches or tags of any name: whoever may push one",
        "match a part of the ref's name",
    ),
    "an expression of every branch, with the group's id": (
        TrustSettings(expression=f"claims['sub'] matches '{SHOP}:*' and claims['namespace_id'] eq '7'"),
        "matches jobs on branches or tags of any name",
        "match a part of the ref's name",
    ),
    "an expression of every branch of some length": (
        TrustSettings(expression=expression(f"{OF_SHOP}:???????*")),
        "matches jobs on branches or tags of any name",
        "`allow_broad: true` and a `reason`",
    ),
}


@pytest.mark.parametrize(("entry", "problem", "mend"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_an_entry_is_found_alone_with_its_problem_and_mend(entry: TrustSettings, problem: str, mend: str):
    made = planned(entry)
    (finding,) = made.findings
    assert (finding.project, finding.entry) == (0, 0)
    assert problem in finding.flaw.problem
    assert mend in finding.flaw.mend
    assert made.credentials == ()


@pytest.mark.parametrize(
    ("entry", "components", "problem", "mend"),
    [
        (
            TrustSettings(branch="main"),
            ("project_path", "ref"),
            "needs ref_type in the project's sub_components: otherwise a tag named like the branch would match too",
            "[project_path, ref, ref_type]",
        ),
        (
            TrustSettings(tag="v*"),
            ("project_id",),
            "needs ref_type and ref in the project's sub_components: otherwise a branch named like the tag would match "
            "too, and every tag would match",
            "[project_id, ref_type, ref]",
        ),
        (
            TrustSettings(deployment_tier="production"),
            EVERY,
            "a deployment tier alone trusts whoever may push",
            "add `environment_protected: true`, `protected: true` or a branch",
        ),
        (
            TrustSettings(expression=expression(f"{SHOP}:ref_type:branch:ref:*:ref_protected:false")),
            PROTECTED,
            "matches jobs on branches or tags of any name",
            "ref_protected:true",
        ),
    ],
)
def test_what_the_subject_cannot_tell_or_anybody_can_say_is_refused(
    entry: TrustSettings, components: tuple[str, ...], problem: str, mend: str
):
    (finding,) = planned(entry, components=components).findings
    assert problem in finding.flaw.problem
    assert mend in finding.flaw.mend


@pytest.mark.parametrize(
    ("entry", "components"),
    [
        (TrustSettings(branch="*", protected=True), PROTECTED),
        (TrustSettings(deployment_tier="production", environment_protected=True), EVERY),
        (TrustSettings(deployment_tier="production", protected=True), EVERY),
        (TrustSettings(expression=expression(f"{SHOP}:ref_type:*:ref:*:ref_protected:true")), PROTECTED),
        (TrustSettings(expression=f"{expression(f'{SHOP}:*')} and claims['user_id'] eq '7'"), DEFAULT),
        (TrustSettings(expression=expression("*:ref:release/*")), DEFAULT),
        (replace(BROAD, deployment_tier="production"), EVERY),
        (replace(BROAD, expression=expression("project_path:acme/*", 99)), DEFAULT),
    ],
)
def test_what_maintainers_guard_or_a_reason_allows_is_not_too_broad(entry: TrustSettings, components: tuple[str, ...]):
    assert planned(entry, components=components).credentials


FLEXIBLE_ENTRIES = [TrustSettings(branch="v*"), TrustSettings(protected=True)]


@pytest.mark.parametrize("entry", FLEXIBLE_ENTRIES)
@pytest.mark.parametrize(
    ("given", "problem", "mend"),
    [
        (
            {"project_id": None},
            "only beside the project's id, and nobody gave it",
            "write `project_id: N` in the project",
        ),
        (
            {"issuer": "https://git.example.com"},
            "of gitlab.com, gitlab.*.com and gitlab.*.ca alone",
            "list each branch",
        ),
        ({"flexible": False}, "no wildcards and expressions for a managed identity", "or set `identity: application`"),
    ],
    ids=["no project id", "an issuer that Entra does not support", "a managed identity"],
)
def test_what_cannot_be_flexible_says_why_and_what_to_do(
    entry: TrustSettings, given: dict[str, object], problem: str, mend: str
):
    arguments: dict[str, object] = {"project_id": 4242, "issuer": GITLAB, "flexible": True} | given
    project_id, issuer = arguments["project_id"], arguments["issuer"]
    assert isinstance(project_id, int | None)
    assert isinstance(issuer, str)
    made = planned(
        entry, components=PROTECTED, project_id=project_id, issuer=issuer, flexible=bool(arguments["flexible"])
    )
    (finding,) = made.findings
    assert problem in finding.flaw.problem
    assert mend in finding.flaw.mend


def test_an_expression_is_refused_for_a_managed_identity():
    (finding,) = planned(TrustSettings(expression=expression(f"{OF_SHOP}:v*")), flexible=False).findings
    assert "managed identity" in finding.flaw.problem


@pytest.mark.parametrize("project_id", [None, STAND_IN_IDS])
def test_an_expression_by_id_alone_is_refused_while_nobody_knows_the_projects_id(project_id: int | None):
    (finding,) = planned(TrustSettings(expression=expression("*:ref:v*", 99)), project_id=project_id).findings
    assert "by the id 99 alone, which is not known to be this project's" in finding.flaw.problem
    assert "write `project_id: 99` in the project if it is" in finding.flaw.mend
    assert planned(TrustSettings(expression=expression(f"{OF_SHOP}:v*", 99)), project_id=project_id).credentials
