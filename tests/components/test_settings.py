from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.mistakes import SettingsError
from components.settings import KEYS, Settings, parse

ROOT = Path(__file__).parents[2]
STACKS = ("dev", "staging", "prod", "rehearsal")
MINIMAL: dict[str, Any] = {
    "location": "westeurope",
    "resource_group": "rg",
    "vault": {"name": "kv-acme"},
    "projects": [{"path": "acme/shop", "secrets": {"DATABASE_PASSWORD": "shop-database-password"}}],
}


def stack(**changes: object) -> dict[str, Any]:
    return {**copy.deepcopy(MINIMAL), **changes}


def project(**changes: object) -> dict[str, Any]:
    return stack(projects=[{**copy.deepcopy(MINIMAL["projects"][0]), **changes}])


def mistakes_of(values: dict[str, Any]) -> list[tuple[str, str, str]]:
    with pytest.raises(SettingsError) as refusal:
        parse(values)
    return [(mistake.key, mistake.flaw.problem, mistake.flaw.mend) for mistake in refusal.value.mistakes]


def test_the_defaults_are_the_safest():
    settings = parse(MINIMAL)
    assert settings.gitlab_url == settings.audience == "https://gitlab.com"
    assert settings.vault.retention_days == 90
    assert settings.vault.purge_protection
    (shop,) = settings.projects
    assert shop.subjects == ["project_path:acme/shop:ref_type:branch:ref:main"]
    assert shop.access == "secrets"
    assert [(secret.version, secret.file) for secret in shop.secrets] == [("", True)]


def test_the_audience_is_the_gitlab_url_unless_it_is_given():
    assert parse(stack(gitlab_url="https://gitlab.example.com")).audience == "https://gitlab.example.com"
    assert parse(stack(audience="api://vault")).audience == "api://vault"


def stack_of_the_repository(name: str) -> Settings:
    config: dict[str, Any] = yaml.safe_load((ROOT / f"stacks/Pulumi.{name}.yaml").read_text())["config"]
    return parse({key.removeprefix("gitlab-keyvault:"): value for key, value in config.items()})


@pytest.mark.parametrize("name", STACKS)
def test_each_stack_of_the_repository_has_no_mistake(name: str):
    assert stack_of_the_repository(name).projects


def test_production_alone_is_protected_from_purging():
    assert [name for name in STACKS if stack_of_the_repository(name).vault.purge_protection] == ["prod"]


def test_pulumi_yaml_describes_every_key_and_its_defaults_leave_the_mistakes_to_the_program():
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    assert tuple(declared) == KEYS
    assert all(key["description"] for key in declared.values())
    defaults = {name: key["default"] for name, key in declared.items()}
    assert {key for key, _, _ in mistakes_of(defaults)} == {
        "gitlab-keyvault:location",
        "gitlab-keyvault:resource_group",
        "gitlab-keyvault:vault.name",
    }
    assert parse({**defaults, **MINIMAL}) == parse(MINIMAL)


