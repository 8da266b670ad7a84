"""Role assignments on a vault: roles by name, their definitions, scopes and names. Pure.

Sources: Microsoft Learn, "Provide access to Key Vault with Azure role-based access control" (roles, scopes of single
secrets) and "Azure built-in roles" (their ids, the same in every tenant).
"""

from __future__ import annotations

import difflib
import re
import uuid
from typing import TYPE_CHECKING, Final

from keyvault_fetch.trust.subjects import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "DEFAULT_ROLE",
    "ROLES",
    "assignment_name",
    "role_definition_id",
    "role_flaw",
    "role_warning",
    "secret_scopes",
]

DEFAULT_ROLE: Final = "Key Vault Secrets User"
"""Read the values of secrets, and nothing else."""

ROLES: Final[dict[str, str]] = {
    DEFAULT_ROLE: "4633458b-17de-408a-b874-0445c86b69e6",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Reader": "21090545-7ca7-4776-b22c-e363652d74d2",
    "Key Vault Certificate User": "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
    "Key Vault Certificates Officer": "a4417e6f-fecd-4de8-b567-7b0420556985",
    "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
    "Key Vault Crypto Officer": "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
    "Key Vault Crypto Service Encryption User": "e147488a-f6f5-4113-8e2d-b22465e65bf6",
    "Key Vault Crypto Service Release User": "08bbd89e-9f13-488c-ac41-acfcb10c90ab",
}
"""The ids of the built-in roles on what a vault holds, by name."""

_READERS: Final = frozenset(
    {DEFAULT_ROLE, "Key Vault Secrets Officer", "Key Vault Administrator", "Key Vault Certificate User"}
)
"""The roles with the data action `vaults/secrets/getSecret/action`."""

_REFUSED: Final = {
    "Key Vault Contributor": "manages vaults and reads no secret",
    "Key Vault Data Access Administrator": "hands out roles: the job could give itself any role of the vault",
    "Key Vault Purge Operator": "destroys deleted vaults for good and reads no secret",
    "Contributor": "manages everything in its scope and reads no secret",
    "Owner": "manages everything in its scope and hands out roles",
    "Role Based Access Control Administrator": "hands out roles: the job could give itself any role",
    "User Access Administrator": "hands out roles: the job could give itself any role",
    "Reader": "reads no secret",
}
_NAMESPACE: Final = uuid.UUID("2f0c7d5e-6a39-5d0b-9a53-6b6c1f0a7c11")


def role_flaw(name: str) -> Flaw | None:
    """Return why jobs are given no role of this name."""
    if name in ROLES:
        return None
    if name in _REFUSED:
        return Flaw(f"{name!r} {_REFUSED[name]}", f"write {DEFAULT_ROLE!r}, or another role on what a vault holds")
    known = {guid: role for role, guid in ROLES.items()}.get(name.rpartition("/")[2].lower())
    if known:
        return Flaw(f"{name!r} is a role's id", f"write its name, {known!r}")
    by_case = {role.lower(): role for role in ROLES}
    near = difflib.get_close_matches(name.lower(), by_case, n=1)
    hint = f"did you mean {by_case[near[0]]!r}?" if near else f"write one of: {', '.join(ROLES)}"
    return Flaw(f"{name!r} is no built-in role on what a vault holds", hint)


def role_warning(name: str) -> str:
    """Return what to tell of a role that jobs may have but that reads no secret's value; empty where it does."""
    return "" if name in _READERS else f"the role {name!r} reads no secret's value: `secrets:` will fail with it"


def role_definition_id(scope: str, role: str) -> str:
    """Return the ARM id of a built-in role, by its name, in the subscription of `scope`.

    Raises ValueError if the scope lies in no subscription or there is no such role.
    """
    subscription = re.match(r"/subscriptions/[^/]+", scope, re.IGNORECASE)
    if not subscription:
        raise ValueError(f"{scope!r} is no ARM id below a subscription")
    if flaw := role_flaw(role):
        raise ValueError(f"{flaw.problem}: {flaw.mend}")
    return f"{subscription[0]}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"


def assignment_name(scope: str, principal_id: str, role: str) -> str:
    """Return the UUID that names the assignment of a role, by its name: the same three give the same UUID.

    Azure allows one assignment of a role to a principal at a scope, and compares ids without regard to case.
    """
    return str(uuid.uuid5(_NAMESPACE, "|".join((scope, principal_id, ROLES[role])).lower()))


def secret_scopes(secrets: Iterable[str]) -> dict[str, str]:
    """Return for each secret, named in lower case, the end of its scope below the vault's ARM id.

    Key Vault tells secrets apart without regard to case, so two spellings are one scope.
    """
    return {name: f"/secrets/{name}" for name in dict.fromkeys(secret.lower() for secret in secrets)}
