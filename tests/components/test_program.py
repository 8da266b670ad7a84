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


OWN = {"path": "acme/own", "secrets": {"KEY": "key"}, "vault": {"name": "kv-own"}}
SHOP = {"path": "acme/shop", "secrets": {"KEY": "key"}}
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
NETWORKS = f"{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks"


def stack(*entries: dict[str, Any], **keys: Any) -> dict[str, str]:
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in keys.items()}
    return {**CONFIG, "projects": json.dumps(entries), **texts}


def test_the_vault_and_its_group_are_protected_and_nothing_else(deploy: Deploy):
    done = deploy(program, stack(SHOP, vault={"name": "kv-a", "lock": True, "diagnostics": {"workspace": "logs"}}))
    assert {one.name for one in done.resources if one.protect} == {"secrets", "secrets-group", "secrets-vault"}
    assert not any(one.protect for one in deploy(program, stack(SHOP, protect="false")).resources)


def test_a_vault_of_a_projects_own_stays_in_azure_when_the_project_leaves(deploy: Deploy):
    done = deploy(program, stack(SHOP, OWN))
    assert done.one("vault-kv-own-vault").inputs["vaultName"] == "kv-own"
    assert {one.name for one in done.resources if one.retained} == {"vault-kv-own", "vault-kv-own-vault"}
    assert not done.one("vault-kv-own-vault").protect


def test_a_vault_of_a_projects_own_is_the_same_resource_when_the_project_is_renamed(deploy: Deploy):
    extras = {"name": "kv-own", "lock": True, "diagnostics": {"workspace": "logs"}}
    before, after = (
        {one.urn for one in deploy(program, stack({**OWN, "path": path, "vault": extras})).resources}
        for path in ("acme/own", "acme/renamed")
    )
    assert {urn for urn in before if "acme-" not in urn} == {urn for urn in after if "acme-" not in urn}
    assert sum("kv-own" in urn for urn in after) == 6  # the vault, its log and its lock, each with its component


def test_an_audit_log_outlives_the_vault_whose_log_it_is(deploy: Deploy):
    done = deploy(program, stack(SHOP, vault={"name": "kv-a", "diagnostics": {"workspace": "logs"}}))
    assert [one.name for one in done.resources if one.retained] == ["workspace-logs"]


def test_a_project_with_a_vault_of_its_own_may_read_that_vault_and_no_other(deploy: Deploy):
    done = deploy(program, stack(SHOP, OWN))
    scopes = {one.name: one.inputs["scope"].partition("/vaults/")[2] for one in done.of_type(":RoleAssignment")}
    assert scopes == {"acme-shop-access-secret-key": "kv-acme/secrets/key", "acme-own-access-vault": "kv-own"}
    projects = done.exports["projects"]
    assert projects["acme/own"]["vault_url"] == "https://kv-own.vault.azure.net/"
    assert projects["acme/own"]["may_read"] == [projects["acme/own"]["vault_id"]]


def test_a_stack_in_which_each_project_has_its_vault_needs_no_other(deploy: Deploy):
    done = deploy(program, stack(OWN, vault=""))
    assert [one.name for one in done.of_type(":Vault")] == ["vault-kv-own-vault"]
    assert not {"vault_id", "vault_url"} & set(done.exports)


def test_projects_that_share_an_application_have_one_with_all_their_credentials(deploy: Deploy):
    shared = [{"path": path, "identity": "shared", "secrets": {"KEY": "key"}} for path in ("acme/a", "acme/b")]
    done = deploy(program, stack(*shared, SHOP))
    assert {one.name for one in done.of_type(":Application")} == {
        "shared-identity-application",
        "acme-shop-identity-application",
    }
    subjects = {one.inputs["subject"].split(":")[1] for one in done.of_type(":ApplicationFederatedIdentityCredential")}
    assert subjects == {"acme/a", "acme/b", "acme/shop"}
    projects = done.exports["projects"]
    assert projects["acme/a"]["client_id"] == projects["acme/b"]["client_id"] != projects["acme/shop"]["client_id"]


