from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.names import credential_name
from components.settings.trust import TrustedProject, TrustSettings
from components.trust.planning import Plan, plan
from keyvault_fetch.trust.jobs import Job
from keyvault_fetch.trust.prediction import predict

GITLAB = "https://gitlab.com"
DEFAULT = ("project_path", "ref_type", "ref")
EVERY = (*DEFAULT, "ref_protected", "environment_protected", "deployment_tier")
SHOP = "project_path:acme/shop:ref_type:branch:ref"


def shop(*trust: TrustSettings, components: tuple[str, ...] = DEFAULT, project_id: int | None = 4242) -> TrustedProject:
    return TrustedProject("acme/shop", project_id, components, trust)


def planned(*projects: TrustedProject, flexible: bool = True) -> Plan:
    return plan(projects, GITLAB, GITLAB, flexible=flexible)


def texts(made: Plan) -> list[str]:
    assert not made.findings
    return [one.subject or one.expression for one in made.credentials]


def branches(*names: str, **settings: object) -> list[TrustSettings]:
    return [replace(TrustSettings(branch=name), **settings) for name in names]


def releases(count: int, **settings: object) -> list[TrustSettings]:
    return branches(*(f"release/{number}" for number in range(count)), **settings)


def trusts(made: Plan, job: Job, components: tuple[str, ...] = DEFAULT) -> bool:
    return predict(job, components, GITLAB, GITLAB, made.credentials).credential is not None


def test_the_names_of_plain_subjects_are_those_of_the_first_release():
    made = planned(shop(TrustSettings(branch="main"), TrustSettings(tag="v1.0.0")))
    assert [one.name for one in made.credentials] == ["branch-main-e087d7e9", "tag-v1-0-0-6fca4242"]
    assert [one.name for one in made.credentials] == [credential_name(one.subject) for one in made.credentials]


def test_the_name_of_a_pattern_shows_it_and_rests_on_nothing_beside_it():
    pattern = TrustSettings(branch="release/*")
    (alone,) = planned(shop(pattern)).credentials
    among = planned(shop(TrustSettings(branch="main"), pattern)).credentials
    assert alone.name.startswith("branch-release---")
    assert alone in among


def test_an_expression_of_the_stack_never_has_the_name_of_a_subject():
    exact = f"{SHOP}:main"
    written = TrustSettings(expression=f"claims['project_id'] eq '4242' and claims['sub'] eq '{exact}'")
    names = [one.name for one in planned(shop(TrustSettings(branch="main"), written)).credentials]
    assert len(set(names)) == 2


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        ({"branch": "a"}, {"branch": "a"}, "trusts the same jobs as {branch: a} of acme/shop: keep one of the two"),
        ({"branch": "a"}, {"merge_request": "a"}, "trusts the same jobs as {branch: a} of acme/shop: keep one"),
        ({"tag": "v*"}, {"tag": "v*"}, "trusts the same jobs as {tag: v*} of acme/shop: keep one of the two"),
        ({"branch": "a"}, {"branch": "A"}, "differs from {branch: a} of acme/shop by case alone: keep the one that"),
        ({"tag": "v*"}, {"tag": "V*"}, "differs from {tag: v*} of acme/shop by case alone: keep the one that GitLab"),
    ],
)
def test_entries_that_say_the_same_or_differ_by_case_alone_are_refused(
    first: dict[str, str], second: dict[str, str], problem: str
):
    entries = [TrustSettings(branch="main"), *(replace(TrustSettings(), **given) for given in (first, second))]
    (finding,) = planned(shop(*entries)).findings
    assert (finding.project, finding.entry) == (0, 2)
    assert f"{finding.flaw.problem}: {finding.flaw.mend}".startswith(problem)


def test_projects_that_share_an_identity_may_not_differ_by_case_alone():
    twin = replace(shop(TrustSettings(branch="main")), path="Acme/shop")
    (finding,) = planned(shop(TrustSettings(branch="main")), twin).findings
    assert (finding.project, finding.entry) == (1, 0)
    assert "differs from {branch: main} of acme/shop by case alone" in finding.flaw.problem


