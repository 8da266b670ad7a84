"""What `pulumi up` builds from a stack's configuration: its vaults, and the onboarding of each GitLab project."""

import os

import pulumi

from components.account import signed_in
from components.clouds import cloud
from components.config import load, plans
from components.names import resource_name
from components.onboarding import Onboarding
from components.preflight.look_ahead import look_ahead
from components.preflight.turnover import require_room
from components.roles import role_warning
from components.stack.identities import Identity, credential_args, identity_name, make_identity
from components.stack.vaults import STACK_VAULT, Place, add_belongings, key_of_vault, lock, make_vaults, resource_group
from components.trust.stack import identity_key, with_project_ids

settings = load()
account = signed_in()
azure = cloud(pulumi.Config("azure-native").get("environment") or os.environ.get("ARM_ENVIRONMENT"))
gitlab = None
if settings.environment_scope:
    from components.stack.gitlab import connected

    gitlab = connected(settings)
    settings = with_project_ids(settings, gitlab.ids)
deleted = look_ahead(settings, account, azure)
planned = plans(settings)
require_room(
    {identity_name(one): [each.name for each in planned[identity_key(one)].credentials] for one in settings.projects}
)
for warning in [
    *(warning for plan in planned.values() for warning in plan.warnings),
    *(f"{one.path}: {role_warning(one.role)}" for one in settings.projects if role_warning(one.role)),
]:
    pulumi.warn(warning)

place = Place(account.tenant_id, settings.location, resource_group(settings), dict(settings.tags), account.object_id)
vaults = make_vaults(settings, place, deleted)
add_belongings(vaults, place, azure.vault_zone)

identities: dict[str, Identity] = {}
onboardings: dict[str, Onboarding] = {}
for project in settings.projects:
    key = identity_key(project)
    credentials = credential_args(planned[key].credentials)
    if key not in identities:
        identities[key] = make_identity(project, credentials, settings, place)
    vault = vaults[key_of_vault(project)].component
    onboardings[project.path] = Onboarding(
        resource_name(project.path),
        {
            "client_id": identities[key].client_id,
            "principal_id": identities[key].principal_id,
            "issuer": settings.issuer,
            "audience": settings.audience,
            "credentials": credentials,
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
        },
    )
    if gitlab:
        gitlab.write(settings, project, onboardings[project.path], identities[key])
lock(vaults, [*onboardings.values()])

pulumi.export("tenant_id", account.tenant_id)
pulumi.export("resource_group", place.resource_group)
if STACK_VAULT in vaults:
    pulumi.export("vault_url", vaults[STACK_VAULT].component.vault_url)
    pulumi.export("vault_id", vaults[STACK_VAULT].component.vault_id)
pulumi.export(
    "projects",
    {
        project.path: {
            **onboardings[project.path].outputs(),
            "sub_components": [*project.sub_components],
            "identity": project.identity,
            "role": project.role,
        }
        for project in settings.projects
    },
)
