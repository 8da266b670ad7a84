"""What is found in Azure before anything is created, and how it is told."""

from __future__ import annotations

import http.server
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from components.account import Account
from components.clouds import cloud
from components.preflight.arm import Answer, UnreachableError, reader
from components.preflight.look_ahead import Survey, survey
from components.preflight.obstacles import report
from components.stack.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.preflight.state import State
    from components.settings.stack import Settings

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
OTHER = "/subscriptions/33333333-3333-3333-3333-333333333333"
ACCOUNT = Account("22222222-2222-2222-2222-222222222222", SUBSCRIPTION.split("/")[2], "me")
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-old"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
PERMISSIONS = "/providers/Microsoft.Authorization/permissions"
DELETED = f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-new"
NOT_FOUND = Answer(404, {"error": {"code": "ResourceNotFound", "message": "The Resource was not found."}})
EVERYTHING = Answer(200, {"value": [{"actions": ["*"], "notActions": []}]})
RBAC: dict[str, Any] = {"enableRbacAuthorization": True, "tenantId": ACCOUNT.tenant_id}
HUB: dict[str, Any] = {
    "location": "westeurope",
    "properties": {
        "subnets": [{"name": "Runners", "properties": {"serviceEndpoints": [{"service": "Microsoft.KeyVault"}]}}]
    },
}


def stack(vault: dict[str, Any], group: str = "rg", /, **project: Any) -> Settings:
    return parse(
        {
            "location": "westeurope",
            "resource_group": group,
            "vault": vault,
            "projects": [{"path": "acme/shop", "secrets": {"KEY": "key"}, **project}],
        }
    )


def look(settings: Settings, known: dict[str, Answer], state: State | None = None) -> Survey:
    """Survey an Azure that knows these paths, and lets the account do everything unless they say otherwise."""

    def get(path: str, api_version: str) -> Answer:
        assert api_version
        return known.get(path, EVERYTHING if path.endswith(PERMISSIONS) else NOT_FOUND)

    return survey(settings, ACCOUNT, get, state or {})


def found(settings: Settings, known: dict[str, Answer]) -> str:
    (obstacle,) = look(settings, known).obstacles
    return str(obstacle)


def test_nothing_stands_in_the_way_of_a_new_vault_in_a_subscription_of_ones_own():
    assert look(stack({"name": "kv-new"}), {}) == Survey((), frozenset())


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (stack({"id": VAULT}), "vault.id: there is no such vault"),
        (stack({"name": "kv-new"}, GROUP), "resource_group: there is no such resource group"),
        (
            stack({"name": "kv-new", "diagnostics": {"workspace": WORKSPACE}}),
            "vault.diagnostics.workspace: there is no",
        ),
        (
            stack({"name": "kv-new", "private_endpoint": {"subnet": f"{NETWORK}/subnets/runners"}}),
            "vault.private_endpoint.subnet: there is no such virtual network",
        ),
        (
            stack({"name": "kv-new", "network": {"allowed_subnets": [f"{NETWORK}/subnets/runners"]}}),
            "vault.network.allowed_subnets[0]: there is no such virtual network",
        ),
        (
            stack({"name": "kv-new"}, vault={"id": VAULT}),
            "projects[0].vault.id: there is no such vault",
        ),
    ],
)
def test_what_azure_does_not_know_is_told_under_its_key_in_azures_words(settings: Settings, key: str):
    text = found(settings, {})
    assert text.startswith(f"gitlab-keyvault:{key}")
    assert "problem: HTTP 404 ResourceNotFound: The Resource was not found." in text
    assert "mend:    correct the id, or look whether it is there: az resource show --ids /subscriptions/" in text


def test_what_may_not_be_read_is_told_with_the_role_that_is_missing():
    forbidden = Answer(403, {"error": {"code": "AuthorizationFailed", "message": "The client 'x' does not have…"}})
    text = found(stack({"name": "kv-new", "diagnostics": {"workspace": WORKSPACE}}), {WORKSPACE: forbidden})
    assert "HTTP 403 AuthorizationFailed: The client 'x' does not have" in text
    assert f"az role assignment create --assignee me --role 'Log Analytics Contributor' --scope {WORKSPACE}" in text


def test_an_adopted_vault_in_rbac_mode_stands_in_nobodys_way():
    assert look(stack({"id": VAULT}), {VAULT: Answer(200, {"properties": RBAC})}).obstacles == ()


def test_an_adopted_vault_in_access_policy_mode_is_told_with_the_way_to_roles():
    policies = Answer(200, {"properties": {"tenantId": ACCOUNT.tenant_id}})
    text = found(stack({"id": VAULT}), {VAULT: policies})
    assert "gitlab-keyvault:vault.id: the vault is in access-policy mode" in text
    assert "az keyvault show --name kv-old --query properties.accessPolicies\n" in text
    assert "az keyvault update --name kv-old --enable-rbac-authorization true" in text


def test_a_vault_of_another_tenant_is_told():
    text = found(stack({"id": VAULT}), {VAULT: Answer(200, {"properties": {**RBAC, "tenantId": "other"}})})
    assert "the vault trusts another tenant" in text