def test_projects_that_share_an_identity_may_not_have_one_id():
    components = ("project_id", "ref_type", "ref")
    twin = replace(shop(TrustSettings(branch="main"), components=components), path="acme/blog")
    (finding,) = planned(shop(TrustSettings(branch="main"), components=components), twin).findings
    assert "trusts the same jobs as {branch: main} of acme/shop" in finding.flaw.problem


def test_entries_that_overlap_in_part_share_their_subjects():
    made = planned(
        shop(
            TrustSettings(branch="main", deployment_tier="production"),
            TrustSettings(branch="main", environment_protected=True),
            components=(*DEFAULT, "environment_protected", "deployment_tier"),
        )
    )
    assert len(texts(made)) == len(set(texts(made))) == 6


def test_a_number_that_the_subjects_need_and_nobody_gave_is_missed_once_whatever_the_entries():
    immutable = ("project_id", "ref_type", "ref")
    (finding,) = planned(shop(*branches("a", "b"), components=immutable, project_id=None)).findings
    assert finding.entry is None
    assert finding.flaw.problem == "has project_id in its sub_components, and nobody gave it"
    assert finding.flaw.mend.startswith("write `project_id: N` in the project")


def test_twenty_exact_subjects_stay_exact():
    assert all(one.subject for one in planned(shop(*releases(20))).credentials)


def test_beyond_twenty_subjects_that_a_pattern_matches_are_dropped_first():
    made = planned(shop(*releases(20), TrustSettings(branch="release/*"), TrustSettings(branch="main")))
    assert [one.name.partition("-")[2][:7] for one in made.credentials] == ["main-e0", "release"]
    assert not made.warnings


def test_up_to_twenty_nothing_is_dropped():
    assert len(planned(shop(*releases(5), TrustSettings(branch="release/*"))).credentials) == 6


def test_beyond_twenty_what_entries_leave_open_becomes_a_wildcard_which_trusts_nobody_else():
    components = (*DEFAULT, "deployment_tier")
    made = planned(shop(*branches("main", "develop", "a", "b"), components=components))
    assert sum(bool(one.expression) for one in made.credentials) == 1
    assert len(made.credentials) == 19
    for job, trusted in [
        (Job("acme/shop", 4242, "branch", "main"), True),
        (Job("acme/shop", 4242, "branch", "main", environment_protected=False, deployment_tier="other"), True),
        (Job("acme/shop", 4242, "branch", "main2"), False),
        (Job("acme/shop", 4243, "branch", "main"), False),
    ]:
        assert trusts(made, job, components) is trusted


def test_beyond_twenty_refs_that_allow_broad_trust_are_put_under_their_common_beginning_with_a_warning():
    made = planned(shop(*releases(25, allow_broad=True, reason="all releases"), TrustSettings(branch="main")))
    (main, pattern) = made.credentials
    assert main.subject == f"{SHOP}:main"
    assert f"'{SHOP}:release/*'" in pattern.expression
    assert pattern.description == "all releases"
    (warning,) = made.warnings
    assert warning.startswith("acme/shop: `branch: release/*` stands for 25 trust entries that allow broad trust")


def test_refs_of_projects_that_share_an_identity_are_put_under_a_pattern_of_one_project():
    broad = tuple(releases(15, allow_broad=True, reason="all releases"))
    made = planned(shop(*broad), TrustedProject("acme/blog", 7, DEFAULT, broad))
    (warning,) = made.warnings
    assert "stands for 15 trust entries" in warning
    for path, number in (("acme/shop", 4242), ("acme/blog", 7)):
        assert trusts(made, Job(path, number, "branch", "release/14"))
        assert not trusts(made, Job(path, number, "branch", "hotfix/14"))


def test_refs_that_are_trusted_only_while_protected_are_put_under_no_pattern_with_others():
    components = (*DEFAULT, "ref_protected")
    protected = releases(12, protected=True, allow_broad=True, reason="r")
    others = branches(*(f"release/x{number}" for number in range(12)), allow_broad=True, reason="r")
    made = planned(shop(*protected, *others, components=components))
    assert made.warnings
    assert not trusts(made, Job("acme/shop", 4242, "branch", "release/1"), components)
    assert trusts(made, Job("acme/shop", 4242, "branch", "release/1", ref_protected=True), components)
    assert trusts(made, Job("acme/shop", 4242, "branch", "release/x1"), components)


