"""What a GitLab project's jobs may read: role assignments at the vault, or at single secrets of it."""

from typing import TypedDict

import pulumi
from pulumi_azure_native import authorization

from components.roles import DEFAULT_ROLE, assignment_name, role_definition_id, secret_scopes

__all__ = ["SecretsAccess", "SecretsAccessArgs"]


class SecretsAccessArgs(TypedDict):
    """Who may read what."""

    principal_id: pulumi.Input[str]
    """Object id of the service principal."""

    vault_id: pulumi.Input[str]
    """ARM id of the vault."""

    access: str
    """`secrets`: the listed secrets alone. `vault`: every secret of the vault."""

    secrets: list[str]
    """Names of secrets in the vault."""


class SecretsAccess(pulumi.ComponentResource):
    """The role Key Vault Secrets User for a service principal, at each scope it may read."""

    scopes: pulumi.Output[list[str]]
    """ARM ids of what can be read: the vault, or each secret."""

    def __init__(self, name: str, args: SecretsAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:SecretsAccess", name, {}, opts)
        if args["access"] not in {"secrets", "vault"}:
            raise ValueError(f"access of {name} is {args['access']!r}: write 'secrets' or 'vault'")
        suffixes = (
            {"vault": ""}
            if args["access"] == "vault"
            else {f"secret-{secret}": end for secret, end in secret_scopes(args["secrets"]).items()}
        )
        assignments = [
            self._assignment(f"{name}-{label}", pulumi.Output.concat(args["vault_id"], suffix), args["principal_id"])
            for label, suffix in suffixes.items()
        ]
        self.scopes = pulumi.Output.all(*(assignment.scope for assignment in assignments))
        self.register_outputs({"scopes": self.scopes})

    def _assignment(
        self, name: str, scope: pulumi.Output[str], principal_id: pulumi.Input[str]
    ) -> authorization.RoleAssignment:
        return authorization.RoleAssignment(
            name,
            scope=scope,
            principal_id=principal_id,
            # Without it Azure looks the principal up, and may not find one that was made a moment ago.
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            role_definition_id=scope.apply(lambda scope: role_definition_id(scope, DEFAULT_ROLE)),
            role_assignment_name=pulumi.Output.all(scope, principal_id).apply(
                lambda known: assignment_name(known[0], known[1], DEFAULT_ROLE)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
