"""What each component asks Azure and Entra for."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.access import SecretsAccess
from components.identity.application import GitLabIdentity
from components.identity.managed import ManagedIdentity
from components.onboarding import Onboarding
from components.vault.adopted import AdoptedVault
from components.vault.diagnostics import VaultDiagnostics
from components.vault.endpoint import PrivateVaultZone, VaultEndpoint
from components.vault.lock import VaultLock
from components.vault.vault import SecretsVault

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
VAULT = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub"
SUBJECTS = ["project_path:acme/shop:ref_type:branch:ref:main", "project_path:acme/shop:ref_type:tag:ref:v1.0.0"]
EXPRESSION = "claims['sub'] matches 'project_path:acme/shop:*' and claims['project_id'] eq '7'"
Deploy = Any  # the played engine of conftest.py


def identity() -> GitLabIdentity:
    return GitLabIdentity(
        "shop",
        {
            "display_name": "GitLab acme/shop",
            "issuer": "https://gitlab.com",
            "audience": "api://x",
            "owner_id": "who-deploys",
            "credentials": [
                {"name": "main", "subject": SUBJECTS[0]},
                {"name": "v1", "subject": SUBJECTS[1], "description": "the release"},
                {"name": "any", "expression": EXPRESSION, "description": "asked for by the team"},
            ],
        },
    )


def managed() -> ManagedIdentity:
    return ManagedIdentity(
        "infra",
        {
            "identity_name": "gitlab-infra",
            "location": "westeurope",
            "resource_group": "rg",
            "issuer": "https://gitlab.com",
            "audience": "api://x",
            "credentials": [{"name": name, "subject": name * 3} for name in "abc"],
            "tags": {"owner": "platform"},
        },
    )


def access(kind: str, secrets: list[str], **more: Any) -> SecretsAccess:
    args: Any = {"principal_id": "p", "vault_id": VAULT, "access": kind, "secrets": secrets, **more}
    return SecretsAccess("shop", args)


def onboarding() -> Onboarding:
    return Onboarding(
        "shop",
        {
            "client_id": "c",
            "principal_id": "p",
            "issuer": "https://gitlab.com",
            "audience": "https://gitlab.com",
            "credentials": [{"name": "main", "subject": SUBJECTS[0]}, {"name": "any", "expression": EXPRESSION}],
            "tenant_id": "t",
            "vault_id": VAULT,
            "vault_url": "https://kv.vault.azure.net/",
            "access": "secrets",
            "role": "Key Vault Secrets Officer",
            "condition": "@Resource[x] StringEquals 'y'",
            "gitlab_url": "https://gitlab.com",
            "project_path": "acme/shop",
            "sub_components": ["project_path", "ref_type", "ref"],
            "secrets": {"KEY": {"name": "shop-key"}, "OLD_KEY": {"name": "shop-key", "version": "0" * 32}},
        },
    )


def test_an_identity_trusts_each_subject_exactly_and_each_expression_as_it_stands(deploy: Deploy):
    done = deploy(identity)
    (application,) = done.of_type(":Application")
    assert application.inputs == {
        "displayName": "GitLab acme/shop",
        "signInAudience": "AzureADMyOrg",
        "owners": ["who-deploys"],
    }
    main, release = done.of_type(":ApplicationFederatedIdentityCredential")
    assert (main.name, main.inputs["displayName"], main.inputs["subject"]) == ("shop-main", "main", SUBJECTS[0])
    assert "description" not in main.inputs
    assert (release.inputs["subject"], release.inputs["description"]) == (SUBJECTS[1], "the release")
    assert {(one.inputs["issuer"], *one.inputs["audiences"]) for one in (main, release)} == {
        ("https://gitlab.com", "api://x")
    }
    (flexible,) = done.of_type(":ApplicationFlexibleFederatedIdentityCredential")
    assert flexible.inputs == {
        "applicationId": main.inputs["applicationId"],
        "displayName": "any",
        "description": "asked for by the team",
        "issuer": "https://gitlab.com",
        "audience": "api://x",
        "claimsMatchingExpression": EXPRESSION,
    }
    assert main.inputs["applicationId"].startswith("/applications/")


def test_an_identitys_principal_and_credentials_belong_to_its_application(deploy: Deploy):
    done = deploy(identity)
    application = done.one("shop-application")
    assert application.parent == done.one("shop").urn
    children = [resource for resource in done.resources if resource.parent == application.urn]
    assert len(children) == 4
    assert done.one("shop-principal").inputs == {
        "clientId": "client-of-shop-application",
        "owners": ["who-deploys"],
    }


def test_a_managed_identity_has_a_credential_for_each_subject(deploy: Deploy):
    done = deploy(managed)
    inputs = done.one("infra-identity").inputs
    assert (inputs["resourceName"], inputs["location"], inputs["tags"]) == (
        "gitlab-infra",
        "westeurope",
        {"owner": "platform"},
    )
    assert done.one("infra-b").inputs == {
        "federatedIdentityCredentialResourceName": "b",
        "resourceName": "gitlab-infra",
        "resourceGroupName": "rg",
        "issuer": "https://gitlab.com",
        "audiences": ["api://x"],
        "subject": "bbb",
    }


def test_a_managed_identitys_credentials_are_written_one_after_another(deploy: Deploy):
    done = deploy(managed)
    first, second, third = done.of_type(":FederatedIdentityCredential")
    assert {first.urn, second.urn} < set(third.after)
    assert first.urn in second.after
    assert not {second.urn, third.urn} & set(first.after)


def test_a_managed_identity_takes_no_expression(deploy: Deploy):
    args: Any = {
        "identity_name": "x", "location": "x", "resource_group": "rg", "issuer": "i", "audience": "a",
        "credentials": [{"name": "any", "expression": EXPRESSION}],
    }  # fmt: skip
    with pytest.raises(ValueError, match="any of infra has no subject"):
        deploy(lambda: ManagedIdentity("infra", args))


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
        assert not assignment.inputs.keys() & {"condition", "conditionVersion"}
    assert len({assignment.inputs["roleAssignmentName"] for assignment in assignments}) == 2


def test_access_to_the_vault_is_one_assignment_at_the_vault(deploy: Deploy):
    (assignment,) = deploy(lambda: access("vault", ["a", "b"])).of_type(":RoleAssignment")
    assert (assignment.name, assignment.inputs["scope"]) == ("shop-vault", VAULT)


def test_another_role_and_a_condition_are_given_as_they_are_named(deploy: Deploy):
    def narrowed() -> SecretsAccess:
        return access("vault", [], role="Key Vault Certificate User", condition="@Request[a] BoolEquals true")

    (assignment,) = deploy(narrowed).of_type(":RoleAssignment")
    assert assignment.inputs["roleDefinitionId"].endswith("/db79e9a7-68ee-4b58-9aeb-b90e7c24fcba")
    assert assignment.inputs["condition"] == "@Request[a] BoolEquals true"
    assert assignment.inputs["conditionVersion"] == "2.0"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"access": "subscription"}, "write 'secrets' or 'vault'. A job that is taken over"),
        ({"access": "resource_group"}, "no role is given at a resource group or subscription"),
        ({"vault_id": SUBSCRIPTION}, "roles are given at a vault or at its secrets, but '/subscriptions/"),
        ({"vault_id": f"{SUBSCRIPTION}/resourceGroups/rg"}, "something of type resourceGroups"),
        ({"role": "Owner"}, "the role of shop: 'Owner' manages everything"),
    ],
)
def test_a_wider_scope_or_role_is_refused_by_the_component_itself(deploy: Deploy, change: dict[str, str], problem: str):
    args: Any = {"principal_id": "p", "vault_id": VAULT, "access": "vault", "secrets": ["a"], **change}
    with pytest.raises(ValueError, match=problem):
        deploy(lambda: SecretsAccess("shop", args))
    assert deploy.last.of_type(":RoleAssignment") == []


def test_an_onboarding_gives_the_principal_a_role_on_the_secrets_that_its_jobs_read(deploy: Deploy):
    done = deploy(onboarding)
    (assignment,) = done.of_type(":RoleAssignment")
    assert assignment.inputs["principalId"] == "p"
    assert assignment.inputs["scope"] == f"{VAULT}/secrets/shop-key"
    assert assignment.inputs["roleDefinitionId"].endswith("/b86a8fe4-44ce-4948-aee5-eccb2c155cd7")
    assert assignment.inputs["condition"] == "@Resource[x] StringEquals 'y'"
    assert done.one("shop-access").parent == done.one("shop").urn
    outputs = done.outputs("shop")
    assert outputs["subjects"] == SUBJECTS[:1]
    assert outputs["may_read"] == [f"{VAULT}/secrets/shop-key"]
    assert outputs["credentials"][1] == {"name": "any", "expression": EXPRESSION}


def vault() -> SecretsVault:
    return SecretsVault(
        "secrets",
        {
            "tenant_id": "t",
            "location": "westeurope",
            "resource_group": "rg",
            "vault_name": "kv",
            "retention_days": 30,
            "purge_protection": True,
        },
    )


COMPONENTS: list[tuple[Callable[[], pulumi.ComponentResource], str]] = [
    (identity, "shop"),
    (managed, "infra"),
    (lambda: access("vault", []), "shop"),
    (onboarding, "shop"),
    (vault, "secrets"),
    (lambda: AdoptedVault("old", {"vault_id": VAULT}), "old"),
    (lambda: VaultLock("l", {"vault_id": VAULT}), "l"),
    (lambda: VaultDiagnostics("d", {"vault_id": VAULT, "workspace_id": "w"}), "d"),
    (lambda: PrivateVaultZone("z", {"zone": "privatelink", "resource_group": "rg", "networks": [NETWORK]}), "z"),
    (
        lambda: VaultEndpoint(
            "e",
            {
                "vault_id": VAULT,
                "vault_name": "kv",
                "location": "westeurope",
                "resource_group": "rg",
                "subnet_id": f"{NETWORK}/subnets/s",
                "zone_id": "z",
            },
        ),
        "e",
    ),
]


@pytest.mark.parametrize(("component", "name"), COMPONENTS)
def test_a_component_registers_exactly_the_outputs_it_declares(
    deploy: Deploy, component: Callable[[], pulumi.ComponentResource], name: str
):
    kinds: list[type] = []
    done = deploy(lambda: kinds.append(type(component())))
    (kind,) = kinds
    assert done.one(name).type == f"gitlab-keyvault:index:{kind.__name__}"
    assert set(done.outputs(name)) == set(kind.__annotations__)
    assert all(done.outputs(name).values())