def test_refs_whose_common_beginning_has_no_letter_are_put_under_no_pattern():
    too_many(shop(*branches(*(f"+{number}" for number in range(21)), allow_broad=True, reason="r")))


def test_an_expression_drops_no_subject_of_a_project_with_another_number():
    anywhere = "claims['sub'] matches '*:ref:main' and claims['project_id'] eq '4242'"
    written = TrustSettings(expression=anywhere, allow_broad=True, reason="r")
    blog = TrustedProject("acme/blog", 7, DEFAULT, (TrustSettings(branch="main"),))
    made = planned(shop(*releases(18), TrustSettings(branch="main"), written), blog)
    assert len(made.credentials) == 20  # of the two for main the expression covers its own project's alone
    assert trusts(made, Job("acme/blog", 7, "branch", "main"))


def test_up_to_twenty_refs_that_allow_broad_trust_stay_exact():
    assert all(one.subject for one in planned(shop(*releases(20, allow_broad=True, reason="r"))).credentials)


def too_many(*projects: TrustedProject, flexible: bool = True) -> tuple[int, str, str]:
    made = planned(*projects, flexible=flexible)
    (finding,) = made.findings
    assert made.credentials == ()
    assert finding.entry is None
    return finding.project, finding.flaw.problem, finding.flaw.mend


def test_too_many_names_the_number_the_limit_and_a_pattern_that_would_hold_them():
    _, problem, mend = too_many(shop(*releases(22), TrustSettings(tag="v1")))
    assert problem == (
        "needs 23 federated credentials, Entra takes 20 for one identity (22 for branches of acme/shop, 1 for tags of "
        "acme/shop)"
    )
    assert mend.startswith("write `branch: release/*` for the 22 entries from 'release/0' to 'release/21'; ")


def test_too_many_without_a_project_id_asks_for_it():
    _, _, mend = too_many(shop(*releases(21), project_id=None))
    assert "for a pattern: write `project_id: N` in the project" in mend


def test_too_many_for_a_managed_identity_says_that_it_takes_no_pattern():
    _, _, mend = too_many(shop(*releases(21)), flexible=False)
    assert "or set `identity: application` (Entra takes no wildcards and expressions for a managed identity)" in mend


def test_too_many_because_of_what_an_entry_leaves_open_says_so():
    _, problem, mend = too_many(shop(TrustSettings(branch="main"), components=EVERY, project_id=None))
    assert problem.startswith("needs 22 federated credentials")
    assert "say more in {branch: main} of acme/shop, which counts 22 times for what it leaves open" in mend


def test_too_many_of_an_identity_that_projects_share_points_to_the_project_with_the_most():
    blog = TrustedProject("acme/blog", 7, DEFAULT, tuple(branches(*(f"x{number}" for number in range(15)))))
    index, problem, _ = too_many(shop(*releases(8)), blog)
    assert index == 1
    assert "(15 for branches of acme/blog, 8 for branches of acme/shop)" in problem


listed = st.lists(st.sampled_from(("main", "a", "b-c", "v1", "it's", "x/y")), min_size=2, unique=True)


@given(listed)
def test_one_more_entry_renames_no_credential_while_all_are_exact(names: list[str]):
    before = planned(shop(*branches(*names[1:]))).credentials
    after = planned(shop(*branches(*names))).credentials
    assert set(before) < set(after)


def test_the_trust_list_is_not_gone_through_for_each_of_its_entries():
    hashed: list[object] = []

    class Watched(tuple[TrustSettings, ...]):
        __slots__ = ()

        def __hash__(self) -> int:
            hashed.append(self)
            return super().__hash__()

    many = TrustedProject("acme/shop", 4242, DEFAULT, Watched(releases(40)))
    assert planned(many).findings
    assert len(hashed) <= 1
