"""The GitLab of a stack that writes to it: the provider, and what GitLab knows of the stack's projects.

Source: GitLab docs, "Projects API"; Pulumi Registry, "GitLab: Provider", `getProject`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_gitlab as gitlab

from components.preflight.obstacles import Obstacle, report

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["GitLabProject", "connect", "look_up"]

_TOKEN: Final = "a token with the scope api, whose owner is Maintainer of every project of the stack"  # noqa: S105

_UNKNOWN: Final = "copy the path from the project's page, and see that the token's owner is a member of the project"
_HIDDEN: Final = "GitLab (17.3 or later) shows its CI/CD settings to Maintainers, and did not show them to this token"


@dataclass(frozen=True)
class GitLabProject:
    """What GitLab knows of a project: its number, and what the `sub` of its ID tokens is made of."""

    number: int
    sub_components: tuple[str, ...]


def connect(gitlab_url: str) -> gitlab.Provider:
    """Return the provider for the GitLab instance at the URL, which has no trailing slash.

    A token in GITLAB_TOKEN is read by the provider itself and kept nowhere. One in the stack's `gitlab:token` is kept
    as Pulumi keeps secrets: encrypted, in the stack's file and in the state. Raises pulumi.RunError where there is
    neither.
    """
    token = pulumi.Config("gitlab").get_secret("token")
    if token is None and not os.environ.get("GITLAB_TOKEN"):
        raise pulumi.RunError(
            "The stack sets environment_scope, so it writes to GitLab, and there is no GitLab token.\n"
            "Nothing was created or changed.\n\n"
            f"  mend: set GITLAB_TOKEN to {_TOKEN};\n"
            "        or remove environment_scope: the output gitlab_commands then says what to run by hand"
        )
    return gitlab.Provider("gitlab", base_url=f"{gitlab_url}/api/v4/", token=token)


def look_up(provider: gitlab.Provider, paths: Sequence[str]) -> dict[str, GitLabProject]:
    """Return the projects by the given paths.

    Raises pulumi.RunError, with GitLab's own words: where it cannot be asked at all; or one that names every project
    that it does not know, or whose CI/CD settings the token may not see (GitLab shows them to Maintainers alone).
    """
    found: dict[str, GitLabProject] = {}
    obstacles: list[Obstacle] = []
    for path in paths:
        try:
            project = gitlab.get_project(path_with_namespace=path, opts=pulumi.InvokeOptions(provider=provider))
        except Exception as error:  # noqa: BLE001 - Pulumi raises a plain Exception, whatever the provider met
            words = str(error).rpartition("returned an error: ")[2].lstrip(": ")
            if "404" not in words:
                raise pulumi.RunError(_unanswered(words)) from None
            obstacles.append(Obstacle(path, f"GitLab says {words!r}", _UNKNOWN))
            continue
        found[path] = GitLabProject(int(project.id), tuple(project.ci_id_token_sub_claim_components))
        if not project.ci_id_token_sub_claim_components:
            obstacles.append(Obstacle(path, _HIDDEN, f"set GITLAB_TOKEN to {_TOKEN}"))
    if obstacles:
        raise pulumi.RunError(report(obstacles))
    return found


def _unanswered(words: str) -> str:
    refused = any(code in words for code in ("401", "403"))
    mend = f"set GITLAB_TOKEN to {_TOKEN}" if refused else "see that gitlab_url is right and can be reached from here"
    return f"GitLab does not tell the stack's projects. Nothing was created or changed.\n\n  {words}\n\n  mend: {mend}"
