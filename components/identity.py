"""The identity of a GitLab project's jobs in Entra: an application that trusts exactly the named subjects."""

from typing import TypedDict

import pulumi
import pulumi_azuread as azuread

from components.names import credential_name

__all__ = ["GitLabIdentity", "GitLabIdentityArgs"]


class GitLabIdentityArgs(TypedDict):
    """What a GitLab identity is made of."""

    display_name: pulumi.Input[str]
    """The application's name in Entra's portal."""

    issuer: pulumi.Input[str]
    """URL of the GitLab instance: the `iss` of its ID tokens, without a trailing slash."""

    audience: pulumi.Input[str]
    """The `aud` of the jobs' ID tokens."""

    subjects: list[str]
    """The `sub` of each trusted kind of job, at most 20. Entra compares them exactly."""


class GitLabIdentity(pulumi.ComponentResource):
    """An Entra application with its service principal and one federated identity credential for each subject."""

    client_id: pulumi.Output[str]
    """The application's client id: `AZURE_CLIENT_ID` of the jobs."""

    principal_id: pulumi.Output[str]
    """The service principal's object id, which roles are assigned to."""

    def __init__(self, name: str, args: GitLabIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:GitLabIdentity", name, {}, opts)
        application = azuread.Application(
            f"{name}-application",
            display_name=args["display_name"],
            sign_in_audience="AzureADMyOrg",
            opts=pulumi.ResourceOptions(parent=self),
        )
        of_application = pulumi.ResourceOptions(parent=application)
        principal = azuread.ServicePrincipal(f"{name}-principal", client_id=application.client_id, opts=of_application)
        for subject in args["subjects"]:
            azuread.ApplicationFederatedIdentityCredential(
                f"{name}-{credential_name(subject)}",
                application_id=application.id,
                display_name=credential_name(subject),
                issuer=args["issuer"],
                audiences=[args["audience"]],
                subject=subject,
                opts=of_application,
            )
        self.client_id = application.client_id
        self.principal_id = principal.object_id
        self.register_outputs({"client_id": self.client_id, "principal_id": self.principal_id})
