"""The identities of a stack's GitLab projects, each kind by its own component."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components.identity.application import CredentialArgs, GitLabIdentity
from components.identity.managed import ManagedIdentity, managed_identity_name
from components.names import application_display_name, resource_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.settings.stack import ProjectSettings, Settings
    from components.stack.vaults import Place
    from keyvault_fetch.trust.credentials import Credential

__all__ = ["Identity", "credential_args", "identity_name", "make_identity"]

Identity = GitLabIdentity | ManagedIdentity


def credential_args(credentials: Sequence[Credential]) -> list[CredentialArgs]:
    """Return the credentials as the components take them."""
    return [_args(credential) for credential in credentials]


def identity_name(project: ProjectSettings) -> str:
    """Return the name of the component that is the identity of a project's jobs."""
    return "shared-identity" if project.identity == "shared" else f"{resource_name(project.path)}-identity"


def make_identity(
    project: ProjectSettings, credentials: list[CredentialArgs], settings: Settings, place: Place
) -> Identity:
    """Make the identity of a project's jobs; one that is shared is the first such project's and all the others'."""
    makers = {"application": _application, "shared": _shared, "managed": _managed}
    return makers[project.identity](project, credentials, settings, place)


def _application(
    project: ProjectSettings, credentials: list[CredentialArgs], settings: Settings, place: Place
) -> GitLabIdentity:
    name = resource_name(project.path)
    # In the first release it was the onboarding's.
    first = pulumi.Alias(parent=pulumi.create_urn(name, "gitlab-keyvault:index:Onboarding"))
    return GitLabIdentity(
        f"{name}-identity",
        {
            "display_name": application_display_name(project.path, pulumi.get_stack()),
            "issuer": settings.issuer,
            "audience": settings.audience,
            "credentials": credentials,
            "owner_id": place.deployer_id,
        },
        pulumi.ResourceOptions(aliases=[first]),
    )


def _shared(
    _project: ProjectSettings, credentials: list[CredentialArgs], settings: Settings, place: Place
) -> GitLabIdentity:
    return GitLabIdentity(
        "shared-identity",
        {
            "display_name": application_display_name("shared", pulumi.get_stack()),
            "issuer": settings.issuer,
            "audience": settings.audience,
            "credentials": credentials,
            "owner_id": place.deployer_id,
        },
    )


def _managed(
    project: ProjectSettings, credentials: list[CredentialArgs], settings: Settings, place: Place
) -> ManagedIdentity:
    return ManagedIdentity(
        identity_name(project),
        {
            "identity_name": managed_identity_name(project.path, pulumi.get_stack()),
            "location": place.location,
            "resource_group": place.resource_group,
            "issuer": settings.issuer,
            "audience": settings.audience,
            "credentials": credentials,
            "tags": place.tags,
        },
    )


def _args(credential: Credential) -> CredentialArgs:
    args: CredentialArgs = {"name": credential.name}
    if credential.subject:
        args["subject"] = credential.subject
    if credential.expression:
        args["expression"] = credential.expression
    if credential.description:
        args["description"] = credential.description
    return args
