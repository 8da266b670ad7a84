"""A GitLab project's way to its secrets: a role on what its identity may read, and the job that reads it."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi

from components.access import SecretsAccess, SecretsAccessArgs
from components.gitlab.ci import SecretArgs, render
from components.gitlab.commands import set_sub_components, set_variables
from components.identity.application import CredentialArgs

__all__ = ["Onboarding", "OnboardingArgs"]


class OnboardingArgs(TypedDict):
    """What onboards a project."""

    client_id: pulumi.Input[str]
    """The client id of the identity that trusts the project's jobs."""

    principal_id: pulumi.Input[str]
    """The object id of the identity's service principal."""

    issuer: pulumi.Input[str]
    """The `iss` of the jobs' ID tokens."""

    audience: pulumi.Input[str]
    """The `aud` of the jobs' ID tokens."""

    credentials: list[CredentialArgs]
    """Which jobs the identity trusts; a shared identity those of other projects too."""

    tenant_id: pulumi.Input[str]
    """The Entra tenant of the vault."""

    vault_id: pulumi.Input[str]
    """ARM id of the vault."""

    vault_url: pulumi.Input[str]
    """URL of the vault."""

    access: str
    """`secrets`: the listed secrets alone. `vault`: every secret of the vault."""

    role: NotRequired[str]
    """Name of a built-in role on what a vault holds. Absent: Key Vault Secrets User."""

    condition: NotRequired[str]
    """A condition that narrows the role, in the language of Azure's attribute-based access control, version 2.0."""

    may_read: NotRequired[pulumi.Input[list[str]]]
    """ARM ids of what an identity that projects share may read by roles that it has already. Absent: the principal is
    given its role here."""

    secrets: dict[str, SecretArgs]
    """The CI/CD variables of a job and the secrets that they hold."""

    gitlab_url: str
    """URL of the GitLab instance, without a trailing slash."""

    project_path: str
    """The project's path, like `group/project`."""

    sub_components: list[str]
    """What the `sub` of the jobs' ID tokens is made of, in its order."""

    environment_scope: NotRequired[str]
    """The environments for which the project has the three CI/CD variables. Absent: it has none, the job has them."""


class Onboarding(pulumi.ComponentResource):
    """A GitLab project whose trusted jobs read secrets from a vault with their ID tokens."""

    client_id: pulumi.Output[str]
    """The identity's client id: `AZURE_CLIENT_ID` of the jobs."""

    tenant_id: pulumi.Output[str]
    """The Entra tenant: `AZURE_TENANT_ID` of the jobs."""

    vault_id: pulumi.Output[str]
    """ARM id of the vault."""

    vault_url: pulumi.Output[str]
    """URL of the vault: `AZURE_KEY_VAULT_SERVER_URL` of the jobs."""

    issuer: pulumi.Output[str]
    """The `iss` of the trusted ID tokens."""

    audience: pulumi.Output[str]
    """The `aud` of the trusted ID tokens."""

    subjects: pulumi.Output[list[str]]
    """The `sub` of each kind of job that is trusted by its exact subject."""

    credentials: pulumi.Output[list[CredentialArgs]]
    """The federated identity credentials: name, subject or expression, description."""

    may_read: pulumi.Output[list[str]]
    """ARM ids of what the jobs may read: the vault, or each secret."""

    gitlab_ci: pulumi.Output[str]
    """A job for the project's `.gitlab-ci.yml` that reads the secrets, ready to paste."""

    gitlab_commands: pulumi.Output[str]
    """What to run with `glab` for the project to have the variables and the `sub`; empty where the stack does it."""

    def __init__(self, name: str, args: OnboardingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:Onboarding", name, {}, opts)
        self.client_id = pulumi.Output.from_input(args["client_id"])
        self.tenant_id = pulumi.Output.from_input(args["tenant_id"])
        self.vault_id = pulumi.Output.from_input(args["vault_id"])
        self.vault_url = pulumi.Output.from_input(args["vault_url"])
        self.issuer = pulumi.Output.from_input(args["issuer"])
        self.audience = pulumi.Output.from_input(args["audience"])
        self.subjects = pulumi.Output.from_input([one["subject"] for one in args["credentials"] if "subject" in one])
        self.credentials = pulumi.Output.from_input(args["credentials"])
        self._roles: list[pulumi.Resource] = []
        if "may_read" in args:
            self.may_read = pulumi.Output.from_input(args["may_read"])
        else:
            access = SecretsAccess(f"{name}-access", _access(args), pulumi.ResourceOptions(parent=self))
            self._roles.append(access)
            self.may_read = access.scopes
        scope = args.get("environment_scope", "")
        known = pulumi.Output.all(
            audience=self.audience, vault_url=self.vault_url, client_id=self.client_id, tenant_id=self.tenant_id
        )
        self.gitlab_ci = known.apply(lambda it: render(**it, secrets=args["secrets"], environment_scope=scope))
        # Known at once where it is empty: a preview of a new stack then says so.
        self.gitlab_commands = pulumi.Output.from_input("") if scope else known.apply(lambda it: _commands(args, it))
        self.register_outputs(self.outputs())

    @property
    def roles(self) -> list[pulumi.Resource]:
        """The roles that it gives, to depend on; none where the identity has its roles already."""
        return [*self._roles]

    def outputs(self) -> dict[str, pulumi.Output[object]]:
        """Return the outputs by their names."""
        return {name: getattr(self, name) for name in Onboarding.__annotations__}


def _access(args: OnboardingArgs) -> SecretsAccessArgs:
    access: SecretsAccessArgs = {
        "principal_id": args["principal_id"],
        "vault_id": args["vault_id"],
        "access": args["access"],
        "secrets": [secret["name"] for secret in args["secrets"].values()],
    }
    if "role" in args:
        access["role"] = args["role"]
    if "condition" in args:
        access["condition"] = args["condition"]
    return access


def _commands(args: OnboardingArgs, known: Mapping[str, str]) -> str:
    where = {"gitlab_url": args["gitlab_url"], "project_path": args["project_path"]}
    values = {
        "AZURE_KEY_VAULT_SERVER_URL": known["vault_url"],
        "AZURE_CLIENT_ID": known["client_id"],
        "AZURE_TENANT_ID": known["tenant_id"],
    }
    return set_variables(**where, environment_scope="*", values=values) + set_sub_components(
        **where, components=args["sub_components"]
    )
