"""Azure's built-in roles that matter around a vault (Azure docs, "Azure built-in roles").

They are shown without their actions on services that the rehearsal does not play.
"""

from dataclasses import dataclass

from ..store import Document
from .rbac import Permissions

TYPE = "Microsoft.Authorization/roleDefinitions"


def shown(granted: Permissions) -> Document:
    """Return the permissions as ARM shows them."""
    return {
        "actions": list(granted.actions),
        "notActions": list(granted.not_actions),
        "dataActions": list(granted.data_actions),
        "notDataActions": list(granted.not_data_actions),
    }


@dataclass(frozen=True)
class Role:
    """A built-in role; `id` is its GUID, the same in every tenant."""

    id: str
    name: str
    permissions: Permissions

    def body(self, scope: str) -> Document:
        """Return the role as ARM shows it when asked at the scope."""
        subscription = "/".join(scope.split("/")[:3]) if scope.lower().startswith("/subscriptions/") else ""
        return {
            "id": f"{subscription}/providers/{TYPE}/{self.id}",
            "name": self.id,
            "type": TYPE,
            "properties": {
                "roleName": self.name,
                "type": "BuiltInRole",
                "assignableScopes": ["/"],
                "permissions": [shown(self.permissions)],
            },
        }


_KV = "Microsoft.KeyVault"
_AUTH = "Microsoft.Authorization"
_SECRETS = f"{_KV}/vaults/secrets"
_GROUPS_READ = f"{_AUTH}/*/read Microsoft.Resources/subscriptions/resourceGroups/read"
_VAULTS_READ = f"{_GROUPS_READ} {_KV}/deletedVaults/read {_KV}/locations/*/read {_KV}/vaults/*/read"
_ACCESS = f"{_AUTH}/*/Delete {_AUTH}/*/Write {_AUTH}/elevateAccess/Action"
_PURGE = f"{_KV}/locations/deletedVaults/purge/action"
_READ = f"{_SECRETS}/readMetadata/action"
# GUID, name, actions, actions excluded, data actions.
_TABLE = (
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", "*", "", ""),
    ("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", "*", _ACCESS, ""),
    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", "*/read", "", ""),
    ("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", f"*/read {_AUTH}/*", "", ""),
    ("f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor", f"{_GROUPS_READ} {_KV}/*", _PURGE, ""),
    ("00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator", _VAULTS_READ, "", f"{_KV}/vaults/*"),
    ("21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader", _VAULTS_READ, "", f"{_KV}/vaults/*/read {_READ}"),
    ("b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer", _VAULTS_READ, "", f"{_SECRETS}/*"),
    ("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", "", "", f"{_SECRETS}/getSecret/action {_READ}"),
)
BUILT_IN = {
    guid: Role(guid, name, Permissions(*(tuple(patterns.split()) for patterns in granted)))
    for guid, name, *granted in _TABLE
}
"""The built-in roles by their GUID."""


def named(definition_id: str) -> Role | None:
    """Return the role that a role definition's ARM id (at any scope) or GUID means, or None."""
    return BUILT_IN.get(definition_id.rpartition("/")[2].lower())
