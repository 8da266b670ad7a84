"""The data plane of a vault: https://{name}.vault.azure.net (Azure Key Vault REST reference, "Secrets")."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ..arm import authorization, vaults
from ..cloud import Cloud
from ..entra.access_token import Caller, TokenRejected, verify
from ..payload import json_object
from ..store import Document
from . import refusals, secrets

# Of the raw path: a slash in a secret's name travels as %2F and must not divide it.
_PATH = re.compile(r"/secrets(?:/(?P<name>[^/]+)(?:/(?P<version>[^/]+))?)?/?")


@dataclass(frozen=True)
class _Call:
    """One request to a vault: who, which vault, which secret and version ("" for the newest)."""

    cloud: Cloud
    caller: Caller
    vault: Document
    name: str
    version: str
    body: Document

    @property
    def vault_name(self) -> str:
        return self.vault["name"]

    @property
    def document(self) -> Document:
        found = secrets.find(self.cloud.store, self.vault_name, self.name, self.version)
        if found is None:
            raise refusals.secret_not_found(f"{self.name}/{self.version}" if self.version else self.name)
        return found

    def bundle(self, document: Document, *shown: str) -> Document:
        """Return a secret as the vault shows it: without its value, unless that is among what is `shown` too."""
        identifier = f"{self.vault['properties']['vaultUri']}secrets/{document['name']}/{document['version']}"
        kept = ("attributes", "tags", "contentType", *shown)
        return {"id": identifier, **{key: document[key] for key in kept if document[key] is not None}}


def _get(call: _Call) -> Document:
    document = call.document
    if not document["attributes"]["enabled"]:
        raise refusals.disabled()
    return call.bundle(document, "value")


def _set(call: _Call) -> Document:
    if not isinstance(call.body.get("value"), str):
        raise refusals.bad_parameter("The parameter 'value' is missing or is not a string.")
    return call.bundle(secrets.create(call.cloud, call.vault_name, call.name, call.body), "value")


def _update(call: _Call) -> Document:
    return call.bundle(secrets.update(call.cloud, call.vault_name, call.document, call.body))


def _delete(call: _Call) -> Document:
    deleted = call.bundle(call.document)
    secrets.delete(call.cloud.store, call.vault_name, call.name)
    return deleted


def _list(call: _Call) -> Document:
    bundles = [call.bundle(document) for document in secrets.newest(call.cloud.store, call.vault_name)]
    return {"value": [{**bundle, "id": bundle["id"].rpartition("/")[0]} for bundle in bundles], "nextLink": None}


def _versions(call: _Call) -> Document:
    found = secrets.versions(call.cloud.store, call.vault_name, call.name)
    return {"value": [call.bundle(document) for document in found], "nextLink": None}


_MALFORMED = refusals.bad_parameter("The request body is not a JSON object of properties in their right types.")
# What is done, its data action after `Microsoft.KeyVault/vaults/secrets/`, its permission in an access policy.
_Operation = tuple[Callable[[_Call], Document], str, str]
_OPERATIONS: dict[str, _Operation] = {
    "GET all": (_list, "readMetadata/action", "list"),
    "GET versions": (_versions, "readMetadata/action", "list"),
    "GET newest": (_get, "getSecret/action", "get"),
    "GET version": (_get, "getSecret/action", "get"),
    "PUT newest": (_set, "setSecret/action", "set"),
    "PATCH newest": (_update, "update/action", "set"),
    "PATCH version": (_update, "update/action", "set"),
    "DELETE newest": (_delete, "delete", "delete"),
}


def routes(cloud: Cloud) -> list[Route]:
    """Return the routes of every vault's host, whose first label is the parameter `vault`."""

    async def answer(request: Request) -> JSONResponse:
        name = request.path_params["vault"]
        vault = vaults.named(cloud, name)
        if vault is None:
            raise refusals.vault_not_found(name)
        try:
            caller = verify(cloud, request.headers.get("authorization"), [refusals.RESOURCE])
        except TokenRejected as rejected:
            raise refusals.unauthorized(rejected, cloud.tenant) from None
        body = await json_object(request, secrets.SHAPE, _MALFORMED)
        (handler, action, permission), secret, version = _asked(request)
        call = _Call(cloud, caller, vault, secret, version, body)
        _check_allowed(call, action, permission)
        with cloud.store.transaction():
            return JSONResponse(handler(call))

    return [Route("/{path:path}", answer, methods=["GET", "PUT", "PATCH", "DELETE"])]


def _asked(request: Request) -> tuple[_Operation, str, str]:
    """Return the operation that a request asks for, and on which secret and version."""
    raw: bytes = request.scope["raw_path"]
    match = _PATH.fullmatch(raw.decode("ascii"))
    name, version = (unquote(part or "") for part in match.groups()) if match else ("", "")
    what = "all" if not name else "newest" if not version else "versions" if version == "versions" else "version"
    operation = _OPERATIONS.get(f"{request.method} {what}")
    if match is None or operation is None:
        raise HTTPException(404)  # not played
    if name and not refusals.SECRET_NAME.fullmatch(name):
        raise refusals.bad_parameter(f"The request URI contains an invalid name: {name}")
    return operation, name, version


def _check_allowed(call: _Call, action: str, permission: str) -> None:
    vault, caller = call.vault, call.caller
    if not vault["properties"]["enableRbacAuthorization"]:
        if not {permission, "all"} & _in_policies(vault, caller):
            raise refusals.by_access_policy(caller, vault, permission)
        return
    action = f"Microsoft.KeyVault/vaults/secrets/{action}"
    resource = f"{vault['id']}/secrets/{call.name}" if call.name else vault["id"]
    if not authorization.allowed(call.cloud, caller, action, resource, "data"):
        raise refusals.by_rbac(caller, vault, action, resource)


def _in_policies(vault: Document, caller: Caller) -> set[str]:
    policies: list[Document] = vault["properties"]["accessPolicies"]
    mine = [policy.get("permissions") for policy in policies if policy.get("objectId") == caller.object_id]
    return {granted.lower() for permissions in mine if permissions for granted in permissions.get("secrets") or ()}
