"""The identity of GitLab jobs in Entra: an application that trusts exactly the named tokens."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azuread as azuread

__all__ = ["CredentialArgs", "GitLabIdentity", "GitLabIdentityArgs"]


class CredentialArgs(TypedDict):
    """A federated identity credential: which jobs are trusted. It has a subject or an expression, never both."""

    name: str
    """3 to 120 of `[A-Za-z0-9_-]`, the first alphanumeric. It cannot be changed later."""

    subject: NotRequired[str]
    """The `sub` of the jobs' ID tokens. Entra compares it letter by letter."""

    expression: NotRequired[str]
    """What the token's claims must be, in Entra's language of flexible credentials: `claims['sub'] matches '…'`."""

    description: NotRequired[str]
    """Why it is there, up to 600 characters."""


class GitLabIdentityArgs(TypedDict):
    """What a GitLab identity is made of."""

    display_name: pulumi.Input[str]
    """The application's name in Entra's portal."""

    issuer: pulumi.Input[str]
    """The `iss` of the jobs' ID tokens: the URL of the GitLab instance, without a trailing slash."""

    audience: pulumi.Input[str]
    """The `aud` of the jobs' ID tokens."""

    credentials: list[CredentialArgs]
    """Which jobs are trusted, at most 20."""

    owner_id: pulumi.Input[str]
    """Object id of who deploys. One whose rights end at applications of their own can go on writing to this one."""


class GitLabIdentity(pulumi.ComponentResource):
    """An Entra application with its service principal and one federated identity credential for each kind of job."""

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
            owners=[args["owner_id"]],
            # Owners are given once: another who deploys, or whom people add by hand, takes nobody's place.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["owners"]),
        )
        principal = azuread.ServicePrincipal(
            f"{name}-principal",
            client_id=application.client_id,
            owners=[args["owner_id"]],
            opts=pulumi.ResourceOptions(parent=application, ignore_changes=["owners"]),
        )
        self._credentials = [_credential(name, credential, application, args) for credential in args["credentials"]]
        self.client_id = application.client_id
        self.principal_id = principal.object_id
        self.register_outputs({"client_id": self.client_id, "principal_id": self.principal_id})

    @property
    def credentials(self) -> list[pulumi.Resource]:
        """The credentials, to depend on: one who depends on the component waits for its application alone."""
        return [*self._credentials]


def _credential(
    name: str, credential: CredentialArgs, application: azuread.Application, args: GitLabIdentityArgs
) -> pulumi.Resource:
    """Make the credential. Exact and flexible ones are two types of resource: Graph's beta alone has the second."""
    resource = f"{name}-{credential['name']}"
    description = credential.get("description") or None
    of_application = pulumi.ResourceOptions(parent=application)
    if expression := credential.get("expression"):
        return azuread.ApplicationFlexibleFederatedIdentityCredential(
            resource,
            application_id=application.id,
            display_name=credential["name"],
            description=description,
            issuer=args["issuer"],
            audience=args["audience"],
            claims_matching_expression=expression,
            opts=of_application,
        )
    return azuread.ApplicationFederatedIdentityCredential(
        resource,
        application_id=application.id,
        display_name=credential["name"],
        description=description,
        issuer=args["issuer"],
        audiences=[args["audience"]],
        subject=credential.get("subject", ""),
        opts=of_application,
    )
