"""Plans compared with a reading of the trust list that anybody would give.

What the rehearsal's Entra says to them is in `tests/rehearsal/test_trust_agrees_with_entra.py`.
"""

import re
from dataclasses import replace
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.settings.trust import TrustedProject, TrustSettings
from components.trust.planning import Plan, plan
from keyvault_fetch.trust.expressions import is_pattern, literal_head, parse
from keyvault_fetch.trust.jobs import Job
from keyvault_fetch.trust.prediction import predict
from keyvault_fetch.trust.subjects import COMPONENTS, TIERS
from rehearsal.entra import flexible

GITLAB = "https://gitlab.com"
PLAIN = ("main", "Main", "mainline", "release/1", "release/1/2", "v1", "v10", "it's", "ref_type", "true", "1")
NAMES = (*PLAIN, "é", "e\u0301", "a]b", "{x}", '%2f"', "production")
PATTERNS = ("release/*", "v?", "v*", "m*n", "*1", "*e", "r*/?", "r*", "*_*", "?ain", "*é*", "a]*")
SHOP, BLOG = ("acme/shop", 4242), ("acme/blog", 7)
STRANGERS = (("acme/shop-api", 42421), ("acme/sho", 424), ("Acme/shop", 4243), ("x/acme/shop", 2), ("fork/shop", 1))

# Drawn by a seed and not by strategies: hundreds of lists a second, each with some jobs.
seeds = st.integers(0, 2**32).map(Random)


def components(random: Random) -> tuple[str, ...]:
    first = random.choice(("project_path", "project_id"))
    others = [name for name in COMPONENTS if name != first]
    return (first, *random.sample(others, random.randint(0, len(others))))


def entry(random: Random, told: tuple[str, ...]) -> TrustSettings:
    """Return an entry that wants nothing but what these components tell."""
    key = random.choice(("branch", "tag", "merge_request", "")) if {"ref", "ref_type"} <= set(told) else ""
    broad = random.random() < 0.2
    return replace(
        TrustSettings(allow_broad=broad, reason="r" if broad else ""),
        **{key: random.choice(NAMES + PATTERNS)} if key else {},
        protected="ref_protected" in told and random.random() < 0.4,
        environment_protected="environment_protected" in told and random.random() < 0.4,
        deployment_tier=random.choice(("", *TIERS)) if "deployment_tier" in told else "",
    )


def project(random: Random, known: tuple[str, int], most: int) -> TrustedProject:
    told = components(random)
    return TrustedProject(*known, told, tuple(entry(random, told) for _ in range(random.randint(1, most))))


def job(random: Random, known: tuple[str, int]) -> Job:
    protected = random.choice((None, True, False))
    tier = "" if protected is None else random.choice(TIERS)
    ref_type = random.choice(("branch", "tag"))
    return Job(*known, ref_type, random.choice(NAMES), random.choice((True, False)), protected, tier)


def planned(*projects: TrustedProject, flexible: bool = True) -> Plan:
    return plan(projects, GITLAB, GITLAB, flexible=flexible)


def sound(projects: list[TrustedProject], *, flexible: bool) -> tuple[list[TrustedProject], Plan]:
    """Return the projects without the entries that are refused, and their plan."""
    while (made := planned(*projects, flexible=flexible)).findings:
        finding = made.findings[0]
        wrong = projects[finding.project]
        index = finding.entry if finding.entry is not None else len(wrong.trust) - 1
        rest = replace(wrong, trust=wrong.trust[:index] + wrong.trust[index + 1 :])
        projects = [rest if one is wrong else one for one in projects]
    return projects, made


def is_named(wanted: TrustSettings, job: Job) -> bool:
    """Tell whether the entry, read as a person would, names the job."""
    for ref_type, ref in (("branch", wanted.branch or wanted.merge_request), ("tag", wanted.tag)):
        regular = re.escape(ref).replace(r"\*", ".*").replace(r"\?", ".")
        if ref and (job.ref_type != ref_type or not re.fullmatch(regular, job.ref)):
            return False
    return (
        (job.ref_protected or not wanted.protected)
        and (job.environment_protected is True or not wanted.environment_protected)
        and wanted.deployment_tier in ("", job.deployment_tier)
    )


@settings(max_examples=600)
@given(seeds)
def test_exactly_the_jobs_that_the_trust_lists_name_are_trusted(random: Random):
    drawn = [project(random, SHOP, 8), project(random, BLOG, 3)]
    projects, made = sound(drawn, flexible=random.random() < 0.8)
    assert not [warning for warning in made.warnings if "allow broad" in warning]
    for one in projects:
        for asked in (job(random, (one.path, one.project_id or 0)) for _ in range(8)):
            found = predict(asked, one.sub_components, GITLAB, GITLAB, made.credentials)
            assert (found.credential is not None) == any(is_named(wanted, asked) for wanted in one.trust)


@settings(max_examples=400)
@given(seeds)
def test_no_token_of_another_issuer_or_for_another_audience_is_trusted(random: Random):
    (one,), made = sound([project(random, SHOP, 6)], flexible=True)
    for issuer, audience in ((f"{GITLAB}/", GITLAB), (GITLAB, f"{GITLAB}/"), ("https://GitLab.com", GITLAB)):
        asked = job(random, SHOP)
        assert predict(asked, one.sub_components, issuer, audience, made.credentials).credential is None