SHARED = {"identity": "shared", "secrets": {"KEY": "key"}}


def test_projects_that_share_an_application_have_each_role_once_whoever_asks_for_it(deploy: Deploy):
    more = {"path": "acme/b", "identity": "shared", "secrets": {"KEY": "Key", "OTHER": "other"}}
    admin = {"path": "acme/c", **SHARED, "role": "Key Vault Secrets Officer"}
    done = deploy(program, stack({"path": "acme/a", **SHARED}, more, admin, {**OWN, "identity": "shared"}))
    given = [(one.inputs["scope"].partition("/vaults/")[2], one.name) for one in done.of_type(":RoleAssignment")]
    assert sorted(given) == [
        ("kv-acme/secrets/key", "shared-kv-acme-key-vault-secrets-officer-secret-key"),
        ("kv-acme/secrets/key", "shared-kv-acme-key-vault-secrets-user-secret-key"),
        ("kv-acme/secrets/other", "shared-kv-acme-key-vault-secrets-user-secret-other"),
        ("kv-own", "shared-kv-own-key-vault-secrets-user-vault"),
    ]
    projects = done.exports["projects"]
    assert len(projects["acme/a"]["may_read"]) == 4
    assert projects["acme/a"]["may_read"] == projects["acme/own"]["may_read"]


def test_a_shared_role_is_the_same_resource_whichever_project_asks_for_it(deploy: Deploy):
    roles = [
        {one.urn for one in deploy(program, stack(*({"path": path, **SHARED} for path in paths))).of_type("Assignment")}
        for paths in (["acme/a"], ["acme/b"], ["acme/b", "acme/a"])
    ]
    assert roles[0] == roles[1] == roles[2] != set()


def test_a_shared_application_reads_the_whole_vault_where_one_of_its_projects_does(deploy: Deploy):
    done = deploy(program, stack({"path": "acme/a", **SHARED}, {"path": "acme/b", **SHARED, "access": "vault"}))
    assert [one.inputs["scope"].rpartition("/")[2] for one in done.of_type(":RoleAssignment")] == ["kv-acme"]


def test_a_managed_identity_needs_no_application(deploy: Deploy):
    done = deploy(program, stack({**SHOP, "identity": "managed"}))
    assert done.of_type(":Application") == []
    (identity,) = done.of_type(":UserAssignedIdentity")
    assert identity.inputs["resourceName"].startswith("gitlab-acme-shop-test-")
    (assignment,) = done.of_type(":RoleAssignment")
    assert assignment.inputs["principalId"] == f"principal-of-{identity.name}"
    assert done.exports["projects"]["acme/shop"]["identity"] == "managed"


def test_a_pattern_becomes_a_flexible_credential_in_the_exports_too(deploy: Deploy):
    done = deploy(program, stack({**SHOP, "project_id": 7, "trust": [{"branch": "release/*"}]}))
    (credential,) = done.of_type(":ApplicationFlexibleFederatedIdentityCredential")
    expression = credential.inputs["claimsMatchingExpression"]
    (exported,) = done.exports["projects"]["acme/shop"]["credentials"]
    assert "claims['project_id'] eq '7'" in expression
    assert (exported["expression"], done.exports["projects"]["acme/shop"]["subjects"]) == (expression, [])


def test_what_exists_is_used_as_it_is(deploy: Deploy):
    group = f"{SUBSCRIPTION}/resourceGroups/shared"
    vault = {"id": f"{group}/providers/Microsoft.KeyVault/vaults/kv-old"}
    done = deploy(program, stack(SHOP, resource_group=group, vault=vault))
    assert done.of_type(":ResourceGroup") == done.of_type(":Vault") == []
    assert done.exports["resource_group"] == "shared"
    assert done.exports["vault_url"] == "https://kv-old.vault.azure.net/"
    (assignment,) = done.of_type(":RoleAssignment")
    assert assignment.inputs["scope"] == f"{vault['id']}/secrets/key"


