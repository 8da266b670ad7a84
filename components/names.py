"""Names of the resources, derived from what they stand for alone: no name depends on its neighbours. Pure.

Sources: Microsoft Graph, `federatedIdentityCredential` (a credential's name) and `application` (its display name);
Microsoft Learn, "Naming rules and restrictions for Azure resources" (managed identities, links of a private DNS zone).
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

__all__ = [
    "application_display_name",
    "credential_name",
    "managed_identity_name",
    "network_link_name",
    "resource_name",
]

_CREDENTIAL_NAME_LIMIT: Final = 120
_DISPLAY_NAME_LIMIT: Final = 256
_MANAGED_IDENTITY_NAME_LIMIT: Final = 128
_LINK_NAME_LIMIT: Final = 80


def resource_name(project_path: str) -> str:
    """Return the Pulumi name of a GitLab project's onboarding: its path with hyphens for slashes.

    A hash follows where the path has hyphens of its own: `a/b-c` and `a-b/c` are two projects.
    """
    path = project_path.lower()
    slug = path.replace("/", "-")
    return f"{slug}-{_digest(path)}" if "-" in path else slug


def credential_name(subject: str) -> str:
    """Return the name of the federated credential for a subject: 3 to 120 of `[A-Za-z0-9_-]`, the first alphanumeric.

    The project comes into the hash alone, which also keeps apart what differs in other characters, in case, or beyond
    the limit.
    """
    values_after_the_project = "-".join(subject.split(":")[3::2])
    readable = re.sub(r"[^A-Za-z0-9_-]", "-", values_after_the_project).lstrip("_-")
    return f"{readable[: _CREDENTIAL_NAME_LIMIT - 9]}-{_digest(subject)}".lstrip("-")


def application_display_name(project_path: str, stack: str) -> str:
    """Return the display name of a GitLab project's application, as people find it in Entra's portal."""
    name = f"GitLab {project_path} ({stack})"
    return name if len(name) <= _DISPLAY_NAME_LIMIT else f"{name[: _DISPLAY_NAME_LIMIT - 9]}-{_digest(name)}"


def managed_identity_name(project_path: str, stack: str) -> str:
    """Return the name in Azure of a GitLab project's managed identity: another for another path or stack.

    It has the path in small letters: to Azure a name in other case is the same one, and a new one cannot be made of it.
    """
    path = project_path.lower()
    readable = re.sub(r"[^A-Za-z0-9-]", "-", f"gitlab-{path}-{stack}")
    return f"{readable[: _MANAGED_IDENTITY_NAME_LIMIT - 9]}-{_digest(f'{path} {stack}')}"


def network_link_name(network: str, network_id: str) -> str:
    """Return the name of a virtual network's link to a zone: two groups may have a network of the same name."""
    return f"{network[: _LINK_NAME_LIMIT - 10]}-{_digest(network_id.lower())}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
