"""Azure's built-in roles that matter around a vault (Azure docs, "Azure built-in roles").

They are shown without their actions on services that the rehearsal does not play.
"""

from dataclasses import dataclass

from ..store import Document
from .rbac import Permissions

TYPE = "Microsoft.Authorization/roleDefinitions"


@dataclass(frozen=True)
class Role:
    """A built-in role; `id` is its GUID, the same in every tenant."""

    id: str
    name: str
    permissions: Permissions

    def body(self, scope: str) -> Document:
        """Return the role as ARM shows it when asked at the scope."""
        subscription = "/".join(scope.split("/")[:3]) if scope.lower().startswith("/subscriptions/") else ""
        granted = self.permissions
        return {
            "id": f"{subscription}/providers/{TYPE}/{self.id}",
            "name": self.id,
            "type": TYPE,
            "properties": {
                "roleName": self.name,
                "type": "BuiltInRole",
                "assignableScopes": ["/"],
                "permissions": [
                    {
                        "actions": list(granted.actions),
                        "notActions": list(granted.not_actions),
                        "dataActions": list(granted.data_actions),
                        "notDataActions": list(granted.not_data_actions),
                    }
                ],
            },
        }


_GROUPS_READ = ("Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read")
_VAULT_READ = (
    *_GROUPS_READ,
    "Microsoft.KeyVault/deletedVaults/read",
    "Microsoft.KeyVault/locations/*/read",
    "Microsoft.KeyVault/vaults/*/read",
)
_NOT_BY_CONTRIBUTORS = (
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
)
_NOT_BY_VAULT_CONTRIBUTORS = ("Microsoft.KeyVault/locations/deletedVaults/purge/action",)
_SECRETS = "Microsoft.KeyVault/vaults/secrets"

_BUILT_IN = (
    Role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", Permissions(("*",))),
    Role("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", Permissions(("*",), _NOT_BY_CONTRIBUTORS)),
    Role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", Permissions(("*/read",))),
    Role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        Permissions(("*/read", "Microsoft.Authorization/*")),
    ),
    Role(
        "f25e0fa2-a7c8-4377-a976-54943a77a395",
        "Key Vault Contributor",
        Permissions((*_GROUPS_READ, "Microsoft.KeyVault/*"), _NOT_BY_VAULT_CONTRIBUTORS),
    ),
    Role(
        "00482a5a-887f-4fb3-b363-3b7fe8e74483",
        "Key Vault Administrator",
        Permissions(_VAULT_READ, data_actions=("Microsoft.KeyVault/vaults/*",)),
    ),
    Role(
        "21090545-7ca7-4776-b22c-e363652d74d2",
        "Key Vault Reader",
        Permissions(_VAULT_READ, data_actions=("Microsoft.KeyVault/vaults/*/read", f"{_SECRETS}/readMetadata/action")),
    ),
    Role(
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        "Key Vault Secrets Officer",
        Permissions(_VAULT_READ, data_actions=(f"{_SECRETS}/*",)),
    ),
    Role(
        "4633458b-17de-408a-b874-0445c86b69e6",
        "Key Vault Secrets User",
        Permissions(data_actions=(f"{_SECRETS}/getSecret/action", f"{_SECRETS}/readMetadata/action")),
    ),
)
BUILT_IN = {role.id: role for role in _BUILT_IN}
"""The built-in roles by their GUID."""


def named(definition_id: str) -> Role | None:
    """Return the role that a role definition's ARM id (at any scope) or GUID means, or None."""
    return BUILT_IN.get(definition_id.rpartition("/")[2].lower())
