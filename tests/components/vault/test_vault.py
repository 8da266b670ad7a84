"""What a vault and all that belongs to it asks Azure for."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.vault.adopted import AdoptedVault
from components.vault.diagnostics import VaultDiagnostics
from components.vault.endpoint import PrivateVaultZone, VaultEndpoint
from components.vault.lock import VaultLock
from components.vault.network import network_rules
from components.vault.vault import SecretsVault

if TYPE_CHECKING:
    from pulumi_azure_native import keyvault

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/Hub/subnets/runners"
Deploy = Any  # the played engine of conftest.py
Refusing = Callable[[str], Callable[[str], dict[str, Any]]]


def vault(opts: pulumi.ResourceOptions | None = None, **more: Any) -> SecretsVault:
    args: Any = {
        "tenant_id": "t",
        "location": "westeurope",
        "resource_group": "rg",
        "vault_name": "kv",
        "retention_days": 30,
        "purge_protection": True,
        **more,
    }
    return SecretsVault("secrets", args, opts)


def test_a_vault_asks_azure_roles_and_keeps_what_is_deleted(deploy: Deploy):
    inputs = deploy(vault).one("secrets-vault").inputs
    properties = inputs["properties"]
    assert (inputs["vaultName"], inputs["resourceGroupName"], inputs["location"]) == ("kv", "rg", "westeurope")
    assert properties == {
        "tenantId": "t",
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
        "accessPolicies": [],
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 30,
        "enablePurgeProtection": True,
        # Defaults of azure-native; they are here so that a new one is seen.
        "enabledForDeployment": False,
        "enabledForDiskEncryption": False,
        "enabledForTemplateDeployment": False,
        "publicNetworkAccess": "enabled",
    }


def test_a_vault_without_purge_protection_does_not_send_the_property(deploy: Deploy):
    done = deploy(lambda: vault(purge_protection=False))
    assert "enablePurgeProtection" not in done.one("secrets-vault").inputs["properties"]


def test_a_premium_vault_with_tags_says_both(deploy: Deploy):
    inputs = deploy(lambda: vault(sku="premium", tags={"owner": "platform"})).one("secrets-vault").inputs
    assert inputs["properties"]["sku"]["name"] == "premium"
    assert inputs["tags"] == {"owner": "platform"}


def test_a_vaults_firewall_denies_by_default_and_lets_no_service_of_microsofts_past(deploy: Deploy):
    network = {"allowed_ips": ["203.0.113.7"], "allowed_subnets": [SUBNET], "public_access": True}
    properties = deploy(lambda: vault(network=network)).one("secrets-vault").inputs["properties"]
    assert properties["networkAcls"] == {
        "bypass": "None",
        "defaultAction": "Deny",
        "ipRules": [{"value": "203.0.113.7/32"}],
        "virtualNetworkRules": [{"id": SUBNET.lower()}],
    }
    assert properties["publicNetworkAccess"] == "enabled"


def test_a_vault_without_public_access_has_no_public_address(deploy: Deploy):
    network: dict[str, Any] = {"allowed_ips": [], "allowed_subnets": [], "public_access": False}
    properties = deploy(lambda: vault(network=network)).one("secrets-vault").inputs["properties"]
    assert properties["publicNetworkAccess"] == "Disabled"
    assert properties["networkAcls"]["defaultAction"] == "Deny"


@given(st.lists(st.ip_addresses(v=4).map(str) | st.ip_addresses(v=4).map(lambda ip: f"{ip}/24")))
def test_the_rules_name_exactly_the_allowed_addresses_each_as_a_range(ips: list[str]):
    rules = network_rules({"allowed_ips": ips, "allowed_subnets": [], "public_access": True})
    values = [rule.value for rule in cast("list[keyvault.IPRuleArgs]", rules.ip_rules)]
    assert [str(value).removesuffix("/32") for value in values] == ips
    assert all("/" in str(value) for value in values)


def test_a_vault_that_is_taken_back_says_so_to_azure_and_otherwise_never(deploy: Deploy):
    assert deploy(lambda: vault(recover=True)).one("secrets-vault").inputs["properties"]["createMode"] == "recover"
    assert "createMode" not in deploy(lambda: vault(recover=False)).one("secrets-vault").inputs["properties"]


def test_a_vault_is_protected_or_retained_as_its_component_is(deploy: Deploy):
    protected = deploy(lambda: vault(pulumi.ResourceOptions(protect=True))).one("secrets-vault")
    assert (protected.protect, protected.retained) == (True, False)
    retained = deploy(lambda: vault(pulumi.ResourceOptions(retain_on_delete=True))).one("secrets-vault")
    assert (retained.protect, retained.retained) == (False, True)


def test_an_adopted_vault_is_read_and_nothing_of_it_is_registered(deploy: Deploy):
    done = deploy(lambda: AdoptedVault("old", {"vault_id": VAULT}))
    assert [one.type for one in done.resources] == ["pulumi:pulumi:Stack", "gitlab-keyvault:index:AdoptedVault"]
    assert done.outputs("old")["vault_url"] == "https://kv-old.vault.azure.net/"


def test_an_adopted_vault_in_access_policy_mode_is_refused_with_the_way_to_roles(deploy: Deploy):
    def policies(_token: str) -> dict[str, Any]:
        return {"id": VAULT, "properties": {"enableRbacAuthorization": False, "tenantId": "t"}}

    with pytest.raises(pulumi.RunError, match=r"(?s)access-policy mode.*--name kv --enable-rbac-authorization true"):
        deploy(lambda: AdoptedVault("old", {"vault_id": VAULT}), call=policies)


def test_an_adopted_vault_that_azure_does_not_show_is_refused_in_its_words(deploy: Deploy, refusing: Refusing):
    with pytest.raises(pulumi.RunError, match=r"(?s)cannot be read.*ResourceNotFound.*mend: correct the id"):
        deploy(lambda: AdoptedVault("old", {"vault_id": VAULT}), call=refusing("ResourceNotFound"))


def test_a_private_endpoint_leads_from_the_subnet_to_the_vault_and_into_the_zone(deploy: Deploy):
    done = deploy(
        lambda: VaultEndpoint(
            "kv",
            {
                "vault_id": VAULT,
                "vault_name": "kv",
                "location": "westeurope",
                "resource_group": "rg",
                "subnet_id": SUBNET,
                "zone_id": "zone",
                "tags": {"owner": "platform"},
            },
        )
    )
    inputs = done.one("kv-endpoint").inputs
    assert (inputs["privateEndpointName"], inputs["subnet"]["id"], inputs["tags"]) == (
        "pe-kv",
        SUBNET,
        {"owner": "platform"},
    )
    (connection,) = inputs["privateLinkServiceConnections"]
    assert connection == {"name": "kv", "privateLinkServiceId": VAULT, "groupIds": ["vault"]}
    group = done.one("kv-dns")
    assert group.inputs["privateDnsZoneConfigs"] == [{"name": "vault", "privateDnsZoneId": "zone"}]
    assert group.parent == done.one("kv-endpoint").urn


def test_a_private_zone_is_linked_to_each_network_without_registering_its_machines(deploy: Deploy):
    networks = [
        f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/hub" for group in "ab"
    ]
    zone = "privatelink.vaultcore.azure.net"
    done = deploy(lambda: PrivateVaultZone("private", {"zone": zone, "resource_group": "rg", "networks": networks}))
    inputs = done.one("private-zone").inputs
    assert (inputs["privateZoneName"], inputs["location"]) == (zone, "Global")
    links = done.of_type(":VirtualNetworkLink")
    assert sorted(link.inputs["virtualNetwork"]["id"] for link in links) == networks
    assert len({link.inputs["virtualNetworkLinkName"] for link in links}) == 2
    assert {link.inputs["registrationEnabled"] for link in links} == {False}


def test_diagnostics_send_every_access_and_all_metrics_to_the_workspace(deploy: Deploy):
    done = deploy(lambda: VaultDiagnostics("kv", {"vault_id": VAULT, "workspace_id": "workspace"}))
    assert done.one("kv-setting").inputs == {
        "name": "gitlab-keyvault",
        "resourceUri": VAULT,
        "workspaceId": "workspace",
        "logs": [{"category": "AuditEvent", "enabled": True}],
        "metrics": [{"category": "AllMetrics", "enabled": True}],
    }


def test_a_lock_forbids_deletion_and_is_made_after_all_that_it_depends_on(deploy: Deploy):
    def locked() -> None:
        first = vault()
        VaultLock("kv", {"vault_id": VAULT}, pulumi.ResourceOptions(depends_on=[first]))

    done = deploy(locked)
    lock = done.one("kv-lock")
    assert (lock.inputs["scope"], lock.inputs["level"]) == (VAULT, "CanNotDelete")
    assert done.one("secrets-vault").urn in lock.after
