"""What `pulumi up` builds from a stack's configuration: its vaults, and the onboarding of each GitLab project."""

import os

import pulumi

from components.account import signed_in
from components.clouds import cloud
from components.config import load, plans
from components.preflight.look_ahead import look_ahead
from components.preflight.state import stack_state
from components.preflight.turnover import require_room
from components.roles import role_warning
from components.stack.identities import identity_names, make_identities
from components.stack.onboardings import exported, make_onboardings
from components.stack.shared import share_access
from components.stack.vaults import STACK_VAULT, Place, add_belongings, lock, make_vaults, resource_group
from components.trust.stack import with_project_ids

settings = load()
account = signed_in()
azure = cloud(pulumi.Config("azure-native").get("environment") or os.environ.get("ARM_ENVIRONMENT"))
gitlab = None
if settings.environment_scope:
    from components.stack.gitlab import connected

    gitlab = connected(settings)
    settings = with_project_ids(settings, gitlab.ids)
state = stack_state()
deleted = look_ahead(settings, account, azure, state)
planned = plans(settings)
names = identity_names(settings)
require_room(
    {names[key]: [each.name for each in plan.credentials] for key, plan in planned.items()},
    {names[one.path] for one in settings.projects if one.identity == "managed"},
    state or {},
)
for warning in [
    *(warning for plan in planned.values() for warning in plan.warnings),
    *(f"{one.path}: {role_warning(one.role)}" for one in settings.projects if role_warning(one.role)),
]:
    pulumi.warn(warning)

place = Place(account.tenant_id, settings.location, resource_group(settings), dict(settings.tags), account.object_id)
vaults = make_vaults(settings, place, deleted)
add_belongings(vaults, place, azure.vault_zone)

identities = make_identities(settings, planned, place)
shared = share_access(settings, identities, vaults)
onboardings = make_onboardings(settings, planned, identities, vaults, shared)
if gitlab:
    gitlab.write(settings, onboardings, identities, shared)
lock(vaults, [*shared, *onboardings.values()])

pulumi.export("tenant_id", account.tenant_id)
pulumi.export("resource_group", place.resource_group)
if STACK_VAULT in vaults:
    pulumi.export("vault_url", vaults[STACK_VAULT].component.vault_url)
    pulumi.export("vault_id", vaults[STACK_VAULT].component.vault_id)
pulumi.export("projects", exported(settings, onboardings))
