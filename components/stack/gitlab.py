"""What a stack with an `environment_scope` writes to GitLab. Import it only then: pulumi-gitlab takes half a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from components.gitlab.projects import connect, look_up
from components.gitlab.sub_claim import SubClaimComponents
from components.gitlab.variables import GitLabVariables
from components.names import resource_name
from components.preflight.obstacles import Obstacle, report
from components.settings.mistakes import NAMESPACE
from components.trust.stack import SHARED, identity_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi_gitlab

    from components.access import SecretsAccess
    from components.onboarding import Onboarding
    from components.settings.stack import Settings
    from components.stack.identities import Identity

__all__ = ["GitLab", "connected"]


@dataclass(frozen=True)
class GitLab:
    """The stack's GitLab: how it is written to, and the numbers of its projects by their paths."""

    provider: pulumi_gitlab.Provider
    ids: Mapping[str, int]

    def write(
        self,
        settings: Settings,
        onboardings: Mapping[str, Onboarding],
        identities: Mapping[str, Identity],
        shared: Sequence[SecretsAccess],
    ) -> None:
        """Give each project its CI/CD variables and its `sub`, both after the credentials that trust its jobs.

        The variables wait for the roles as well, `shared` ones too: whose identity or vault is another from now on is
        sent there when all is ready.
        """
        for project in settings.projects:
            onboarding, number = onboardings[project.path], str(self.ids[project.path])
            name, key = resource_name(project.path), identity_key(project)
            credentials = identities[key].credentials
            roles = shared if key == SHARED else onboarding.roles
            GitLabVariables(
                f"{name}-variables",
                {
                    "project_id": number,
                    "environment_scope": settings.environment_scope,
                    "client_id": onboarding.client_id,
                    "tenant_id": onboarding.tenant_id,
                    "vault_url": onboarding.vault_url,
                },
                pulumi.ResourceOptions(parent=onboarding, providers=[self.provider], depends_on=[*credentials, *roles]),
            )
            SubClaimComponents(
                f"{name}-sub-claim",
                {"gitlab_url": settings.gitlab_url, "project_id": number, "components": [*project.sub_components]},
                pulumi.ResourceOptions(parent=onboarding, depends_on=credentials),
            )


def connected(settings: Settings) -> GitLab:
    """Return the stack's GitLab with all its projects; warn where a project's `sub` is going to change.

    Raises pulumi.RunError with every project that GitLab does not know, or knows by another number than the stack.
    """
    provider = connect(settings.gitlab_url)
    found = look_up(provider, [project.path for project in settings.projects])
    ids = {path: project.number for path, project in found.items()}
    wrong = [
        Obstacle(
            f"{NAMESPACE}:projects[{at}].project_id",
            f"{project.path} is {ids[project.path]} in GitLab, not {project.project_id}",
            "leave the key out, GitLab is asked for it",
        )
        for at, project in enumerate(settings.projects)
        if project.project_id not in {None, ids[project.path]}
    ]
    if wrong:
        raise pulumi.RunError(report(wrong))
    for project in settings.projects:
        present = found[project.path].sub_components
        if present != project.sub_components:
            pulumi.warn(
                f"{project.path}: its tokens' sub is made of {', '.join(present)} and will be of "
                f"{', '.join(project.sub_components)}. Whatever else trusts these tokens, another stack too, refuses "
                "the new sub."
            )
    return GitLab(provider, ids)
