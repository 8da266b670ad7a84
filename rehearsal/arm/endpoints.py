"""Azure Resource Manager: management.azure.com.

Every path is taken apart the same way; its type finds the handler, its operation and scope the decision.
"""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..cloud import Cloud
from ..entra.access_token import Caller, TokenRejected, verify
from ..payload import json_object
from ..refusal import Refusal
from ..store import Document
from . import authorization, resources, vault_secrets, vaults
from .documents import find
from .request import ArmPath, Call, Handler, refusal, unplayed

_RESOURCE = "https://management.azure.com"
_CLASSIC = "https://management.core.windows.net"
AUDIENCES = (_RESOURCE, f"{_RESOURCE}/", _CLASSIC, f"{_CLASSIC}/")
_API_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]*preview)?", re.IGNORECASE)
_HANDLERS = {**resources.HANDLERS, **authorization.HANDLERS, **vaults.HANDLERS, **vault_secrets.HANDLERS}
# Azure docs, "Azure Resource Manager: authentication errors"; `{}` takes what was wrong.
_REJECTED = {
    "missing": ("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."),
    "malformed": ("InvalidAuthenticationToken", "The access token is invalid."),
    "expired": ("ExpiredAuthenticationToken", "The access token has expired."),
    "issuer": (
        "InvalidAuthenticationTokenTenant",
        "The access token is from the wrong issuer '{}'. It must match the tenant associated with this subscription.",
    ),
    "audience": (
        "InvalidAuthenticationTokenAudience",
        "The access token has been obtained for wrong audience or resource '{}'. It should exactly match with one of "
        f"the allowed audiences {', '.join(repr(audience) for audience in AUDIENCES)}.",
    ),
}


def routes(cloud: Cloud) -> list[Route]:
    """Return the routes of management.azure.com."""

    async def answer(request: Request) -> Response:
        caller = _caller(cloud, request)
        call = _call(cloud, caller, request, await _body(request))
        with cloud.store.transaction():
            _check_subscription(call)
            _check_allowed(call)
            _check_parents(call)
            status, document = _handler(call)(call)
        if document is None or request.method == "HEAD":
            return Response(status_code=204 if request.method == "HEAD" else status)
        return JSONResponse(document, status)

    return [Route("/{path:path}", answer, methods=["GET", "PUT", "PATCH", "POST", "DELETE"])]


def _caller(cloud: Cloud, request: Request) -> Caller:
    try:
        return verify(cloud, request.headers.get("authorization"), AUDIENCES)
    except TokenRejected as rejected:
        code, message = _REJECTED[rejected.reason]
        challenge = f'Bearer authorization_uri="https://login.windows.net/{cloud.tenant}", error="invalid_token"'
        body = {"error": {"code": code, "message": message.format(rejected.detail)}}
        raise Refusal(401, body, {"WWW-Authenticate": challenge}) from None


async def _body(request: Request) -> Document:
    body = await json_object(request)
    if body is None:
        raise refusal(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
    return body


def _call(cloud: Cloud, caller: Caller, request: Request, body: Document) -> Call:
    query = {key.lower(): value for key, value in request.query_params.items()}
    version = query.get("api-version")
    if not version:
        raise refusal(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    if not _API_VERSION.fullmatch(version):
        raise refusal(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")
    path = ArmPath.parse(request.path_params["path"])
    return Call(cloud, caller, request.method, path, version, query.get("$filter", ""), body)


def _check_subscription(call: Call) -> None:
    segments = call.path.segments
    if segments[0].lower() == "subscriptions" and segments[1:2] not in ([], [call.cloud.subscription]):
        raise refusal(404, "SubscriptionNotFound", f"The subscription '{segments[1]}' could not be found.")


def _check_allowed(call: Call) -> None:
    # What lies in no subscription (tenants, the subscriptions themselves, built-in roles) every caller may read.
    if call.path.scope == "/" or (call.method == "GET" and call.path.segments[0].lower() != "subscriptions"):
        return
    if not authorization.allowed(call.cloud, call.caller, call.action, call.path.scope, "control"):
        raise refusal(
            403,
            "AuthorizationFailed",
            f"The client '{call.caller.app_id}' with object id '{call.caller.object_id}' does not have authorization "
            f"to perform action '{call.action}' over scope '{call.path.scope}' or the scope is invalid. If access was "
            "recently granted, please refresh your credentials.",
        )


def _check_parents(call: Call) -> None:
    path = call.path
    group = f"/{'/'.join(path.segments[:4])}"
    if path.group and group != path.text and find(call.cloud, group) is None:
        raise resources.group_not_found(path.group)
    parent = path.top_level
    if call.method in ("PUT", "PATCH") and parent and parent != path.text and find(call.cloud, parent) is None:
        raise refusal(
            404,
            "ParentResourceNotFound",
            f"Failed to perform 'write' on resource(s) of type '{path.type.partition('/')[2]}', because the parent "
            f"resource '{parent}' could not be found.",
        )


def _handler(call: Call) -> Handler:
    method = "GET" if call.method == "HEAD" else call.method
    kind = "collection" if call.path.is_collection else "resource"
    key = call.path.type.lower().removeprefix("microsoft.resources/") + ("/" if call.path.is_collection else "")
    return _HANDLERS.get(f"{method} {key}") or resources.KEPT[kind].get(method) or unplayed
