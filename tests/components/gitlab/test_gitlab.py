"""What the program asks GitLab for, and what it says where GitLab does not give it."""

import base64
import pickle
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.gitlab.projects import GitLabProject, connect, look_up
from components.gitlab.sub_claim import SubClaimComponents, SubClaimProvider
from components.gitlab.variables import GitLabVariables

URL = "https://gitlab.example.com"
PROPS = {"gitlab_url": URL, "project_id": "7", "components": ["project_id", "ref"]}
# What the first release wrote into states. Never change it: a state of that release must be read by every later one.
FIRST_PICKLE = "gASVNwAAAAAAAACMG2NvbXBvbmVudHMuZ2l0bGFiLnN1Yl9jbGFpbZSMEFN1YkNsYWltUHJvdmlkZXKUk5QpUpQu"


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", "glpat-canary")


def known(token: str) -> dict[str, Any]:
    assert token == "gitlab:index/getProject:getProject"
    return {"id": "7", "pathWithNamespace": "acme/shop", "ciIdTokenSubClaimComponents": ["project_path", "ref"]}


Refusing = Callable[[str], Callable[[str], dict[str, Any]]]
INVOKED = "invocation of gitlab:index/getProject:getProject returned an error: "


def look(*paths: str) -> dict[str, GitLabProject]:
    return look_up(connect(URL), paths)


def test_the_provider_asks_the_stacks_gitlab_and_keeps_no_token(deploy: Any):
    provider = deploy(lambda: connect(URL)).of_type("pulumi:providers:gitlab")[0]
    assert provider.inputs["baseUrl"] == f"{URL}/api/v4/"
    assert "token" not in provider.inputs
    assert "glpat-canary" not in str(provider)


def test_without_a_token_the_program_says_what_to_set_or_to_leave_out(deploy: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GITLAB_TOKEN")
    with pytest.raises(pulumi.RunError, match="set GITLAB_TOKEN to a token with the scope api") as told:
        deploy(lambda: connect(URL))
    assert "remove environment_scope" in str(told.value)


def test_projects_are_looked_up_by_their_paths(deploy: Any):
    found: dict[str, GitLabProject] = {}
    deploy(lambda: found.update(look("acme/shop")), call=known)
    assert found == {"acme/shop": GitLabProject(7, ("project_path", "ref"))}


def test_every_project_that_gitlab_does_not_know_is_in_one_error_with_its_words(deploy: Any, refusing: Refusing):
    with pytest.raises(pulumi.RunError) as told:
        deploy(lambda: look("acme/a", "acme/b"), call=refusing(f"{INVOKED}404 Not Found"))
    assert str(told.value).startswith("2 things stand in the way. Nothing was created")
    for path in ("acme/a", "acme/b"):
        assert f"{path}\n  problem: GitLab says '404 Not Found'\n  mend:    copy the path from" in str(told.value)


def test_a_project_whose_settings_the_token_may_not_see_is_refused_with_the_role_it_needs(deploy: Any):
    def poor(_token: str) -> dict[str, Any]:
        return {"id": "7", "ciIdTokenSubClaimComponents": []}

    with pytest.raises(pulumi.RunError, match=r"acme/shop\n  problem: GitLab .* shows .* to Maintainers") as told:
        deploy(lambda: look("acme/shop"), call=poor)
    assert "scope api, whose owner is Maintainer" in str(told.value)


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (f"GET {URL}/api/v4/user: 401 {{message: 401 Unauthorized}}", "set GITLAB_TOKEN to a token with the scope api"),
        (f"GET {URL}/api/v4/user: connection refused", "see that gitlab_url is right"),
    ],
)
def test_a_gitlab_that_cannot_be_asked_is_one_error_however_many_projects_there_are(
    deploy: Any, refusing: Refusing, words: str, mend: str
):
    with pytest.raises(pulumi.RunError) as told:
        deploy(lambda: look("acme/a", "acme/b"), call=refusing(f"{INVOKED}: {words}"))
    assert str(told.value).count(words) == 1
    assert f"mend: {mend}" in str(told.value)


def test_a_project_gets_three_variables_scoped_to_the_environment_neither_masked_nor_protected(deploy: Any):
    deployment = deploy(
        lambda: GitLabVariables(
            "shop",
            {
                "project_id": "7",
                "environment_scope": "production",
                "client_id": "c",
                "tenant_id": "t",
                "vault_url": "https://kv.vault.azure.net/",
            },
            pulumi.ResourceOptions(providers=[connect(URL)]),
        )
    )
    variables = deployment.of_type("gitlab:index/projectVariable:ProjectVariable")
    assert {each.inputs["key"]: each.inputs["value"] for each in variables} == {
        "AZURE_CLIENT_ID": "c",
        "AZURE_TENANT_ID": "t",
        "AZURE_KEY_VAULT_SERVER_URL": "https://kv.vault.azure.net/",
    }
    for variable in variables:
        expected = {"project": "7", "environmentScope": "production", "raw": True, "masked": False, "protected": False}
        assert variable.inputs.items() >= expected.items()
        assert variable.parent == deployment.one("shop").urn
    assert deployment.outputs("shop") == {"keys": ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_KEY_VAULT_SERVER_URL"]}


def test_the_setting_is_a_resource_of_a_type_and_inputs_that_stay(deploy: Any):
    def program() -> None:
        SubClaimComponents("shop", {"gitlab_url": URL, "project_id": "7", "components": ["project_id", "ref"]})

    (setting,) = deploy(program).of_type("pulumi-python:dynamic/gitlab-keyvault:SubClaimComponents")
    assert setting.inputs == {**PROPS, "__provider": FIRST_PICKLE}


def test_what_is_pickled_is_the_providers_name_alone():
    provider = SubClaimProvider()
    provider.token = "glpat-canary"
    pickled = pickle.dumps(provider)
    assert len(pickled) < 100
    assert b"canary" not in pickled
    assert pickle.loads(pickled).token == ""


def test_a_provider_pickled_by_the_first_release_is_the_present_one():
    assert type(pickle.loads(base64.b64decode(FIRST_PICKLE))) is SubClaimProvider


def test_another_pickle_of_the_provider_is_no_change_of_the_setting():
    other = base64.b64encode(pickle.dumps(SubClaimProvider(), protocol=2)).decode()
    assert other != FIRST_PICKLE
    changed = SubClaimProvider().diff("id", {**PROPS, "__provider": other}, {**PROPS, "__provider": FIRST_PICKLE})
    assert (changed.changes, changed.replaces) == (False, [])


@pytest.mark.parametrize(
    ("change", "replaces"),
    [
        ({"components": ["project_path"]}, []),
        ({"project_id": "8"}, ["project_id"]),
        ({"gitlab_url": ""}, ["gitlab_url"]),
    ],
)
def test_other_components_are_written_in_place_and_another_project_is_another_setting(
    change: dict[str, Any], replaces: list[str]
):
    changed = SubClaimProvider().diff("id", PROPS, {**PROPS, **change})
    assert (changed.changes, changed.replaces) == (True, replaces)


def test_without_a_token_nothing_is_asked_until_something_is_to_be_written():
    provider = SubClaimProvider()
    assert provider.check(PROPS, dict(PROPS)).failures == []
    provider.delete("id", PROPS)
    (failure,) = provider.check({}, dict(PROPS)).failures
    assert failure.reason.startswith("There is no GitLab token.\n  mend: set GITLAB_TOKEN")