def test_a_vault_in_another_subscription_is_told_with_the_setting_that_leads_there():
    elsewhere = VAULT.replace(SUBSCRIPTION, OTHER)
    text = found(stack({"id": elsewhere}), {elsewhere: Answer(200, {"properties": RBAC})})
    assert "the vault lies in another subscription" in text
    assert f"pulumi config set azure-native:subscriptionId {OTHER.split('/')[2]}" in text


def test_a_subnet_that_its_network_does_not_have_is_told_with_those_that_it_has():
    wanted = stack({"name": "kv-new", "private_endpoint": {"subnet": f"{NETWORK}/subnets/jobs", "dns_zone": ZONE}})
    text = found(wanted, {NETWORK: Answer(200, HUB), ZONE: Answer(200, {})})
    assert "the network has no subnet 'jobs'" in text
    assert "hub has the subnets: runners" in text


def test_an_endpoint_in_another_region_than_its_network_is_told():
    wanted = stack({"name": "kv-new", "private_endpoint": {"subnet": f"{NETWORK}/subnets/runners"}})
    text = found(wanted, {NETWORK: Answer(200, {**HUB, "location": "northeurope"})})
    assert "the network lies in northeurope, and the stack in westeurope" in text


def test_an_allowed_subnet_without_the_service_endpoint_is_told_with_the_command_that_makes_it():
    bare: dict[str, Any] = {"properties": {"subnets": [{"name": "runners", "properties": {}}]}}
    wanted = stack({"name": "kv-new", "network": {"allowed_subnets": [f"{NETWORK}/subnets/runners"]}})
    assert f"--ids {NETWORK}/subnets/runners --service-endpoints Microsoft.KeyVault" in found(
        wanted, {NETWORK: Answer(200, bare)}
    )
    assert look(wanted, {NETWORK: Answer(200, HUB)}).obstacles == ()


CONTRIBUTOR = Answer(200, {"value": [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}]})
NO_GROUP = Answer(404, {"error": {"code": "ResourceGroupNotFound", "message": "Resource group 'rg' …"}})


def test_who_may_not_assign_roles_is_told_the_role_and_the_scope_where_the_group_will_be():
    text = found(
        stack({"name": "kv-new"}),
        {f"{GROUP}{PERMISSIONS}": NO_GROUP, f"{SUBSCRIPTION}{PERMISSIONS}": CONTRIBUTOR},
    )
    assert f"lacks permissions at {SUBSCRIPTION}\n" in text
    assert "no role of it there allows Microsoft.Authorization/roleAssignments/write" in text
    assert f"--assignee me --role 'Role Based Access Control Administrator' --scope {SUBSCRIPTION}" in text


def test_a_group_that_is_there_is_asked_itself():
    known = {f"{GROUP}{PERMISSIONS}": CONTRIBUTOR}
    assert f"lacks permissions at {GROUP}\n" in found(stack({"name": "kv-new"}), known)


def test_every_lacking_permission_comes_with_its_role():
    everything = {"name": "kv-new", "lock": True, "private_endpoint": {"subnet": f"{NETWORK}/subnets/runners"}}
    text = found(
        stack(everything, identity="managed"),
        {f"{GROUP}{PERMISSIONS}": Answer(200, {"value": []}), NETWORK: Answer(200, HUB)},
    )
    roles = ("Contributor", "Key Vault Contributor", "Role Based Access Control Administrator", "Locks Contributor",
             "Network Contributor", "Managed Identity Contributor")  # fmt: skip
    assert [role for role in roles if f"--role '{role}'" not in text] == []


def test_for_an_adopted_vault_only_the_right_to_assign_roles_at_it_is_needed():
    known = {VAULT: Answer(200, {"properties": RBAC}), f"{VAULT}{PERMISSIONS}": CONTRIBUTOR}
    text = found(stack({"id": VAULT}, GROUP), {**known, GROUP: Answer(200, {})})
    assert f"lacks permissions at {VAULT}\n" in text


@pytest.mark.parametrize("answer", [Answer(403, {}), Answer(500, {}), Answer(200, {"value": [], "nextLink": "more"})])
def test_permissions_that_azure_does_not_tell_stand_in_nobodys_way(answer: Answer):
    assert look(stack({"name": "kv-new"}), {f"{GROUP}{PERMISSIONS}": answer}).obstacles == ()


def test_a_deleted_vault_of_the_name_is_told_with_both_ways_out():
    text = found(stack({"name": "kv-new"}), {DELETED: Answer(200, {})})
    assert "gitlab-keyvault:vault.name: a deleted vault still holds the name 'kv-new'" in text
    assert "write `recover: true` beside the name" in text
    assert "or choose another name" in text


def test_a_deleted_vault_that_is_to_be_taken_back_is_found_and_stands_in_nobodys_way():
    assert look(stack({"name": "kv-new", "recover": True}), {DELETED: Answer(200, {})}) == Survey(
        (), frozenset({"kv-new"})
    )


NEW = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-new"


