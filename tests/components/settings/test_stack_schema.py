import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from components.settings.schema import FILE, schema, written

STACKS = sorted(FILE.parent.glob("Pulumi.*.yaml"))
VALIDATOR: Any = Draft202012Validator(schema())
MINIMAL: dict[str, Any] = {
    "config": {
        "gitlab-keyvault:location": "westeurope",
        "gitlab-keyvault:resource_group": "rg",
        "gitlab-keyvault:vault": {"name": "kv-acme"},
        "gitlab-keyvault:projects": [{"path": "acme/shop", "secrets": {"DATABASE_PASSWORD": "shop-database-password"}}],
    }
}


def places(document: dict[str, Any]) -> list[str]:
    """Return where the schema finds something wrong, each place once."""
    found = (error.json_path.removeprefix("$.config") for error in VALIDATOR.iter_errors(document))
    return list(dict.fromkeys(found))


def changed(*keys: str | int, to: object) -> dict[str, Any]:
    document: Any = copy.deepcopy(MINIMAL)
    at = document["config"]
    *parents, last = keys
    for key in parents:
        at = at[key]
    at[last] = to
    return document


def project(key: str, value: object) -> dict[str, Any]:
    return changed("gitlab-keyvault:projects", 0, key, to=value)


def test_the_committed_schema_is_the_one_of_the_types():
    assert FILE.read_text(encoding="utf-8") == written(), "run `python -m components.settings.schema`"


def test_the_schema_is_one():
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)
def test_each_stack_keeps_to_the_schema_and_names_it_to_editors(stack: Path):
    assert stack.read_text().startswith("# yaml-language-server: $schema=stack.schema.json\n")
    assert places(yaml.safe_load(stack.read_text())) == []


def test_the_stack_with_twenty_mistakes_does_not_keep_to_it():
    mistakes = Path(__file__).parents[2] / "e2e/twenty-mistakes.yaml"
    assert len(places(yaml.safe_load(mistakes.read_text()))) >= 5


def test_values_of_the_engine_and_of_other_packages_are_allowed():
    own = {"azure-native:subscriptionId": "1", "gitlab:token": {"secure": "v1:…"}, **MINIMAL["config"]}
    assert places({"encryptionsalt": "v1:…", "secretsprovider": "azurekeyvault://…", "config": own}) == []


@pytest.mark.parametrize(
    "document",
    [
        MINIMAL,
        changed("gitlab-keyvault:vault", to={"id": "/subscriptions/…"}),
        changed("gitlab-keyvault:tags", to={"owner": "platform"}),
        changed("gitlab-keyvault:protect", to="false"),  # as the engine writes it back
        project("trust", [{"branch": "main", "protected": True}, {"tag": "v*"}, {"deployment_tier": "production"}]),
        project("secrets", {"A": {"name": "a", "version": "0" * 32, "file": False}}),
        project("vault", {"name": "kv-shop", "network": {"allowed_ips": ["1.2.3.4"]}}),
        project("sub_components", ["project_id", "ref_type", "ref"]),
    ],
)
def test_what_a_stack_may_say_keeps_to_the_schema(document: dict[str, Any]):
    assert places(document) == []


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "$"),
        ({"config": {}}, ""),
        ({**MINIMAL, "confg": {}}, "$"),
        (changed("gitlab-keyvault:loction", to="x"), ""),
        (changed("gitlab-keyvault:location", to=""), "['gitlab-keyvault:location']"),
        (changed("gitlab-keyvault:protect", to="no"), "['gitlab-keyvault:protect']"),
        (changed("gitlab-keyvault:vault", to={}), "['gitlab-keyvault:vault']"),
        (changed("gitlab-keyvault:vault", "id", to="/subscriptions/…"), "['gitlab-keyvault:vault']"),
        (changed("gitlab-keyvault:vault", "retention_days", to=91), "['gitlab-keyvault:vault'].retention_days"),
        (changed("gitlab-keyvault:vault", "sku", to="gold"), "['gitlab-keyvault:vault'].sku"),
        (changed("gitlab-keyvault:tags", to={"cost": 12}), "['gitlab-keyvault:tags'].cost"),
        (project("path", None), "['gitlab-keyvault:projects'][0].path"),
        (project("acces", "vault"), "['gitlab-keyvault:projects'][0]"),
        (project("access", "subscription"), "['gitlab-keyvault:projects'][0].access"),
        (project("project_id", "4242"), "['gitlab-keyvault:projects'][0].project_id"),
        (project("trust", []), "['gitlab-keyvault:projects'][0].trust"),
        (project("trust", ["main"]), "['gitlab-keyvault:projects'][0].trust[0]"),
        (project("trust", [{"brnach": "main"}]), "['gitlab-keyvault:projects'][0].trust[0]"),
        (project("trust", [{"deployment_tier": "prod"}]), "['gitlab-keyvault:projects'][0].trust[0].deployment_tier"),
        (project("secrets", {}), "['gitlab-keyvault:projects'][0].secrets"),
        (project("secrets", {"1A": "a"}), "['gitlab-keyvault:projects'][0].secrets"),
        (project("secrets", {"A": "a_b"}), "['gitlab-keyvault:projects'][0].secrets.A"),
        (project("secrets", {"A": {"file": False}}), "['gitlab-keyvault:projects'][0].secrets.A"),
        (project("sub_components", ["project_path", "reff"]), "['gitlab-keyvault:projects'][0].sub_components[1]"),
    ],
)
def test_what_no_stack_may_say_is_found_where_it_stands(document: dict[str, Any], place: str):
    assert places(document) == [place]