@settings(max_examples=400)
@given(seeds)
def test_no_job_of_another_project_or_fork_is_trusted_whatever_its_subject_is_made_of(random: Random):
    _, made = sound([project(random, SHOP, 6)], flexible=True)
    for stranger in STRANGERS:
        asked = job(random, stranger)
        assert predict(asked, components(random), GITLAB, GITLAB, made.credentials).credential is None


@settings(max_examples=400)
@given(seeds)
def test_a_project_that_takes_over_a_path_is_trusted_by_no_credential_with_an_id(random: Random):
    (one,), made = sound([project(random, SHOP, 6)], flexible=True)
    usurper = job(random, (SHOP[0], 99))
    found = predict(usurper, one.sub_components, GITLAB, GITLAB, made.credentials).credential
    assert found is None or (found.subject and "project_id" not in one.sub_components)


def changed_by_hand(random: Random, told: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a maintainer, who knows nothing of the stack, may have made of the project's setting."""
    after = list(told)
    others = [name for name in COMPONENTS if name not in told]
    for name in random.sample(others, random.randint(0, len(others))):
        after.insert(random.randint(1, len(after)), name)
    if len(after) > 1 and random.random() < 0.3:
        del after[random.randint(1, len(after) - 1)]
    return tuple(after)


def with_an_open_end(wanted: TrustSettings) -> TrustSettings:
    """Return the entry with a pattern's letters up to its first wildcard, and a `*`; refs without one stay."""
    refs = {key: f"{literal_head(wanted.ref)}*" for key in wanted.ref_keys if is_pattern(wanted.ref)}
    return replace(wanted, **refs)


@settings(max_examples=800)
@given(seeds)
def test_whatever_the_setting_becomes_in_gitlab_only_the_end_of_a_pattern_may_give_way(random: Random):
    (one,), made = sound([project(random, SHOP, 6)], flexible=True)
    wanted = [with_an_open_end(each) for each in one.trust]
    for _ in range(8):
        asked = job(random, random.choice((SHOP, SHOP, SHOP, *STRANGERS)))
        told = changed_by_hand(random, one.sub_components)
        if predict(asked, told, GITLAB, GITLAB, made.credentials).credential:
            assert asked.project_path == one.path
            assert any(is_named(each, asked) for each in wanted)


def crowd(random: Random) -> list[TrustSettings]:
    """Return 15 to 60 entries, refs that begin alike and patterns among them."""
    heads, kinds = ("v", "release/", "r/s/", "it's", "x-"), ("branch", "tag", "merge_request")
    share = random.random()
    entries: dict[tuple[str, str], TrustSettings] = {}
    for _ in range(random.randint(15, 60)):
        kind = random.choice(kinds)
        ref = random.choice(PATTERNS) if random.random() < 0.2 else f"{random.choice(heads)}{random.randint(0, 40)}"
        broad = random.random() < share
        made = replace(TrustSettings(allow_broad=broad, reason="r" if broad else ""), **{kind: ref})
        entries[("tag" if kind == "tag" else "branch", ref)] = made
    return list(entries.values())


@settings(max_examples=150)
@given(seeds, st.sampled_from(["", "ref_protected", "deployment_tier"]))
@example(Random(1), "environment_protected")
def test_a_plan_keeps_to_the_limits_of_graph_and_trusts_all_that_is_listed(random: Random, more: str):
    told = ("project_id", "ref_type", "ref", more) if more else ("project_path", "ref_type", "ref")
    trust = crowd(random)
    made = planned(TrustedProject(*SHOP, told, tuple(trust)))
    assert all("federated credentials, Entra takes 20" in finding.flaw.problem for finding in made.findings)
    assert bool(made.findings) != bool(made.credentials)
    assert len(made.credentials) <= 20
    assert len({one.subject or one.expression for one in made.credentials}) == len(made.credentials)
    assert len({one.name.lower() for one in made.credentials}) == len(made.credentials)
    for one in made.credentials:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}", one.name)
        assert bool(one.subject) != bool(one.expression)
        if one.expression:
            assert str(parse(one.expression)) == one.expression
            assert flexible.problem(one.expression, GITLAB) is None
    if made.credentials:
        for wanted in trust:
            ref = wanted.ref.replace("*", "n").replace("?", "n")
            asked = Job(*SHOP, wanted.ref_types[0], ref)
            assert predict(asked, told, GITLAB, GITLAB, made.credentials).credential


@settings(max_examples=150)
@given(seeds)
def test_beyond_twenty_nobody_is_trusted_but_by_an_entry_or_with_a_warning(random: Random):
    told = ("project_path", "ref_type", "ref", "environment_protected", "deployment_tier")
    (one,), made = sound([TrustedProject(*SHOP, told, tuple(entry(random, told) for _ in range(12)))], flexible=True)
    merged = any("allow broad" in warning for warning in made.warnings)
    for asked in (job(random, SHOP) for _ in range(20)):
        named = any(is_named(wanted, asked) for wanted in one.trust)
        trusted = predict(asked, told, GITLAB, GITLAB, made.credentials).credential is not None
        assert trusted == named or (trusted and merged)


@pytest.mark.parametrize("seed", range(3))
def test_the_drawn_lists_are_worth_the_comparison(seed: int):
    random = Random(seed)
    made = [sound([project(random, SHOP, 8)], flexible=True) for _ in range(200)]
    kept = [one for (one,), _ in made if one.trust]
    jobs = [job(random, SHOP) for _ in range(50)]
    named = sum(is_named(wanted, asked) for one in kept for wanted in one.trust for asked in jobs)
    assert len(kept) > 100
    assert named > 500
    assert any(credential.expression for _, result in made for credential in result.credentials)
