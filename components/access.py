"""What a GitLab project's jobs may read: role assignments at the vault, or at single secrets of it."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import authorization

from components.arm_ids import arm_id_flaw
from components.roles import DEFAULT_ROLE, assignment_name, role_definition_id, role_flaw, secret_scopes

__all__ = ["SecretsAccess", "SecretsAccessArgs"]

_CONDITION_VERSION = "2.0"


class SecretsAccessArgs(TypedDict):
    """Who may read what."""

    principal_id: pulumi.Input[str]
    """Object id of the service principal."""

    vault_id: pulumi.Input[str]
    """ARM id of the vault. Nothing wider is taken: no resource group, no subscription."""

    access: str
    """`secrets`: the listed secrets alone. `vault`: every secret of the vault."""

    secrets: list[str]
    """Names of secrets in the vault."""

    role: NotRequired[str]
    """Name of a built-in role on what a vault holds. Absent: Key Vault Secrets User."""

    condition: NotRequired[str]
    """A condition that narrows the role, in the language of Azure's attribute-based access control, version 2.0."""


class SecretsAccess(pulumi.ComponentResource):
    """A role for a service principal at each scope it may read."""

    scopes: pulumi.Output[list[str]]
    """ARM ids of what can be read: the vault, or each secret."""

    def __init__(self, name: str, args: SecretsAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:SecretsAccess", name, {}, opts)
        if flaw := role_flaw(args.get("role", DEFAULT_ROLE)):
            raise ValueError(f"the role of {name}: {flaw.problem}: {flaw.mend}")
        if isinstance(args["vault_id"], str):  # at once where it is known; else when it becomes known
            _vault(args["vault_id"])
        vault = pulumi.Output.from_input(args["vault_id"]).apply(_vault)
        assignments = [
            self._assignment(f"{name}-{label}", pulumi.Output.concat(vault, end), args)
            for label, end in _ends(name, args).items()
        ]
        self.scopes = pulumi.Output.all(*(assignment.scope for assignment in assignments))
        self.register_outputs({"scopes": self.scopes})

    def _assignment(
        self, name: str, scope: pulumi.Output[str], args: SecretsAccessArgs
    ) -> authorization.RoleAssignment:
        role, condition = args.get("role", DEFAULT_ROLE), args.get("condition") or None
        return authorization.RoleAssignment(
            name,
            scope=scope,
            principal_id=args["principal_id"],
            # Without it Azure looks the principal up, and may not find one that was made a moment ago.
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            role_definition_id=scope.apply(lambda scope: role_definition_id(scope, role)),
            role_assignment_name=pulumi.Output.all(scope, args["principal_id"]).apply(
                lambda known: assignment_name(known[0], known[1], role)
            ),
            condition=condition,
            condition_version=_CONDITION_VERSION if condition else None,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _ends(name: str, args: SecretsAccessArgs) -> dict[str, str]:
    """Return the end of each scope below the vault's id, by the label that names its assignment."""
    if args["access"] == "vault":
        return {"vault": ""}
    if args["access"] == "secrets":
        return {f"secret-{secret}": end for secret, end in secret_scopes(args["secrets"]).items()}
    raise ValueError(
        f"access of {name} is {args['access']!r}: write 'secrets' or 'vault'. A job that is taken over should "
        "find nothing that is not its own, so no role is given at a resource group or subscription"
    )


def _vault(vault_id: str) -> str:
    if flaw := arm_id_flaw(vault_id, "Microsoft.KeyVault/vaults"):
        raise ValueError(f"roles are given at a vault or at its secrets, but {vault_id!r} {flaw.problem}: {flaw.mend}")
    return vault_id