SHOP = "gitlab-keyvault:projects[0]"
CASES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "unknown key": (stack(loction="x"), "gitlab-keyvault:loction", "not known", "did you mean 'location'?"),
    "unknown key, nothing near": (stack(zzz=1), "gitlab-keyvault:zzz", "not known", "write one of: location,"),
    "missing region": (stack(location=""), "gitlab-keyvault:location", "is not set", "westeurope"),
    "region as the portal shows it": (stack(location="West Europe"), "gitlab-keyvault:location", "no region", "'weste"),
    "missing group": (stack(resource_group=None), "gitlab-keyvault:resource_group", "is not set", "resource group"),
    "group of a number": (stack(resource_group=5), "gitlab-keyvault:resource_group", "a number, not", "in quotes"),
    "plain http": (stack(gitlab_url="http://gitlab.com"), "gitlab-keyvault:gitlab_url", "not start", "https:// only"),
    "two audiences": (stack(audience=["a", "b"]), "gitlab-keyvault:audience", "is a list", "write one text"),
    "no vault": (stack(vault=None), "gitlab-keyvault:vault.name", "is not set", "write the vault's name"),
    "vault of a text": (stack(vault="kv-acme"), "gitlab-keyvault:vault", "is a text, not an object", "`name`"),
    "bad vault name": (
        stack(vault={"name": "1kv"}),
        "gitlab-keyvault:vault.name",
        "not start with a letter",
        "3 to 24",
    ),
    "short retention": (
        stack(vault={"name": "kv-a", "retention_days": 6}),
        "gitlab-keyvault:vault.retention_days",
        "is 6",
        "from 7 to 90",
    ),
    "retention of true": (
        stack(vault={"name": "kv-a", "retention_days": True}),
        "gitlab-keyvault:vault.retention_days",
        "is True",
        "from 7 to 90",
    ),
    "quoted boolean": (
        stack(vault={"name": "kv-a", "purge_protection": "false"}),
        "gitlab-keyvault:vault.purge_protection",
        "is a text",
        "without quotes",
    ),
    "projects of an object": (stack(projects={}), "gitlab-keyvault:projects", "an object, not a list", "write a list"),
    "project of a text": (stack(projects=["acme/shop"]), SHOP, "is a text, not an object", "`path` and `secrets`"),
    "path without group": (project(path="shop"), f"{SHOP}.path", "names no group", "group/project"),
    "near key of a project": (project(secret={}), f"{SHOP}.secret", "not known", "did you mean 'secrets'?"),
    "trust of a text": (project(trust="main"), f"{SHOP}.trust", "is a text, not a list", "`branch: NAME`"),
    "no trust": (project(trust=[]), f"{SHOP}.trust", "no job is trusted", "leave the key out"),
    "trust entry of a text": (project(trust=["main"]), f"{SHOP}.trust[0]", "is a text", "write `branch: NAME`"),
    "empty trust entry": (
        project(trust=[dict[str, str]()]),
        f"{SHOP}.trust[0]",
        "no branch and no tag",
        "write `branch: NAME`",
    ),
    "null trust entry": (project(trust=[{"tag": None}]), f"{SHOP}.trust[0]", "no branch and no tag", "`tag: NAME`"),
    "empty branch": (project(trust=[{"branch": ""}]), f"{SHOP}.trust[0].branch", "is not set", "one branch or tag"),
    "wildcard": (project(trust=[{"branch": "v*"}]), f"{SHOP}.trust[0].branch", "has '*'", "list each branch"),
    "full ref": (project(trust=[{"tag": "refs/tags/v1"}]), f"{SHOP}.trust[0].tag", "'refs/tags/'", "write 'v1'"),
    "tag that YAML reads as a number": (project(trust=[{"tag": 1.0}]), f"{SHOP}.trust[0].tag", "a number", "in quotes"),
    "branch and tag at once": (
        project(trust=[{"branch": "main", "tag": "v1"}]),
        f"{SHOP}.trust[0]",
        "a branch and a tag",
        "two entries",
    ),
    "near key of a trust entry": (
        project(trust=[{"brnach": "main"}]),
        f"{SHOP}.trust[0].brnach",
        "not known",
        "did you mean 'branch'?",
    ),
    "the same branch twice": (
        project(trust=[{"branch": "main"}, {"tag": "main"}, {"branch": "main"}]),
        f"{SHOP}.trust[2]",
        f"repeats {SHOP}.trust[0]",
        "keep one",
    ),
    "branches that differ by case": (
        project(trust=[{"branch": "main"}, {"branch": "Main"}]),
        f"{SHOP}.trust[1]",
        f"differs from {SHOP}.trust[0] by case alone",
        "that GitLab shows",
    ),
    "too much trust": (
        project(trust=[{"tag": f"v{number}"} for number in range(21)]),
        f"{SHOP}.trust",
        "has 21 entries; an Entra application takes 20",
        "trust fewer",
    ),
    "long subject": (
        project(trust=[{"branch": "b" * 600}]),
        f"{SHOP}.trust[0].branch",
        "has 643 characters, Entra takes 600",
        "shorter name",
    ),
    "unknown access": (project(access="valut"), f"{SHOP}.access", "'valut' is not known", "did you mean 'vault'?"),
    "no secrets": (project(secrets={}), f"{SHOP}.secrets", "at least one secret", "DATABASE_PASSWORD"),
    "secrets of a list": (project(secrets=["a"]), f"{SHOP}.secrets", "is a list, not an object", "CI/CD variables"),
    "bad variable": (project(secrets={"DB-1": "a"}), f"{SHOP}.secrets.DB-1", "CI/CD variable", "underscores"),
    "reserved variable": (
        project(secrets={"AZURE_CLIENT_ID": "a"}),
        f"{SHOP}.secrets.AZURE_CLIENT_ID",
        "by which the job itself reaches",
        "another name",
    ),
    "bad secret name": (project(secrets={"A": "a_b"}), f"{SHOP}.secrets.A", "Key Vault secret", "(not its value)"),
    "no secret name": (project(secrets={"A": None}), f"{SHOP}.secrets.A", "is not set", "secret's name"),
    "no secret name in an object": (
        project(secrets={"A": {"file": False}}),
        f"{SHOP}.secrets.A.name",
        "is not set",
        "secret's name",
    ),
    "version of a number": (
        project(secrets={"A": {"name": "a", "version": 0}}),
        f"{SHOP}.secrets.A.version",
        "is a number, not a text",
        "in quotes",
    ),
    "version with dashes": (
        project(secrets={"A": {"name": "a", "version": "01234567-89ab-cdef-0123-456789abcdef"}}),
        f"{SHOP}.secrets.A.version",
        "no version",
        "without dashes",
    ),
    "file of a text": (
        project(secrets={"A": {"name": "a", "file": "no"}}),
        f"{SHOP}.secrets.A.file",
        "is a text",
        "true or false",
    ),
}


