"""A lock that keeps everybody, administrators included, from deleting a vault."""

from typing import TypedDict

import pulumi
from pulumi_azure_native import authorization

__all__ = ["VaultLock", "VaultLockArgs"]


class VaultLockArgs(TypedDict):
    """Which vault."""

    vault_id: pulumi.Input[str]
    """ARM id of the vault."""


class VaultLock(pulumi.ComponentResource):
    """A `CanNotDelete` lock on a vault and on all that hangs on it, role assignments included.

    Let it depend (`depends_on`) on everything at the vault: then it is made last and goes first, and one deployment can
    take the lock and a project away together. Source: Microsoft Learn, "Lock your resources to protect your
    infrastructure".
    """

    lock_id: pulumi.Output[str]
    """ARM id of the lock."""

    def __init__(self, name: str, args: VaultLockArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:VaultLock", name, {}, opts)
        lock = authorization.ManagementLockByScope(
            f"{name}-lock",
            scope=args["vault_id"],
            lock_name="gitlab-keyvault",
            level=authorization.LockLevel.CAN_NOT_DELETE,
            notes="GitLab jobs read their secrets here. Deployed by Pulumi: take it away there, with `lock: false`.",
            # Given to the component, `depends_on` does not reach its children by itself.
            opts=pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None),
        )
        self.lock_id = lock.id
        self.register_outputs({"lock_id": self.lock_id})
