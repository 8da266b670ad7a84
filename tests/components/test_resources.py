"""What each component asks Azure and Entra for."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.access import SecretsAccess
from components.identity import GitLabIdentity
from components.onboarding import Onboarding
from components.vault import SecretsVault

VAULT = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"
TENANT = "22222222-2222-2222-2222-222222222222"
SUBJECTS = ["project_path:acme/shop:ref_type:branch:ref:main", "project_path:acme/shop:ref_type:tag:ref:v1.0.0"]
Deploy = Any  # the played engine of conftest.py


def identity() -> GitLabIdentity:
    return GitLabIdentity(
        "shop",
        {
            "display_name": "GitLab acme/shop",
            "issuer": "https://gitlab.com",
            "audience": "api://x",
            "subjects": SUBJECTS,
        },
    )


def vault(*, purge_protection: bool = True) -> SecretsVault:
    return SecretsVault(
        "secrets",
        {
            "tenant_id": TENANT,
            "location": "westeurope",
            "resource_group": "rg",
            "vault_name": "kv",
            "retention_days": 30,
            "purge_protection": purge_protection,
        },
    )


def access(kind: str, secrets: list[str]) -> SecretsAccess:
    return SecretsAccess("shop", {"principal_id": "p", "vault_id": VAULT, "access": kind, "secrets": secrets})


def onboarding() -> Onboarding:
    return Onboarding(
        "shop",
        {
            "display_name": "GitLab acme/shop",
            "issuer": "https://gitlab.com",
            "audience": "https://gitlab.com",
            "subjects": SUBJECTS,
            "tenant_id": "t",
            "vault_id": VAULT,
            "vault_url": "https://kv.vault.azure.net/",
            "access": "secrets",
            "secrets": {"KEY": {"name": "shop-key"}, "OLD_KEY": {"name": "shop-key", "version": "0" * 32}},
        },
    )


def test_an_identity_trusts_each_subject_exactly_and_nothing_else(deploy: Deploy):
    done = deploy(identity)
    (application,) = done.of_type(":Application")
    credentials = done.of_type(":ApplicationFederatedIdentityCredential")
    assert application.inputs == {"displayName": "GitLab acme/shop", "signInAudience": "AzureADMyOrg"}
    assert sorted(credential.inputs["subject"] for credential in credentials) == SUBJECTS
    for credential in credentials:
        assert credential.inputs["issuer"] == "https://gitlab.com"
        assert credential.inputs["audiences"] == ["api://x"]
        assert credential.inputs["applicationId"].startswith("/applications/")
        assert credential.name == f"shop-{credential.inputs['displayName']}"


def test_an_identitys_principal_and_credentials_belong_to_its_application(deploy: Deploy):
    done = deploy(identity)
    application = done.one("shop-application")
    assert application.parent == done.one("shop").urn
    children = [resource for resource in done.resources if resource.parent == application.urn]
    assert len(children) == 3
    assert done.one("shop-principal").inputs == {"clientId": "client-of-shop-application"}


def test_a_vault_asks_azure_roles_and_keeps_what_is_deleted(deploy: Deploy):
    done = deploy(vault)
    assert done.one("secrets-group").inputs == {"resourceGroupName": "rg", "location": "westeurope"}
    inputs = done.one("secrets-vault").inputs
    properties = inputs["properties"]
    assert (inputs["vaultName"], inputs["resourceGroupName"], inputs["location"]) == ("kv", "rg", "westeurope")
    assert properties["tenantId"] == "22222222-2222-2222-2222-222222222222"
    assert properties["sku"] == {"family": "A", "name": "standard"}
    assert properties["enableRbacAuthorization"] is True
    assert properties["accessPolicies"] == []
    assert properties["enableSoftDelete"] is True
    assert properties["softDeleteRetentionInDays"] == 30
    assert properties["enablePurgeProtection"] is True


def test_a_vault_without_purge_protection_does_not_send_the_property(deploy: Deploy):
    done = deploy(lambda: vault(purge_protection=False))
    assert "enablePurgeProtection" not in done.one("secrets-vault").inputs["properties"]


def test_access_to_secrets_is_one_assignment_a_secret_whatever_its_spelling(deploy: Deploy):
    done = deploy(lambda: access("secrets", ["shop-key", "Other", "SHOP-KEY"]))
    assignments = done.of_type(":RoleAssignment")
    assert {assignment.name: assignment.inputs["scope"] for assignment in assignments} == {
        "shop-secret-shop-key": f"{VAULT}/secrets/shop-key",
        "shop-secret-other": f"{VAULT}/secrets/other",
    }
    for assignment in assignments:
        assert assignment.parent == done.one("shop").urn
        assert assignment.inputs["principalId"] == "p"
        assert assignment.inputs["principalType"] == "ServicePrincipal"
        assert assignment.inputs["roleDefinitionId"].endswith("/4633458b-17de-408a-b874-0445c86b69e6")
    assert len({assignment.inputs["roleAssignmentName"] for assignment in assignments}) == 2


def test_access_to_the_vault_is_one_assignment_at_the_vault(deploy: Deploy):
    (assignment,) = deploy(lambda: access("vault", ["a", "b"])).of_type(":RoleAssignment")
    assert (assignment.name, assignment.inputs["scope"]) == ("shop-vault", VAULT)


def test_another_kind_of_access_is_refused(deploy: Deploy):
    with pytest.raises(ValueError, match="write 'secrets' or 'vault'"):
        deploy(lambda: access("subscription", ["a"]))


def test_an_onboarding_gives_its_own_principal_a_role_on_the_secrets_that_its_jobs_read(deploy: Deploy):
    done = deploy(onboarding)
    (assignment,) = done.of_type(":RoleAssignment")
    assert assignment.inputs["principalId"] == "principal-of-shop-identity-principal"
    assert assignment.inputs["scope"] == f"{VAULT}/secrets/shop-key"
    assert {done.one("shop-identity").parent, done.one("shop-access").parent} == {done.one("shop").urn}


@pytest.mark.parametrize(
    ("component", "name"),
    [(identity, "shop"), (vault, "secrets"), (lambda: access("vault", []), "shop"), (onboarding, "shop")],
    ids=["GitLabIdentity", "SecretsVault", "SecretsAccess", "Onboarding"],
)
def test_a_component_registers_exactly_the_outputs_it_declares(
    deploy: Deploy, component: Callable[[], pulumi.ComponentResource], name: str
):
    kinds: list[type] = []
    done = deploy(lambda: kinds.append(type(component())))
    (kind,) = kinds
    assert done.one(name).type == f"gitlab-keyvault:index:{kind.__name__}"
    assert set(done.outputs(name)) == set(kind.__annotations__)
    assert all(done.outputs(name).values())