@pytest.mark.parametrize(("values", "key", "problem", "mend"), CASES.values(), ids=CASES)
def test_a_mistake_is_reported_alone_with_its_key_problem_and_mend(
    values: dict[str, Any], key: str, problem: str, mend: str
):
    ((found_key, found_problem, found_mend),) = mistakes_of(values)
    assert found_key == key
    assert problem in found_problem
    assert mend in found_mend


@pytest.mark.parametrize(("path", "problem"), [("acme/shop", "repeats"), ("Acme/Shop", "differs")])
def test_a_project_that_stands_twice_is_a_mistake_whatever_its_case(path: str, problem: str):
    twin = {**MINIMAL["projects"][0], "path": path}
    ((key, found, _),) = mistakes_of(stack(projects=[*MINIMAL["projects"], twin]))
    assert key == "gitlab-keyvault:projects[1]"
    assert found.startswith(problem)
    assert SHOP in found


def test_twenty_mistakes_of_a_stack_are_twenty_messages():
    values = {
        "loction": "westeurope",
        "location": "West Europe",
        "resource_group": "rg.",
        "gitlab_url": "https://gitlab.com/",
        "audience": "a b",
        "vault": {"name": "kv--a", "retention_days": 91, "purge_protection": "no", "sku": "premium"},
        "projects": [
            {
                "path": "shop",
                "trust": [{"branch": "a..b"}, {"tag": 1}, {"branch": "a", "tag": "b"}, {"brnch": "c"}, "main"],
                "access": "all",
                "secrets": {"1A": "a", "B": "b_b", "C": {"name": "c", "version": "latest", "file": "no"}},
            }
        ],
    }
    mistakes = mistakes_of(values)
    assert len(mistakes) == len({key for key, _, _ in mistakes}) == 20
    with pytest.raises(SettingsError, match=r"^20 mistakes in the stack's configuration") as refusal:
        parse(values)
    assert all(key in str(refusal.value) and mend in str(refusal.value) for key, _, mend in mistakes)


def test_a_value_put_where_a_secret_is_named_is_not_repeated():
    for secret in ("hunter2!", {"name": "hunter2!"}, {"name": "a", "version": "hunter2!"}, ["hunter2!"]):
        with pytest.raises(SettingsError) as refusal:
            parse(project(secrets={"A": secret}))
        assert "hunter2" not in str(refusal.value)


scalars = st.none() | st.booleans() | st.integers(-1, 99) | st.floats() | st.sampled_from(["", "main", "a/b", "kv-a"])
words = st.sampled_from([*KEYS, "name", "path", "trust", "branch", "tag", "access", "secrets", "version", "file"])
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4))


@given(st.dictionaries(st.sampled_from([*KEYS, "other"]), trees) | trees.map(lambda tree: project(trust=[tree])))
def test_any_configuration_is_settings_whose_subjects_can_be_written_or_a_list_of_mistakes(values: dict[str, Any]):
    try:
        settings = parse(values)
    except SettingsError as refusal:
        listed = refusal.mistakes
    else:
        listed = ()
        assert isinstance(settings, Settings)
        assert all(project.subjects for project in settings.projects)
    assert all(mistake.key and mistake.flaw.problem and mistake.flaw.mend for mistake in listed)
