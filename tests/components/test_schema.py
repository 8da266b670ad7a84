"""The components as Pulumi serves them to programs in other languages."""

import pytest
from pulumi.provider.experimental.analyzer import Analyzer, ComponentDefinition

from components.access import SecretsAccess
from components.identity.application import GitLabIdentity
from components.identity.managed import ManagedIdentity
from components.onboarding import Onboarding
from components.vault.adopted import AdoptedVault
from components.vault.diagnostics import VaultDiagnostics
from components.vault.endpoint import PrivateVaultZone, VaultEndpoint
from components.vault.lock import VaultLock
from components.vault.vault import SecretsVault

COMPONENTS = [
    AdoptedVault, GitLabIdentity, ManagedIdentity, Onboarding, PrivateVaultZone, SecretsAccess, SecretsVault,
    VaultDiagnostics, VaultEndpoint, VaultLock,
]  # fmt: skip


@pytest.fixture(scope="module")
def definitions() -> dict[str, ComponentDefinition]:
    return Analyzer("gitlab-keyvault").analyze([*COMPONENTS])["component_definitions"]


@pytest.mark.parametrize("name", [component.__name__ for component in COMPONENTS])
def test_a_component_has_a_schema_in_which_everything_is_described(
    definitions: dict[str, ComponentDefinition], name: str
):
    definition = definitions[name]
    assert definition.description
    properties = {**definition.inputs, **definition.outputs}
    assert [key for key, value in properties.items() if not value.description] == []


def test_the_schema_asks_for_all_that_onboards_a_project_and_the_rest_is_optional(
    definitions: dict[str, ComponentDefinition],
):
    inputs = definitions["Onboarding"].inputs
    assert {name for name, value in inputs.items() if not value.optional} == {
        "clientId", "principalId", "issuer", "audience", "credentials", "tenantId", "vaultId", "vaultUrl", "access",
        "secrets", "gitlabUrl", "projectPath", "subComponents",
    }  # fmt: skip
    assert {name for name, value in inputs.items() if value.optional} == {
        "role",
        "condition",
        "mayRead",
        "environmentScope",
    }
