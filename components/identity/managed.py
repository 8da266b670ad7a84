"""The identity of GitLab jobs as a managed identity: for teams that may not create applications in Entra."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import managedidentity

from components.identity.application import CredentialArgs

__all__ = ["ManagedIdentity", "ManagedIdentityArgs"]


class ManagedIdentityArgs(TypedDict):
    """What a managed identity is made of."""

    identity_name: pulumi.Input[str]
    """Its name in Azure: 3 to 128 of `[A-Za-z0-9_-]`, the first alphanumeric."""

    location: pulumi.Input[str]
    """Azure region of the identity."""

    resource_group: pulumi.Input[str]
    """Name of the resource group that the identity lies in."""

    issuer: pulumi.Input[str]
    """The `iss` of the jobs' ID tokens: the URL of the GitLab instance, without a trailing slash."""

    audience: pulumi.Input[str]
    """The `aud` of the jobs' ID tokens."""

    credentials: list[CredentialArgs]
    """Which jobs are trusted, at most 20, each by its subject: a managed identity has no flexible credentials."""

    tags: NotRequired[dict[str, str]]
    """Tags of the identity."""


class ManagedIdentity(pulumi.ComponentResource):
    """A user-assigned managed identity with one federated identity credential for each kind of job."""

    client_id: pulumi.Output[str]
    """The identity's client id: `AZURE_CLIENT_ID` of the jobs."""

    principal_id: pulumi.Output[str]
    """The object id of its service principal, which roles are assigned to."""

    def __init__(self, name: str, args: ManagedIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:ManagedIdentity", name, {}, opts)
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=args["identity_name"],
            resource_group_name=args["resource_group"],
            location=args["location"],
            tags=args.get("tags") or None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        written: list[pulumi.Resource] = []
        for credential in args["credentials"]:
            if "subject" not in credential:
                raise ValueError(f"{credential['name']} of {name} has no subject: a managed identity needs one")
            written.append(
                managedidentity.FederatedIdentityCredential(
                    f"{name}-{credential['name']}",
                    federated_identity_credential_resource_name=credential["name"],
                    resource_name_=identity.name,
                    resource_group_name=args["resource_group"],
                    issuer=args["issuer"],
                    audiences=[args["audience"]],
                    subject=credential["subject"],
                    # One after another: Azure answers 409 to two writes at once on one identity.
                    opts=pulumi.ResourceOptions(parent=identity, depends_on=[*written]),
                )
            )
        self._credentials = written
        self.client_id = identity.client_id
        self.principal_id = identity.principal_id
        self.register_outputs({"client_id": self.client_id, "principal_id": self.principal_id})

    @property
    def credentials(self) -> list[pulumi.Resource]:
        """The credentials, to depend on: one who depends on the component waits for its identity alone."""
        return [*self._credentials]