def test_a_new_vault_lies_in_the_group_that_exists(deploy: Deploy):
    done = deploy(program, stack(SHOP, resource_group=f"{SUBSCRIPTION}/resourceGroups/shared"))
    assert done.one("secrets-vault").inputs["resourceGroupName"] == "shared"


def test_everything_in_azure_that_takes_tags_has_the_stacks(deploy: Deploy):
    vault = {
        "name": "kv-a",
        "diagnostics": {"workspace": "logs"},
        "private_endpoint": {"subnet": f"{NETWORKS}/a/subnets/s"},
    }
    done = deploy(program, stack({**SHOP, "identity": "managed"}, vault=vault, tags={"owner": "platform"}))
    tagged = {one.type.split(":")[-1] for one in done.resources if one.inputs.get("tags") == {"owner": "platform"}}
    assert tagged == {
        "ResourceGroup", "Vault", "UserAssignedIdentity", "Workspace", "PrivateEndpoint", "PrivateZone",
        "VirtualNetworkLink",
    }  # fmt: skip


def test_two_vaults_share_the_workspace_and_the_zone_that_the_stack_makes(deploy: Deploy):
    def vault(name: str, network: str, workspace: str) -> dict[str, Any]:
        subnet = f"{NETWORKS}/{network}/subnets/s"
        return {"name": name, "diagnostics": {"workspace": workspace}, "private_endpoint": {"subnet": subnet}}

    done = deploy(
        program, stack(SHOP, {**OWN, "vault": vault("kv-own", "b", "Logs")}, vault=vault("kv-a", "a", "logs"))
    )
    assert len(done.of_type(":Workspace")) == len(done.of_type(":PrivateZone")) == 1
    assert len(done.of_type(":VirtualNetworkLink")) == len(done.of_type(":PrivateEndpoint")) == 2
    assert len(done.of_type(":DiagnosticSetting")) == 2


def test_a_zone_that_exists_gets_the_address_and_no_other_is_made(deploy: Deploy):
    zone = (
        f"{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
    )
    vault = {"name": "kv-a", "private_endpoint": {"subnet": f"{NETWORKS}/a/subnets/s", "dns_zone": zone}}
    done = deploy(program, stack(SHOP, vault=vault))
    assert done.of_type(":PrivateZone") == done.of_type(":VirtualNetworkLink") == []
    (group,) = done.of_type(":PrivateDnsZoneGroup")
    assert group.inputs["privateDnsZoneConfigs"][0]["privateDnsZoneId"] == zone


def test_a_lock_is_made_after_every_role_assignment_so_that_it_goes_before_them(deploy: Deploy):
    done = deploy(program, stack(SHOP, vault={"name": "kv-a", "lock": True}))
    (lock,) = done.of_type(":ManagementLockByScope")
    assert {one.urn for one in done.of_type(":RoleAssignment")} <= set(lock.after)


def test_a_lock_is_made_after_the_roles_of_a_shared_application_too(deploy: Deploy):
    done = deploy(program, stack({"path": "acme/a", **SHARED}, vault={"name": "kv-a", "lock": True}))
    (assignment,) = done.of_type(":RoleAssignment")
    assert assignment.urn in done.one("secrets-lock-lock").after


def test_warnings_are_shown_and_stop_nothing(deploy: Deploy, caplog: pytest.LogCaptureFixture):
    sources = {**SHOP, "role": "Key Vault Reader", "project_id": 7, "trust": [{"merge_request": "feature/x"}]}
    assert deploy(program, stack(sources)).exports["projects"]
    assert "acme/shop: the role 'Key Vault Reader' reads no secret's value" in caplog.text
    assert "push" in caplog.text


