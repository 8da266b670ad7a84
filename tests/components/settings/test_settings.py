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


SHOP = "gitlab-keyvault:projects[0]"
NETWORK = "gitlab-keyvault:vault.network"


def network(**keys: object) -> dict[str, Any]:
    return stack(vault={"name": "kv-a", "network": keys})


def two(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    minimal = MINIMAL["projects"][0]
    return stack(projects=[{**minimal, **first}, {**minimal, "path": "acme/web", **second}])


CASES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "unknown key": (stack(loction="x"), "gitlab-keyvault:loction", "not known", "did you mean 'location'?"),
    "unknown key, nothing near": (stack(zzz=1), "gitlab-keyvault:zzz", "not known", "write one of: location,"),
    "missing region": (stack(location=""), "gitlab-keyvault:location", "is not set", "westeurope"),
    "region as the portal shows it": (stack(location="West Europe"), "gitlab-keyvault:location", "no region", "'weste"),
    "missing group": (stack(resource_group=None), "gitlab-keyvault:resource_group", "is not set", "resource group"),
    "group of a number": (stack(resource_group=5), "gitlab-keyvault:resource_group", "a number, not", "in quotes"),
    "plain http": (stack(gitlab_url="http://gitlab.com"), "gitlab-keyvault:gitlab_url", "not start", "https:// only"),
    "two audiences": (stack(audience=["a", "b"]), "gitlab-keyvault:audience", "is a list", "write one text"),
    "no vault": (stack(vault=None), "gitlab-keyvault:vault", "'acme/shop' has none of its own", "write the vault"),
    "no vault and no project": (
        stack(vault=None, projects=[]),
        "gitlab-keyvault:vault",
        "is not set",
        "write the vault",
    ),
    "vault without a name": (stack(vault={}), "gitlab-keyvault:vault.name", "is not set", "or the `id` of a vault"),
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
    "id and name": (
        stack(vault={"id": VAULT, "name": "kv-a", "lock": True}),
        "gitlab-keyvault:vault",
        "has `name`, `lock` beside `id`",
        "used as it is",
    ),
    "id of something else": (stack(vault={"id": GROUP}), "gitlab-keyvault:vault.id", "resourceGroups", "vaults/NAME"),
    "name for an id": (stack(vault={"id": "kv-a"}), "gitlab-keyvault:vault.id", "is no ARM id", "/subscriptions/ID"),
    "unknown sku": (
        stack(vault={"name": "kv-a", "sku": "Premium"}),
        "gitlab-keyvault:vault.sku",
        "'Premium'",
        "'premium'",
    ),
    "private address": (network(allowed_ips=["10.0.0.0/8"]), f"{NETWORK}.allowed_ips[0]", "RFC 1918", "public address"),
    "empty address": (network(allowed_ips=[None]), f"{NETWORK}.allowed_ips[0]", "is not set", "203.0.113.0/24"),
    "address of a number": (network(allowed_ips=[10.1]), f"{NETWORK}.allowed_ips[0]", "is a number", "in quotes"),
    "addresses of a text": (network(allowed_ips="1.2.3.4"), f"{NETWORK}.allowed_ips", "is a text", "write a list"),
    "too many addresses": (
        network(allowed_ips=[f"20.0.{number // 250}.{number % 250}" for number in range(1001)]),
        f"{NETWORK}.allowed_ips",
        "has 1001 entries; Azure takes 1000 IP rules",
        "wider ones",
    ),
    "subnet by name": (
        network(allowed_subnets=["runners"]),
        f"{NETWORK}.allowed_subnets[0]",
        "no ARM id",
        "subnets/NAME",
    ),
    "network that lets nobody in": (network(), NETWORK, "lets nobody in", "`allowed_ips`"),
    "network that is shut": (network(public_access=False), NETWORK, "lets nobody in", "`private_endpoint`"),
    "addresses that are shut out": (
        network(allowed_ips=["1.2.3.4"], public_access=False),
        NETWORK,
        "shuts them out",
        "keep one",
    ),
    "private endpoint without a subnet": (
        stack(vault={"name": "kv-a", "private_endpoint": {"dns_zone": ZONE}}),
        "gitlab-keyvault:vault.private_endpoint.subnet",
        "is not set",
        "ARM id of the subnet",
    ),
    "bad workspace": (
        stack(vault={"name": "kv-a", "diagnostics": {"workspace": "log"}}),
        "gitlab-keyvault:vault.diagnostics.workspace",
        "no name for a Log Analytics workspace",
        "4 to 63",
    ),
    "slash at the issuer's end": (
        stack(issuer="https://gitlab.example.com/"),
        "gitlab-keyvault:issuer",
        "Entra compares the two letter by letter",
        "write 'https://gitlab.example.com'",
    ),
    "scope with a colon": (
        stack(environment_scope="a:b"),
        "gitlab-keyvault:environment_scope",
        "no scope",
        "production",
    ),
    "tags of a list": (stack(tags=["a"]), "gitlab-keyvault:tags", "is a list, not an object", "owner: platform"),
    "tag of a number": (stack(tags={"cost": 12}), "gitlab-keyvault:tags.cost", "is a number", "in quotes"),
    "reserved tag": (stack(tags={"azure-owner": "a"}), "gitlab-keyvault:tags", "starts with microsoft, azure", "short"),
    "quoted protect": (stack(protect="no"), "gitlab-keyvault:protect", "is a text", "without quotes"),
    "group by another's id": (stack(resource_group=VAULT), "gitlab-keyvault:resource_group", "vaults, not", "GROUP"),
    "number in quotes": (project(project_id="4242"), f"{SHOP}.project_id", "is a text", "of at least 1"),
    "number of a group": (project(project_id=0), f"{SHOP}.project_id", "is 0", "of at least 1"),
    "two projects of one number": (
        two({"project_id": 7}, {"project_id": 7}),
        "gitlab-keyvault:projects[1].project_id",
        "repeats projects[0].project_id",
        "from its page",
    ),
    "two vaults of one name": (
        two({"vault": {"name": "kv-a"}}, {"vault": {"name": "KV-A"}}),
        "gitlab-keyvault:projects[1].vault.name",
        "repeats projects[0].vault.name",
        "unique in all of Azure",
    ),
    "a vault that exists already": (
        two({"vault": {"id": VAULT}}, {"vault": {"name": "kv-platform"}}),
        "gitlab-keyvault:projects[1].vault.name",
        "also the name of the vault in projects[0].vault.id",
        "choose another",
    ),
    "two conditions of one shared role": (
        two({"identity": "shared", "condition": "@Resource[a] StringEquals 'b'"}, {"identity": "shared"}),
        "gitlab-keyvault:projects[1].condition",
        "differs from that of projects[0], and the two share an application",
        "`identity: application`",
    ),
    "two projects of one subject and a shared identity": (
        two(
            {"identity": "shared", "trust": [{"branch": "main"}]},
            {"identity": "shared", "path": "acme/Web", "trust": [{"branch": "MAIN"}, {"branch": "main"}]},
        ),
        "gitlab-keyvault:projects[1].trust[1]",
        "differs from {branch: MAIN} of acme/Web by case alone",
        "that GitLab shows",
    ),
    "components without a project": (
        project(sub_components=["ref_type", "ref"]),
        f"{SHOP}.sub_components",
        "start with 'ref_type'",
        "GitLab refuses a subject of no project",
    ),
    "unknown component": (
        project(sub_components=["project_path", "reff"]),
        f"{SHOP}.sub_components[1]",
        "'reff' is not known",
        "did you mean 'ref'?",
    ),
    "no components": (project(sub_components=[]), f"{SHOP}.sub_components", "is empty", "starts with project_path"),
    "unknown identity": (project(identity="user"), f"{SHOP}.identity", "'user' is not known", "managed"),
    "role that hands out roles": (project(role="Owner"), f"{SHOP}.role", "hands out roles", "Key Vault Secrets User"),
    "half a condition": (project(condition="(@Resource[a:b]"), f"{SHOP}.condition", "parentheses", "whole"),
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
    "trust of a text": (project(trust="main"), f"{SHOP}.trust", "is a text, not a list", "`- branch: NAME`"),
    "no trust": (project(trust=[]), f"{SHOP}.trust", "no job is trusted", "leave the key out"),
    "trust entry of a text": (project(trust=["main"]), f"{SHOP}.trust[0]", "is a text", "`- branch: NAME`"),
    "empty trust entry": (
        project(trust=[dict[str, str]()]),
        f"{SHOP}.trust[0]",
        "no branch and no tag",
        "write `branch: NAME`",
    ),
    "null trust entry": (project(trust=[{"tag": None}]), f"{SHOP}.trust[0]", "no branch and no tag", "`tag: NAME`"),
    "empty branch": (project(trust=[{"branch": ""}]), f"{SHOP}.trust[0]", "names no branch", "`branch: NAME`"),
    "pattern without the project's number": (
        project(trust=[{"branch": "v*"}]),
        f"{SHOP}.trust[0]",
        "beside the project's id",
        "`project_id: N`",
    ),
    "pattern for a managed identity": (
        project(trust=[{"branch": "v*"}], project_id=1, identity="managed"),
        f"{SHOP}.trust[0]",
        "for a managed identity",
        "list each branch",
    ),
    "too broad a pattern": (
        project(trust=[{"branch": "*"}], project_id=1),
        f"{SHOP}.trust[0]",
        "matches every branch",
        "`allow_broad: true`",
    ),
    "expression that Entra does not read": (
        project(trust=[{"expression": "sub eq 'x'"}], project_id=1),
        f"{SHOP}.trust[0]",
        "is not read",
        "like claims['sub'] matches",
    ),
    "full ref": (project(trust=[{"tag": "refs/tags/v1"}]), f"{SHOP}.trust[0]", "'refs/tags/'", "write 'v1'"),
    "protection that the subject does not tell": (
        project(trust=[{"branch": "main", "protected": True}]),
        f"{SHOP}.trust[0]",
        "needs ref_protected",
        "`sub_components: [project_path, ref_type, ref, ref_protected]`",
    ),
    "quoted protection": (
        project(trust=[{"branch": "main", "protected": "yes"}]),
        f"{SHOP}.trust[0].protected",
        "is a text",
        "without quotes",
    ),
    "unknown tier": (
        project(trust=[{"branch": "main", "deployment_tier": "prod"}]),
        f"{SHOP}.trust[0].deployment_tier",
        "'prod' is not known",
        "did you mean 'production'?",
    ),
    "tag that YAML reads as a number": (project(trust=[{"tag": 1.0}]), f"{SHOP}.trust[0].tag", "a number", "in quotes"),
    "branch and tag at once": (
        project(trust=[{"branch": "main", "tag": "v1"}]),
        f"{SHOP}.trust[0]",
        "a branch and a tag",
        "an entry for each",
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
        "trusts the same jobs as {branch: main}",
        "keep one",
    ),
    "branches that differ by case": (
        project(trust=[{"branch": "main"}, {"branch": "Main"}]),
        f"{SHOP}.trust[1]",
        "differs from {branch: main} of acme/shop by case alone",
        "that GitLab shows",
    ),
    "too much trust": (
        project(trust=[{"tag": f"v{number}"} for number in range(21)]),
        SHOP,
        "needs 21 federated credentials, Entra takes 20",
        "`tag: v*`",
    ),
    "long subject": (
        project(trust=[{"branch": "b" * 600}]),
        f"{SHOP}.trust[0]",
        "has 643 characters, Entra takes 600",
        "shorter name",
    ),
    "role above the vault": (
        project(access="resource_group"),
        f"{SHOP}.access",
        "would find every vault below it",
        "write secrets",
    ),
    "role on an id": (project(access=GROUP), f"{SHOP}.access", "is no scope for a job's role", "or vault"),
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
