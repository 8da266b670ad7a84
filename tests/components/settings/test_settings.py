from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.settings.keys import keys_of
from components.settings.mistakes import SettingsError
from components.settings.stack import KEYS, ProjectSettings, SecretSettings, Settings
from components.settings.trust import TrustSettings
from components.settings.vault import (
    DiagnosticsSettings,
    NetworkSettings,
    PrivateEndpointSettings,
    VaultSettings,
)
from components.stack.parse import decoded, parse
from components.trust.stack import plans, stand_in_ids, with_project_ids

ROOT = Path(__file__).parents[3]
STACKS = sorted(path.name.split(".")[1] for path in (ROOT / "stacks").glob("Pulumi.*.yaml"))
GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-platform"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-platform"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/runners"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
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
    assert settings.gitlab_url == settings.issuer == settings.audience == "https://gitlab.com"
    assert settings.protect
    assert settings.environment_scope == ""
    assert settings.vault == VaultSettings("kv-acme", retention_days=90, purge_protection=True, sku="standard")
    (shop,) = settings.projects
    assert shop.trust == (TrustSettings(branch="main"),)
    assert (shop.identity, shop.access, shop.role) == ("application", "secrets", "Key Vault Secrets User")
    assert shop.secrets == (SecretSettings("DATABASE_PASSWORD", "shop-database-password", version="", file=True),)
    (credential,) = plans(settings)["acme/shop"].credentials
    assert credential.subject == "project_path:acme/shop:ref_type:branch:ref:main"


def test_a_project_is_added_by_four_lines():
    lines = """
    - path: acme/payments
      secrets:
        PAYMENT_KEY: payments-key
    """
    assert [one.path for one in parse(stack(projects=yaml.safe_load(lines))).projects] == ["acme/payments"]


@pytest.mark.parametrize("url", ["https://gitlab.example.com", "https://git.example.com/gitlab"])
def test_issuer_and_audience_are_the_gitlab_url_unless_they_are_given(url: str):
    assert (parse(stack(gitlab_url=url)).issuer, parse(stack(gitlab_url=url)).audience) == (url, url)
    other = parse(stack(gitlab_url=url, issuer="https://id.example.com", audience="api://vault"))
    assert (other.issuer, other.audience) == ("https://id.example.com", "api://vault")


def test_a_project_with_a_vault_of_its_own_may_read_all_of_it_unless_it_says_otherwise():
    own = {"name": "kv-shop"}
    assert parse(project(vault=own)).projects[0].access == "vault"
    assert parse(project(vault=own, access="secrets")).projects[0].access == "secrets"
    assert parse({**project(vault=own), "vault": None}).vault is None


def test_a_vault_and_a_resource_group_that_exist_are_written_by_their_ids():
    settings = parse(stack(resource_group=GROUP, vault={"id": VAULT}))
    assert (settings.resource_group, settings.vault) == (GROUP, VaultSettings(id=VAULT))


def test_every_key_of_a_vault_is_read():
    vault = parse(
        stack(
            vault={
                "name": "kv-acme",
                "retention_days": 7,
                "purge_protection": False,
                "sku": "premium",
                "recover": True,
                "lock": True,
                "network": {"allowed_ips": ["203.0.113.0/24"], "allowed_subnets": [SUBNET]},
                "private_endpoint": {"subnet": SUBNET, "dns_zone": ZONE},
                "diagnostics": {"workspace": "log-acme"},
            }
        )
    ).vault
    assert vault == VaultSettings(
        "kv-acme",
        retention_days=7,
        purge_protection=False,
        sku="premium",
        recover=True,
        lock=True,
        network=NetworkSettings(("203.0.113.0/24",), (SUBNET,), public_access=True),
        private_endpoint=PrivateEndpointSettings(SUBNET, ZONE),
        diagnostics=DiagnosticsSettings("log-acme"),
    )


def test_projects_with_a_shared_identity_are_planned_together():
    shared = [{**MINIMAL["projects"][0], "path": path, "identity": "shared"} for path in ("acme/shop", "acme/web")]
    planned = plans(parse(stack(projects=[*shared, {**MINIMAL["projects"][0], "path": "acme/payments"}])))
    assert {key: len(plan.credentials) for key, plan in planned.items()} == {"shared": 2, "acme/payments": 1}


def test_a_pattern_needs_no_number_where_gitlab_will_be_asked_for_it():
    settings = parse({**project(trust=[{"branch": "release/*"}]), "environment_scope": "staging"})
    (credential,) = plans(with_project_ids(settings, {"acme/shop": 4242}))["acme/shop"].credentials
    assert "claims['project_id'] eq '4242'" in credential.expression


