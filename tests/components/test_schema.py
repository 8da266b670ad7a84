"""The components as Pulumi serves them to programs in other languages."""

import pytest
from pulumi.provider.experimental.analyzer import Analyzer, ComponentDefinition

from components.access import SecretsAccess
from components.identity import GitLabIdentity
from components.onboarding import Onboarding
from components.vault import SecretsVault

COMPONENTS = [GitLabIdentity, Onboarding, SecretsAccess, SecretsVault]


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


def test_the_schema_asks_for_all_that_onboards_a_project(definitions: dict[str, ComponentDefinition]):
    inputs = definitions["Onboarding"].inputs
    assert set(inputs) == {
        "displayName", "issuer", "audience", "subjects", "tenantId", "vaultId", "vaultUrl", "access", "secrets",
    }  # fmt: skip
    assert not any(value.optional for value in inputs.values())
