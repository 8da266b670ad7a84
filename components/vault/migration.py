"""How a vault moves from access policies to roles. Pure.

Source: Microsoft Learn, "Migrate from vault access policy to an Azure role-based access control permission model".
"""

__all__ = ["to_roles"]


def to_roles(vault: str) -> str:
    """Return what to do with a vault, by its name, that is in access-policy mode: lines for a person."""
    return (
        "move it to roles, as docs/vault.md goes through it. See who reads it today:\n"
        f"az keyvault show --name {vault} --query properties.accessPolicies\n"
        "Give each of them its role on the vault first, because the move ends all policies at once; then:\n"
        f"az keyvault update --name {vault} --enable-rbac-authorization true"
    )