def values_of_stack(name: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((ROOT / f"stacks/Pulumi.{name}.yaml").read_text())["config"]
    return {key.removeprefix("gitlab-keyvault:"): value for key, value in config.items()}


def stack_of_the_repository(name: str) -> Settings:
    return parse(values_of_stack(name))


def test_an_expression_for_another_number_than_gitlab_tells_is_a_mistake_too():
    expression = "claims['sub'] matches 'project_path:acme/shop:ref_type:branch:ref:v*' and claims['project_id'] eq '7'"
    settings = parse({**project(trust=[{"expression": expression}]), "environment_scope": "dev"})
    assert plans(with_project_ids(settings, {"acme/shop": 7}))["acme/shop"].credentials
    with pytest.raises(SettingsError, match=r"projects\[0\]\.trust\[0\]\n  problem: is for the project of id 7"):
        plans(with_project_ids(settings, {"acme/shop": 4242}))


@pytest.mark.parametrize("name", STACKS)
def test_each_stack_of_the_repository_has_no_mistake(name: str):
    assert stack_of_the_repository(name).projects


def test_all_stacks_of_the_repository_say_the_same_of_a_projects_sub():
    # It is one setting in GitLab: the stack that is deployed last would take the others' jobs their trust.
    said: dict[str, set[tuple[str, ...]]] = {}
    for name in STACKS:
        for one in stack_of_the_repository(name).projects:
            said.setdefault(f"{one.path} {name.startswith('rehearsal')}", set()).add(one.sub_components)
    assert {path: len(each) for path, each in said.items()} == dict.fromkeys(said, 1)


@pytest.mark.parametrize("name", STACKS)
def test_vaults_are_protected_outside_the_rehearsal_and_there_alone(name: str):
    settings = stack_of_the_repository(name)
    vaults = [one for one in (settings.vault, *(project.vault for project in settings.projects)) if one]
    made = [vault for vault in vaults if not vault.id]
    rehearsed = name.startswith("rehearsal")
    assert all(vault.purge_protection is not rehearsed for vault in made)
    assert settings.protect is not rehearsed or not made


def test_pulumi_yaml_describes_every_key_as_the_types_do():
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    keys = keys_of(Settings)
    assert {name: key["description"] for name, key in declared.items()} == {
        name: one.key.description for name, one in keys.items()
    }
    assert [name for name, key in declared.items() if key.get("type")] == [
        name for name, one in keys.items() if one.type is str
    ]


def test_the_defaults_of_pulumi_yaml_leave_the_mistakes_to_the_program():
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    defaults = {name: key["default"] for name, key in declared.items()}
    assert {key for key, _, _ in mistakes_of(defaults)} == {
        "gitlab-keyvault:location",
        "gitlab-keyvault:resource_group",
        "gitlab-keyvault:vault",
    }
    assert parse({**defaults, **MINIMAL}) == parse(MINIMAL)


def test_a_value_that_the_engine_hands_over_as_json_is_read_as_what_it_was():
    assert decoded("protect", "false") is False
    assert decoded("vault", '{"name": "kv-acme"}') == {"name": "kv-acme"}
    assert decoded("vault", "kv-acme") == "kv-acme"
    assert decoded("audience", "12") == "12"
    for odd in ("[" * 100_000, "9" * 5000):
        assert decoded("vault", odd) == odd


CASES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text())


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_mistake_is_reported_alone_with_its_key_problem_and_mend(case: dict[str, Any]):
    values = project(**case["project"]) if "project" in case else stack(**case["stack"])
    ((key, problem, mend),) = mistakes_of(values)
    assert key == case["key"]
    assert case["problem"] in problem
    assert case["mend"] in mend


@pytest.mark.parametrize(("path", "problem"), [("acme/shop", "repeats"), ("Acme/Shop", "differs")])
def test_a_project_that_stands_twice_is_a_mistake_whatever_its_case(path: str, problem: str):
    twin = {**MINIMAL["projects"][0], "path": path}
    ((key, found, _),) = mistakes_of(stack(projects=[*MINIMAL["projects"], twin]))
    assert key == "gitlab-keyvault:projects[1].path"
    assert found.startswith(f"{problem}")
    assert "projects[0].path" in found


def test_twenty_mistakes_of_a_stack_are_twenty_messages():
    values = {
        "loction": "westeurope",
        "location": "West Europe",
        "resource_group": "rg.",
        "gitlab_url": "https://gitlab.com/",
        "audience": "a b",
        "vault": {"name": "kv--a", "retention_days": 91, "purge_protection": "no", "sku": "gold"},
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


scalars = (
    st.none() | st.booleans() | st.integers(-1, 99) | st.floats() | st.sampled_from(["", "main", "a/b", "v*", VAULT])
)
kinds = (Settings, ProjectSettings, VaultSettings, NetworkSettings, SecretSettings, TrustSettings)
words = st.sampled_from(sorted({key for kind in kinds for key in keys_of(kind)}))
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4))


def places(tree: Any) -> list[tuple[Any, ...]]:
    """Return the ways to all that stands in a tree."""
    keys: list[Any] = []
    if isinstance(tree, dict):
        keys = list(cast("dict[Any, Any]", tree))
    elif isinstance(tree, list):
        keys = list(range(len(cast("list[Any]", tree))))
    return [(key, *rest) for key in keys for rest in [(), *places(tree[key])]]


@st.composite
def broken_stacks(draw: st.DrawFn) -> dict[str, Any]:
    """A stack of the repository with something else in one place of it."""
    values: Any = values_of_stack(draw(st.sampled_from(STACKS)))
    *parents, last = draw(st.sampled_from(places(values)))
    inner = values
    for key in parents:
        inner = inner[key]
    inner[last] = draw(trees)
    return values


@given(st.dictionaries(st.sampled_from([*KEYS, "other"]), trees) | broken_stacks())
def test_any_configuration_is_settings_that_trust_somebody_or_a_list_of_mistakes(values: dict[str, Any]):
    try:
        settings = parse(values)
    except SettingsError as refusal:
        listed = refusal.mistakes
    else:
        listed = ()
        known = with_project_ids(settings, stand_in_ids(settings))
        assert all(plan.credentials and not plan.findings for plan in plans(known).values())
    assert all(mistake.key and mistake.flaw.problem and mistake.flaw.mend for mistake in listed)
