"""The identities of a stack's GitLab projects, each kind by its own component."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components.identity.application import CredentialArgs, GitLabIdentity
from components.identity.managed import ManagedIdentity
from components.names import application_display_name, managed_identity_name, resource_name
from components.trust.stack import identity_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.settings.stack import ProjectSettings, Settings
    from components.stack.vaults import Place
    from components.trust.planning import Plan
    from keyvault_fetch.trust.credentials import Credential

__all__ = ["Identity", "credential_args", "identity_names", "make_identities"]

Identity = GitLabIdentity | ManagedIdentity


def credential_args(credentials: Sequence[Credential]) -> list[CredentialArgs]:
    """Return the credentials as the components take them."""
    return [_args(credential) for credential in credentials]


def identity_names(settings: Settings) -> dict[str, str]:
    """Return the name of each identity's component by the identity's key."""
    return {
        identity_key(one): "shared-identity" if one.identity == "shared" else f"{resource_name(one.path)}-identity"
        for one in settings.projects
    }


def make_identities(settings: Settings, planned: Mapping[str, Plan], place: Place) -> dict[str, Identity]:
    """Make the identities of the projects' jobs, with the planned credentials, by the identities' keys."""
    names = identity_names(settings)
    made: dict[str, Identity] = {}
    for project in settings.projects:
        key = identity_key(project)
        if key not in made:
            make = _managed if project.identity == "managed" else _application
            made[key] = make(names[key], project, credential_args(planned[key].credentials), settings, place)
    return made


def _application(
    name: str, project: ProjectSettings, credentials: list[CredentialArgs], settings: Settings, place: Place
) -> GitLabIdentity:
    shared = project.identity == "shared"
    # In the first release, which had none to share, it was the onboarding's.
    first = pulumi.create_urn(resource_name(project.path), "gitlab-keyvault:index:Onboarding")
    return GitLabIdentity(
        name,
        {
            "display_name": application_display_name("shared" if shared else project.path, pulumi.get_stack()),
            "issuer": settings.issuer,
            "audience": settings.audience,
            "credentials": credentials,
            "owner_id": place.deployer_id,
        },
        pulumi.ResourceOptions(aliases=[] if shared else [pulumi.Alias(parent=first)]),
    )


def _managed(
    name: str, project: ProjectSettings, credentials: list[CredentialArgs], settings: Settings, place: Place
) -> ManagedIdentity:
    return ManagedIdentity(
        name,
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
