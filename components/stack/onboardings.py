"""The onboarding of each GitLab project of a stack: what its identity may read, and what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.names import resource_name
from components.onboarding import Onboarding, OnboardingArgs
from components.stack.identities import credential_args
from components.stack.shared import all_scopes
from components.stack.vaults import key_of_vault
from components.trust.stack import SHARED, identity_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.access import SecretsAccess
    from components.settings.stack import ProjectSettings, Settings
    from components.stack.identities import Identity
    from components.stack.vaults import MadeVault
    from components.trust.planning import Plan

__all__ = ["exported", "make_onboardings"]


def make_onboardings(
    settings: Settings,
    planned: Mapping[str, Plan],
    identities: Mapping[str, Identity],
    vaults: Mapping[str, MadeVault],
    shared: Sequence[SecretsAccess],
) -> dict[str, Onboarding]:
    """Give each project's identity its role on the project's vault or secrets; by the projects' paths.

    `planned` and `identities` are by the identities' keys, `vaults` by the names of their components. The identity that
    projects share has its roles already, from `shared`.
    """
    return {one.path: _onboarding(one, settings, planned, identities, vaults, shared) for one in settings.projects}


def _onboarding(
    project: ProjectSettings,
    settings: Settings,
    planned: Mapping[str, Plan],
    identities: Mapping[str, Identity],
    vaults: Mapping[str, MadeVault],
    shared: Sequence[SecretsAccess],
) -> Onboarding:
    identity = identities[identity_key(project)]
    vault = vaults[key_of_vault(project)].component
    args: OnboardingArgs = {
        "client_id": identity.client_id,
        "principal_id": identity.principal_id,
        "issuer": settings.issuer,
        "audience": settings.audience,
        "credentials": credential_args(planned[identity_key(project)].credentials),
        "tenant_id": vault.tenant_id,
        "vault_id": vault.vault_id,
        "vault_url": vault.vault_url,
        "access": project.access,
        "role": project.role,
        "condition": project.condition,
        "secrets": {
            secret.variable: {"name": secret.name, "version": secret.version, "file": secret.file}
            for secret in project.secrets
        },
        "gitlab_url": settings.gitlab_url,
        "project_path": project.path,
        "sub_components": [*project.sub_components],
        "environment_scope": settings.environment_scope,
    }
    if identity_key(project) == SHARED:
        args["may_read"] = all_scopes(shared)
    return Onboarding(resource_name(project.path), args)


def exported(settings: Settings, onboardings: Mapping[str, Onboarding]) -> dict[str, dict[str, object]]:
    """Return the output `projects`: of each, by its path, the onboarding's outputs and what the stack says of it."""
    return {
        one.path: {
            **onboardings[one.path].outputs(),
            "sub_components": [*one.sub_components],
            "identity": one.identity,
            "role": one.role,
        }
        for one in settings.projects
    }