def test_a_sub_that_is_going_to_change_is_told_with_what_it_is_made_of_now(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("GITLAB_TOKEN", "a-token")
    deploy(program, stack(SHOP, environment_scope="production"))
    assert (
        "acme/shop: its tokens' sub is made of project_path and will be of project_path, ref_type, ref." in caplog.text
    )
    caplog.clear()
    every = "claims['sub'] eq 'project_path:acme/shop' and claims['project_id'] eq '4242'"
    trust = [{"expression": every, "allow_broad": True, "reason": "a test"}]
    same = {**SHOP, "sub_components": ["project_path"], "trust": trust}
    deploy(program, stack(same, environment_scope="production"))
    assert "will be of" not in caplog.text


def test_with_an_environment_the_project_gets_its_variables_and_then_its_subject(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GITLAB_TOKEN", "a-token")
    wanted = {**SHOP, "sub_components": ["project_id", "ref_type", "ref"], "trust": [{"branch": "release/*"}]}
    done = deploy(program, stack(wanted, environment_scope="production"))
    variables = {one.inputs["key"]: one.inputs for one in done.of_type(":ProjectVariable")}
    shop = done.exports["projects"]["acme/shop"]
    assert {key: one["value"] for key, one in variables.items()} == {
        "AZURE_CLIENT_ID": shop["client_id"],
        "AZURE_TENANT_ID": shop["tenant_id"],
        "AZURE_KEY_VAULT_SERVER_URL": shop["vault_url"],
    }
    assert {(one["project"], one["environmentScope"]) for one in variables.values()} == {("4242", "production")}
    (setting,) = done.of_type(":SubClaimComponents")
    assert setting.inputs["components"] == ["project_id", "ref_type", "ref"]
    (credential,) = done.of_type(":ApplicationFlexibleFederatedIdentityCredential")
    assert "claims['project_id'] eq '4242'" in credential.inputs["claimsMatchingExpression"]
    assert credential.urn in setting.after
    assert shop["gitlab_commands"] == ""
    assert yaml.safe_load(shop["gitlab_ci"])["read-secrets"]["environment"] == {"name": "production"}


@pytest.mark.parametrize("identity", ["application", "shared", "managed"])
def test_the_variables_send_jobs_to_an_identity_when_it_has_its_credentials_and_roles(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, identity: str
):
    monkeypatch.setenv("GITLAB_TOKEN", "a-token")
    done = deploy(program, stack({**SHOP, "identity": identity}, environment_scope="production"))
    credentials = [one for one in done.resources if one.type.endswith("FederatedIdentityCredential")]
    ready = {one.urn for one in (*credentials, *done.of_type(":RoleAssignment"))}
    assert len(ready) == 2
    variables = done.of_type(":ProjectVariable")
    assert len(variables) == 3
    assert all(ready <= set(one.after) for one in variables)


def test_without_an_environment_the_commands_to_run_by_hand_are_an_output(deploy: Deploy):
    commands = deploy(program, stack(SHOP)).exports["projects"]["acme/shop"]["gitlab_commands"]
    assert commands.count("glab variable set AZURE_") == 3
    assert "ci_id_token_sub_claim_components[]=project_path" in commands


def test_a_project_that_gitlab_knows_by_another_number_is_refused(deploy: Deploy, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITLAB_TOKEN", "a-token")
    with pytest.raises(pulumi.RunError, match=r"(?s)projects\[0\]\.project_id.*acme/shop is 4242 in GitLab, not 7"):
        deploy(program, stack({**SHOP, "project_id": 7}, environment_scope="production"))


def test_too_many_credentials_on_the_way_are_refused_before_anything_is_created(
    deploy: Deploy, azure: Callable[[str], dict[str, Any]]
):
    kind = "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
    state = {
        f"urn:pulumi:test::gitlab-keyvault::{kind}::acme-shop-identity-tag-{number}": {
            "type": kind,
            "outputs": {"displayName": f"tag-{number}"},
        }
        for number in range(20)
    }

    def answer(token: str) -> dict[str, Any]:
        return {"outputs": state} if token == "pulumi:pulumi:readStackResourceOutputs" else azure(token)

    with pytest.raises(pulumi.RunError, match="acme-shop-identity: too many federated credentials on the way"):
        deploy(program, projects("acme/shop"), call=answer)
    assert not deploy.last.of_type(":Vault")
    # A managed identity in the application's place is another one, with room for twenty of its own.
    assert deploy(program, stack({**SHOP, "identity": "managed"}), call=answer).of_type(":Vault")
