"""What `pulumi up` builds from a stack's configuration: one vault, and the onboarding of each GitLab project."""

import pulumi

from components.account import tenant_id
from components.config import load
from components.names import application_display_name, resource_name
from components.onboarding import Onboarding
from components.vault import SecretsVault

settings = load()

vault = SecretsVault(
    "secrets",
    {
        "tenant_id": tenant_id(),
        "location": settings.location,
        "resource_group": settings.resource_group,
        "vault_name": settings.vault.name,
        "retention_days": settings.vault.retention_days,
        "purge_protection": settings.vault.purge_protection,
    },
)
onboardings = {
    project.path: Onboarding(
        resource_name(project.path),
        {
            "display_name": application_display_name(project.path, pulumi.get_stack()),
            "issuer": settings.gitlab_url,
            "audience": settings.audience,
            "subjects": project.subjects,
            "tenant_id": vault.tenant_id,
            "vault_id": vault.vault_id,
            "vault_url": vault.vault_url,
            "access": project.access,
            "secrets": {
                secret.variable: {"name": secret.name, "version": secret.version, "file": secret.file}
                for secret in project.secrets
            },
        },
    )
    for project in settings.projects
}

pulumi.export("tenant_id", vault.tenant_id)
pulumi.export("vault_url", vault.vault_url)
pulumi.export("vault_id", vault.vault_id)
pulumi.export("resource_group", vault.resource_group)
pulumi.export("projects", {path: onboarding.outputs() for path, onboarding in onboardings.items()})
