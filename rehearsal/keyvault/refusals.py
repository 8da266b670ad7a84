"""How a vault says no, in its own words (Key Vault docs, "REST API error codes", and recorded answers)."""

import re

from ..entra.access_token import Caller, TokenRejected
from ..refusal import Refusal
from ..store import Document

RESOURCE = "https://vault.azure.net"
SECRET_NAME = re.compile(r"[0-9A-Za-z-]{1,127}")
_REJECTED = {
    "missing": "AKV10000: Request is missing a Bearer or PoP token.",
    "malformed": "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.",
    "expired": "[TokenExpired] Error validating token: 'S2S12086'.",
    "issuer": "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/{tenant}/, found {detail}.",
    "audience": f"AKV10022: Invalid audience. Expected {RESOURCE}, found: {{detail}}.",
}


def unauthorized(rejected: TokenRejected, tenant: str) -> Refusal:
    """Return the 401 whose challenge tells a client where to get which token."""
    message = _REJECTED[rejected.reason].format(tenant=tenant, detail=rejected.detail)
    challenge = f'Bearer authorization="https://login.windows.net/{tenant}", resource="{RESOURCE}"'
    return _refusal(401, "Unauthorized", message, headers={"WWW-Authenticate": challenge})


def by_rbac(caller: Caller, vault: Document, action: str, resource: str) -> Refusal:
    """Return the 403 for a caller without a role that permits the action on the resource (an ARM id)."""
    return _refusal(
        403,
        "Forbidden",
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
        "definitions were changed recently, please observe propagation time.\r\n"
        f"Caller: {_named(caller)}\r\nAction: '{action}'\r\nResource: '{resource.lower()}'\r\n"
        "Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\n"
        f"Vault: {_place(vault)}\r\n",
        "ForbiddenByRbac",
    )


def by_access_policy(caller: Caller, vault: Document, permission: str) -> Refusal:
    """Return the 403 of a vault in access-policy mode."""
    return _refusal(
        403,
        "Forbidden",
        f"The user, group or application '{_named(caller)}' does not have secrets {permission} permission on key vault "
        f"'{_place(vault)}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
        "AccessDenied",
    )


def disabled() -> Refusal:
    """Return the 403 for the value of a disabled secret."""
    return _refusal(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled")


def secret_not_found(name: str) -> Refusal:
    """Return the 404 for a secret (`name`) or a version of one (`name/version`)."""
    return _refusal(
        404,
        "SecretNotFound",
        f"A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may "
        "be able to recover it using the correct recovery command. For help resolving this issue, please see "
        "https://go.microsoft.com/fwlink/?linkid=2125182",
    )


def vault_not_found(name: str) -> Refusal:
    """Return what stands for a vault that does not exist: the real one has no name in DNS at all."""
    return _refusal(404, "VaultNotFound", f"The rehearsal has no vault '{name}': in Azure its name would not resolve.")


def bad_parameter(message: str) -> Refusal:
    """Return the 400 for a request that the vault does not understand. The message never quotes a value."""
    return _refusal(400, "BadParameter", message)


def _named(caller: Caller) -> str:
    return f"appid={caller.app_id};oid={caller.object_id};iss={caller.issuer}"


def _place(vault: Document) -> str:
    return f"{vault['name']};location={vault['location']}"


def _refusal(
    status: int, code: str, message: str, inner: str | None = None, headers: dict[str, str] | None = None
) -> Refusal:
    error: Document = {"code": code, "message": message}
    if inner:
        error["innererror"] = {"code": inner}
    return Refusal(status, {"error": error}, headers)
