"""What the projects that share an application may read.

A role assignment is one for a scope, a principal and a role, and here the principal is everybody's. So the roles are
nobody's: each is given once, whichever of the projects asks for it, and stays while one of them does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pulumi

from components.access import SecretsAccess
from components.stack.vaults import key_of_vault
from components.trust.stack import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.settings.stack import ProjectSettings, Settings
    from components.stack.identities import Identity
    from components.stack.vaults import MadeVault

__all__ = ["all_scopes", "share_access"]


def share_access(
    settings: Settings, identities: Mapping[str, Identity], vaults: Mapping[str, MadeVault]
) -> list[SecretsAccess]:
    """Give the shared identity, if there is one, what any of its projects asks for: a component for a role at a vault.

    `identities` are by their keys, `vaults` by the names of their components.
    """
    members: dict[tuple[str, str], list[ProjectSettings]] = {}
    for project in settings.projects:
        if project.identity == SHARED:
            members.setdefault((settings.vault_name(project).lower(), project.role), []).append(project)
    return [
        SecretsAccess(
            f"shared-{vault}-{re.sub('[^a-z]+', '-', role.lower())}",
            {
                "principal_id": identities[SHARED].principal_id,
                "vault_id": vaults[key_of_vault(asking[0])].component.vault_id,
                "access": "vault" if any(one.access == "vault" for one in asking) else "secrets",
                "secrets": [secret.name for one in asking for secret in one.secrets],
                "role": role,
                "condition": asking[0].condition,
            },
        )
        for (vault, role), asking in members.items()
    ]


def all_scopes(given: Iterable[SecretsAccess]) -> pulumi.Output[list[str]]:
    """Return the ARM ids of all that the components give a role at."""
    return pulumi.Output.all(*(one.scopes for one in given)).apply(
        lambda lists: [one for each in lists for one in each]
    )
