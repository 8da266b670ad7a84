"""The data plane of a vault: https://{name}.vault.azure.net (Azure Key Vault REST reference, "Secrets")."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
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

_API_VERSION = re.compile(r"7\.[0-6]|2025-0[67]-01(-preview)?|2026-04-01|2016-10-01")
_LATEST = "2026-04-01"


@dataclass(frozen=True)
class _Call:
    """One request to a vault: who, which vault, which secret and version ("" for the newest)."""

    cloud: Cloud
    vault: Document
    name: str
    version: str
    body: Document

    @property
    def vault_name(self) -> str:
        return self.vault["name"]

    @property
    def document(self) -> Document:
        store = self.cloud.store
        if self.version:
            found = secrets.version(store, self.vault_name, self.name, self.version)
        else:
            found = secrets.latest(store, self.vault_name, self.name)
        if found is None:
            raise refusals.secret_not_found(f"{self.name}/{self.version}" if self.version else self.name)
        return found


def _get(call: _Call) -> Document:
    document = call.document
    if not document["attributes"]["enabled"]:
        raise refusals.disabled()
    return _with_value(call, document)


def _set(call: _Call) -> Document:
    if not isinstance(call.body.get("value"), str):
        raise refusals.bad_parameter("The parameter 'value' is missing or is not a string.")
    return _with_value(call, secrets.create(call.cloud, call.vault_name, call.name, call.body))


def _update(call: _Call) -> Document:
    return _bundle(call, secrets.update(call.cloud, call.vault_name, call.document, call.body))


def _delete(call: _Call) -> Document:
    bundle = _bundle(call, call.document)
    secrets.delete(call.cloud.store, call.vault_name, call.name)
    return bundle


def _list(call: _Call) -> Document:
    found = secrets.newest(call.cloud.store, call.vault_name)
    items = [_bundle(call, document) | {"id": _id(call, document["name"])} for document in found]
    return {"value": items, "nextLink": None}


def _versions(call: _Call) -> Document:
    found = secrets.versions(call.cloud.store, call.vault_name, call.name)
    return {"value": [_bundle(call, document) for document in found], "nextLink": None}


def _with_value(call: _Call, document: Document) -> Document:
    return _bundle(call, document) | {"value": document["value"]}


def _bundle(call: _Call, document: Document) -> Document:
    properties = call.vault["properties"]
    days: int = properties["softDeleteRetentionInDays"]
    level = "Recoverable" if days == 90 else "CustomizedRecoverable"
    level += "" if properties.get("enablePurgeProtection") else "+Purgeable"
    bundle: Document = {
        "id": f"{_id(call, document['name'])}/{document['version']}",
        "attributes": {**document["attributes"], "recoveryLevel": level, "recoverableDays": days},
        "tags": document["tags"],
    }
    return bundle | ({"contentType": document["contentType"]} if document["contentType"] is not None else {})


def _id(call: _Call, name: str) -> str:
    return f"{call.vault['properties']['vaultUri']}secrets/{name}"


@dataclass(frozen=True)
class _Operation:
    """What a request does; its data action after `Microsoft.KeyVault/vaults/secrets/`; its access-policy permission."""

    handler: Callable[[_Call], Document]
    action: str
    permission: str


_METADATA = "readMetadata/action"
# By method and path, segment by segment: N stands for a secret's name, V for a version ("" for the newest).
_OPERATIONS = {
    "GET secrets": _Operation(_list, _METADATA, "list"),
    "GET secrets N": _Operation(_get, "getSecret/action", "get"),
    "GET secrets N V": _Operation(_get, "getSecret/action", "get"),
    "GET secrets N versions": _Operation(_versions, _METADATA, "list"),
    "PUT secrets N": _Operation(_set, "setSecret/action", "set"),
    "PATCH secrets N": _Operation(_update, "update/action", "set"),
    "PATCH secrets N V": _Operation(_update, "update/action", "set"),
    "DELETE secrets N": _Operation(_delete, "delete", "delete"),
}


def routes(cloud: Cloud) -> list[Route]:
    """Return the routes of every vault's host; the host's first label names the vault."""

    async def answer(request: Request) -> JSONResponse:
        name = str(request.url.hostname).partition(".")[0]
        vault = vaults.named(cloud, name)
        if vault is None:
            raise refusals.vault_not_found(name)
        try:
            caller = verify(cloud, request.headers.get("authorization"), [refusals.RESOURCE])
        except TokenRejected as rejected:
            raise refusals.unauthorized(rejected, cloud.tenant) from None
        _check_version(request.query_params.get("api-version"))
        segments = _segments(request)
        operation = _operation(request.method, segments)
        call = _Call(cloud, vault, *_secret(segments), await _body(request))
        _check_allowed(cloud, caller, call, operation)
        with cloud.store.transaction():
            return JSONResponse(operation.handler(call))

    return [Route("/{path:path}", answer, methods=["GET", "PUT", "PATCH", "DELETE"])]


def _segments(request: Request) -> list[str]:
    # The raw path: a slash in a secret's name travels as %2F and must not divide the path.
    raw: Any = request.scope["raw_path"]
    segments = [unquote(segment) for segment in raw.decode("ascii").partition("?")[0].split("/")[1:]]
    return segments[:-1] if segments[-1] == "" else segments


def _operation(method: str, segments: list[str]) -> _Operation:
    shape = [
        segment if place == 0 or (place, segment) == (2, "versions") else "NV?"[min(place, 3) - 1]
        for place, segment in enumerate(segments)
    ]
    operation = _OPERATIONS.get(" ".join([method, *shape]))
    if operation is None:
        raise HTTPException(404)
    return operation


def _secret(segments: list[str]) -> tuple[str, str]:
    name, version = [*segments[1:], "", ""][:2]
    if name and not refusals.SECRET_NAME.fullmatch(name):
        raise refusals.bad_parameter(f"The request URI contains an invalid name: {name}")
    return name, version


def _check_version(version: str | None) -> None:
    if not version:
        raise refusals.bad_parameter("api-version must be specified")
    if not _API_VERSION.fullmatch(version):
        raise refusals.bad_parameter(
            f"The specified version ({version}) is not recognized. Consider using the latest supported version "
            f"({_LATEST})."
        )


async def _body(request: Request) -> Document:
    body = await json_object(request)
    if body is None:
        raise refusals.bad_parameter("The request body is not a JSON object.")
    return body


def _check_allowed(cloud: Cloud, caller: Caller, call: _Call, operation: _Operation) -> None:
    vault = call.vault
    if not vault["properties"]["enableRbacAuthorization"]:
        if not _in_policy(vault, caller, operation.permission):
            raise refusals.by_access_policy(caller, vault, operation.permission)
        return
    action = f"Microsoft.KeyVault/vaults/secrets/{operation.action}"
    resource = f"{vault['id']}/secrets/{call.name}" if call.name else vault["id"]
    if not authorization.allowed(cloud, caller, action, resource, "data"):
        raise refusals.by_rbac(caller, vault, action, resource)


def _in_policy(vault: Document, caller: Caller, permission: str) -> bool:
    policies: list[Document] = vault["properties"]["accessPolicies"]
    granted: list[str] = []
    for policy in policies:
        if policy["objectId"] == caller.object_id:
            granted += policy["permissions"].get("secrets") or []
    return bool({permission, "all"} & {each.lower() for each in granted})
