"""Role assignments on a vault: their scopes, role definitions and names. Pure.

Sources: Microsoft Learn, "Provide access to Key Vault with Azure role-based access control" (roles, scopes of single
secrets) and "Azure built-in roles" (their ids, the same in every tenant).
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SECRETS_USER", "assignment_name", "role_definition_id", "secret_scopes"]

SECRETS_USER: Final = "4633458b-17de-408a-b874-0445c86b69e6"
"""The built-in role Key Vault Secrets User: read the values of secrets, and nothing else."""

_NAMESPACE: Final = uuid.UUID("2f0c7d5e-6a39-5d0b-9a53-6b6c1f0a7c11")


def role_definition_id(scope: str, role: str) -> str:
    """Return the ARM id of a built-in role in the subscription of `scope`. Raises ValueError if it lies in none."""
    subscription = re.match(r"/subscriptions/[^/]+", scope, re.IGNORECASE)
    if not subscription:
        raise ValueError(f"{scope!r} is no ARM id below a subscription")
    return f"{subscription[0]}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def assignment_name(scope: str, principal_id: str, role: str) -> str:
    """Return the UUID that names this assignment: the same three give the same name, another principal gives another.

    Azure allows one assignment of a role to a principal at a scope, and compares ids without regard to case.
    """
    return str(uuid.uuid5(_NAMESPACE, "|".join((scope, principal_id, role)).lower()))


def secret_scopes(secrets: Iterable[str]) -> dict[str, str]:
    """Return for each secret, named in lower case, the end of its scope below the vault's ARM id.

    Key Vault tells secrets apart without regard to case, so two spellings are one scope.
    """
    return {name: f"/secrets/{name}" for name in dict.fromkeys(secret.lower() for secret in secrets)}
