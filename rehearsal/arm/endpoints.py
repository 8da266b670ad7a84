"""Azure Resource Manager: management.azure.com.

Every path is taken apart the same way; its type finds the handler, its operation and scope the decision.
"""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..cloud import Cloud
from ..entra.access_token import Caller, TokenRejected, verify
from ..payload import json_object
from ..refusal import Refusal
from . import authorization, identities, locks, networks, subscriptions, vaults
from .request import Answer, ArmPath, Call, refusal
from .resources import KEPT, find

_RESOURCE = "https://management.azure.com"
_CLASSIC = "https://management.core.windows.net"
AUDIENCES = (_RESOURCE, f"{_RESOURCE}/", _CLASSIC, f"{_CLASSIC}/")
_SHAPES = {**authorization.SHAPES, **identities.SHAPES, **locks.SHAPES, **networks.SHAPES, **vaults.SHAPES}
_TYPES = {
    **subscriptions.TYPES,
    **authorization.TYPES,
    **identities.TYPES,
    **locks.TYPES,
    **networks.TYPES,
    **vaults.TYPES,
}
_OPEN = ("microsoft.resources/subscriptions", "microsoft.authorization/roledefinitions")
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
    busy: set[str] = set()  # managed identities of which a credential is being written

    async def answer(request: Request) -> Response:
        call = await _call(cloud, _caller(cloud, request), request)
        handler = _handler(call)
        async with identities.written_alone(busy, call):
            with cloud.store.transaction():
                _check_subscription(call)
                _check_allowed(call)
                locks.check(call)
                _check_parents(call)
                status, document = handler(call)
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


async def _call(cloud: Cloud, caller: Caller, request: Request) -> Call:
    malformed = "The request content was invalid and could not be deserialized."
    path = ArmPath.parse(request.path_params["path"])
    shape = {"location": str, "tags": {}, "properties": _SHAPES.get(path.type.lower(), {})}
    body = await json_object(request, shape, refusal(400, "InvalidRequestContent", malformed))
    query = request.query_params
    version = query.get("api-version")
    if not version:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise refusal(400, "MissingApiVersionParameter", message)
    return Call(cloud, caller, request.method, path, version, query.get("$filter", ""), body)


def _check_subscription(call: Call) -> None:
    if call.path.subscription not in ("", call.cloud.subscription):
        message = f"The subscription '{call.path.segments[1]}' could not be found."
        raise refusal(404, "SubscriptionNotFound", message)


def _check_allowed(call: Call) -> None:
    # Which subscriptions there are, and the built-in roles, every caller may read.
    if not call.path.subscription and call.path.type.lower() in _OPEN:
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
    path, writes = call.path, call.method in ("PUT", "PATCH")
    group, parent = f"/{'/'.join(path.segments[:4])}", path.top_level
    made = path.text if call.method == "PUT" else None
    if path.group and group != made and find(call.cloud, group) is None:
        raise refusal(404, "ResourceGroupNotFound", f"Resource group '{path.group}' could not be found.")
    if writes and parent and parent != path.text and find(call.cloud, parent) is None:
        raise refusal(
            404,
            "ParentResourceNotFound",
            f"Failed to perform 'write' on resource(s) of type '{path.type.partition('/')[2]}', because the parent "
            f"resource '{parent}' could not be found.",
        )


def _handler(call: Call) -> Callable[[Call], Answer]:
    method = "GET" if call.method == "HEAD" else call.method
    type_ = call.path.type.lower()
    kept = call.path.subscription and not type_.startswith("microsoft.resources/")
    handlers = _TYPES.get(type_) or (KEPT if kept else {})
    handler = handlers.get(method + "/" * call.path.is_collection)
    if handler is None:
        raise HTTPException(404)  # not played
    return handler