def test_a_vault_that_is_there_and_not_the_stacks_is_told_with_the_way_to_use_it():
    text = found(stack({"name": "kv-new"}), {NEW: Answer(200, {})})
    assert "gitlab-keyvault:vault.name: there is a vault of this name already, and this stack's state does" in text
    assert f"use it as it is, with `id: {NEW}`" in text


def test_a_vault_that_the_stack_has_made_stands_in_nobodys_way():
    state = {"urn": {"type": "azure-native:keyvault:Vault", "outputs": {"name": "KV-new"}}}
    assert look(stack({"name": "kv-new"}), {NEW: Answer(200, {})}, state).obstacles == ()


LOGS = {"name": "kv-new", "diagnostics": {"workspace": "logs"}}


def test_a_workspace_that_the_stack_left_behind_is_told_once_with_the_way_to_use_it():
    settings = stack(LOGS, vault={**LOGS, "name": "kv-own"})
    text = found(settings, {WORKSPACE: Answer(200, {})})
    assert "vault.diagnostics.workspace: there is a workspace of this name already, and this stack's state" in text
    assert f"use it as it is: write {WORKSPACE}\n" in text


def test_a_workspace_that_the_stack_has_made_or_is_told_to_use_stands_in_nobodys_way():
    state = {"urn": {"type": "azure-native:operationalinsights:Workspace", "outputs": {"name": "Logs"}}}
    assert look(stack(LOGS), {WORKSPACE: Answer(200, {})}, state).obstacles == ()
    adopted = stack({**LOGS, "diagnostics": {"workspace": WORKSPACE}})
    assert look(adopted, {WORKSPACE: Answer(200, {})}).obstacles == ()


@pytest.mark.parametrize("code", ["SubscriptionNotFound", "InvalidAuthenticationTokenTenant"])
def test_a_subscription_that_the_account_does_not_see_is_told_once_with_the_key_that_names_it(code: str):
    nowhere = Answer(404, {"error": {"code": code, "message": "It could not be found."}})
    text = found(
        stack({"name": "kv-new"}), dict.fromkeys((f"{GROUP}{PERMISSIONS}", f"{SUBSCRIPTION}{PERMISSIONS}"), nowhere)
    )
    assert f"problem: HTTP 404 {code}: It could not be found." in text
    assert (
        f"correct azure-native:subscriptionId in the stack's file (or ARM_SUBSCRIPTION_ID), now {SUBSCRIPTION[15:]}"
        in text
    )


def test_all_that_stands_in_the_way_is_told_at_once():
    wanted = stack({"name": "kv-new", "diagnostics": {"workspace": WORKSPACE}}, GROUP, vault={"id": VAULT})
    obstacles = look(wanted, {DELETED: Answer(200, {}), f"{GROUP}{PERMISSIONS}": CONTRIBUTOR}).obstacles
    text = report(obstacles)
    assert text.startswith("5 things stand in the way. Nothing was created or changed.\n\ngitlab-keyvault:")
    assert text.count("\n  problem: ") == text.count("\n  mend:    ") == 5


def test_an_azure_that_does_not_answer_is_told_apart_from_one_that_refuses():
    def get(_path: str, _version: str) -> Answer:
        raise UnreachableError("it does not answer")

    with pytest.raises(UnreachableError):
        survey(stack({"name": "kv-new"}), ACCOUNT, get, {})


@pytest.mark.parametrize(
    ("environment", "management"),
    [
        (None, "https://management.azure.com"),
        ("public", "https://management.azure.com"),
        ("usgovernment", "https://management.usgovcloudapi.net"),
        ("AzureUSGovernmentCloud", "https://management.usgovcloudapi.net"),
        ("AzureChinaCloud", "https://management.chinacloudapi.cn"),
    ],
)
def test_a_national_cloud_is_asked_at_its_own_address(environment: str | None, management: str):
    assert cloud(environment).management == management


@pytest.fixture
def played() -> Iterator[tuple[str, list[Any]]]:
    """A server on loopback that answers `/broken` with no JSON and redirects `/away`, and the requests it saw."""
    seen: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers["Authorization"]))
            path = self.path.partition("?")[0]
            self.send_response(302 if path == "/away" else 200)
            if path == "/away":
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(b"<html>" if path == "/broken" else json.dumps({"name": "x"}).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
            """Keep quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def test_azure_is_read_with_the_token_and_never_followed_elsewhere(
    played: tuple[str, list[Any]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    url, seen = played
    get = reader(url, "a-token")
    assert get("/thing", "2024-01-01") == Answer(200, {"name": "x"})
    assert get("/broken", "1") == Answer(200, {})
    assert get("/away", "1").status == 302
    assert [path for path, _ in seen] == [
        "/thing?api-version=2024-01-01",
        "/broken?api-version=1",
        "/away?api-version=1",
    ]
    assert {token for _, token in seen} == {"Bearer a-token"}


def test_nobody_at_the_address_is_said_without_the_token(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(UnreachableError, match=r"^https://management\.azure\.com does not answer \(ProxyError\)$"):
        reader("https://management.azure.com", "a-token")("/x", "1")
