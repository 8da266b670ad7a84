"""A GitLab project's way to its secrets: an identity that trusts its jobs, and a role on what they may read."""

from typing import TypedDict

import pulumi

from components.access import SecretsAccess
from components.gitlab_ci import SecretArgs, render
from components.identity import GitLabIdentity

__all__ = ["Onboarding", "OnboardingArgs"]


class OnboardingArgs(TypedDict):
    """What onboards a project."""

    display_name: pulumi.Input[str]
    """Name of the application in Entra's portal."""

    issuer: pulumi.Input[str]
    """URL of the GitLab instance: the `iss` of its ID tokens, without a trailing slash."""

    audience: pulumi.Input[str]
    """The `aud` of the jobs' ID tokens."""

    subjects: list[str]
    """The `sub` of each trusted kind of job, at most 20. Entra compares them exactly."""

    tenant_id: pulumi.Input[str]
    """The Entra tenant of the vault."""

    vault_id: pulumi.Input[str]
    """ARM id of the vault."""

    vault_url: pulumi.Input[str]
    """URL of the vault."""

    access: str
    """`secrets`: the listed secrets alone. `vault`: every secret of the vault."""

    secrets: dict[str, SecretArgs]
    """The CI/CD variables of a job and the secrets that they hold."""


class Onboarding(pulumi.ComponentResource):
    """A GitLab project whose trusted jobs read secrets from a vault with their ID tokens."""

    client_id: pulumi.Output[str]
    """The application's client id: `AZURE_CLIENT_ID` of the jobs."""

    tenant_id: pulumi.Output[str]
    """The Entra tenant: `AZURE_TENANT_ID` of the jobs."""

    vault_url: pulumi.Output[str]
    """URL of the vault: `AZURE_KEY_VAULT_SERVER_URL` of the jobs."""

    issuer: pulumi.Output[str]
    """The `iss` of the trusted ID tokens."""

    audience: pulumi.Output[str]
    """The `aud` of the trusted ID tokens."""

    subjects: pulumi.Output[list[str]]
    """The `sub` of each trusted kind of job."""

    gitlab_ci: pulumi.Output[str]
    """A job for the project's `.gitlab-ci.yml` that reads the secrets, ready to paste."""

    def __init__(self, name: str, args: OnboardingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:Onboarding", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        identity = GitLabIdentity(
            f"{name}-identity",
            {
                "display_name": args["display_name"],
                "issuer": args["issuer"],
                "audience": args["audience"],
                "subjects": args["subjects"],
            },
            child,
        )
        SecretsAccess(
            f"{name}-access",
            {
                "principal_id": identity.principal_id,
                "vault_id": args["vault_id"],
                "access": args["access"],
                "secrets": [secret["name"] for secret in args["secrets"].values()],
            },
            child,
        )
        self.client_id = identity.client_id
        self.tenant_id = pulumi.Output.from_input(args["tenant_id"])
        self.vault_url = pulumi.Output.from_input(args["vault_url"])
        self.issuer = pulumi.Output.from_input(args["issuer"])
        self.audience = pulumi.Output.from_input(args["audience"])
        self.subjects = pulumi.Output.from_input(args["subjects"])
        self.gitlab_ci = pulumi.Output.all(
            audience=self.audience, vault_url=self.vault_url, client_id=self.client_id, tenant_id=self.tenant_id
        ).apply(lambda known: render(**known, secrets=args["secrets"]))
        self.register_outputs(self.outputs())

    def outputs(self) -> dict[str, pulumi.Output[str] | pulumi.Output[list[str]]]:
        """Return the outputs by their names."""
        return {
            "client_id": self.client_id,
            "tenant_id": self.tenant_id,
            "vault_url": self.vault_url,
            "issuer": self.issuer,
            "audience": self.audience,
            "subjects": self.subjects,
            "gitlab_ci": self.gitlab_ci,
        }
