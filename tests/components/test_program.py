"""The whole program, run with a stack's configuration as the engine hands it over."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

ROOT = Path(__file__).parents[2]
Deploy = Any  # the played engine of conftest.py
Refusing = Callable[[str], Callable[[str], dict[str, Any]]]
CONFIG = {"location": "westeurope", "resource_group": "rg", "vault": '{"name": "kv-acme"}'}


def program() -> None:
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")


def projects(*paths: str) -> dict[str, str]:
    return {**CONFIG, "projects": json.dumps([{"path": path, "secrets": {"KEY": "key"}} for path in paths])}


def test_the_exports_are_those_that_the_documentation_names(deploy: Deploy):
    exports = deploy(program, projects("acme/shop")).exports
    assert set(exports) == {"tenant_id", "vault_url", "vault_id", "resource_group", "projects"}
    assert exports["vault_url"] == "https://kv-acme.vault.azure.net/"
    assert exports["resource_group"] == "rg"
    shop = exports["projects"]["acme/shop"]
    assert shop["subjects"] == ["project_path:acme/shop:ref_type:branch:ref:main"]
    assert (shop["issuer"], shop["audience"]) == ("https://gitlab.com", "https://gitlab.com")
    assert (shop["tenant_id"], shop["vault_url"]) == (exports["tenant_id"], exports["vault_url"])
    assert shop["client_id"] == "client-of-acme-shop-identity-application"
    assert yaml.safe_load(shop["gitlab_ci"])["read-secrets"]["variables"] == {
        "AZURE_KEY_VAULT_SERVER_URL": shop["vault_url"],
        "AZURE_CLIENT_ID": shop["client_id"],
        "AZURE_TENANT_ID": shop["tenant_id"],
    }


def test_the_application_is_named_after_the_project_and_the_stack(deploy: Deploy):
    (application,) = deploy(program, projects("acme/shop")).of_type(":Application")
    assert application.inputs["displayName"] == "GitLab acme/shop (test)"


def test_adding_a_project_leaves_every_resource_of_the_others_as_it_was(deploy: Deploy):
    before = {resource.urn: resource for resource in deploy(program, projects("acme/shop", "acme/blog")).resources}
    more = projects("acme-shop/x", "acme/blog", "acme/shop-x", "acme/shop", "acme/shop/x")
    after = {resource.urn: resource for resource in deploy(program, more).resources}
    assert {urn: after.get(urn) for urn in before} == before
    assert len(after) - len(before) == 3 * (len(before) - 4) // 2


def test_a_stack_without_projects_has_its_vault(deploy: Deploy):
    done = deploy(program, projects())
    assert done.exports["projects"] == {}
    assert [resource.name for resource in done.of_type(":Vault")] == ["secrets-vault"]


def test_a_stack_with_mistakes_is_refused_before_any_resource_and_without_a_traceback(deploy: Deploy):
    wrong = {**projects("shop"), "location": "", "vault": "kv-acme", "lokation": "westeurope"}
    with pytest.raises(pulumi.RunError, match=r"(?s)^4 mistakes.*location.*vault.*projects\[0\]\.path") as refusal:
        deploy(program, wrong)
    assert refusal.value.__suppress_context__
    assert [resource.type for resource in deploy.last.resources] == ["pulumi:pulumi:Stack"]


def test_objects_that_are_no_json_are_refused_in_words(deploy: Deploy):
    with pytest.raises(pulumi.RunError, match=r"gitlab-keyvault:projects\n +problem: is a text, not a list"):
        deploy(program, {**CONFIG, "projects": "acme/shop"})


def test_without_a_sign_in_the_program_ends_with_azures_words_and_the_mend(deploy: Deploy, refusing: Refusing):
    nobody = refusing("AADSTS7000215: Invalid client secret provided.")
    with pytest.raises(pulumi.RunError, match=r"(?s)AADSTS7000215.*mend: sign in with `az login`"):
        deploy(program, projects("acme/shop"), call=nobody)
