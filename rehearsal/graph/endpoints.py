"""Microsoft Graph: graph.microsoft.com, v1.0 and beta alike."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..cloud import Cloud
from ..entra.access_token import Caller, TokenRejected, verify
from ..payload import json_object
from . import federated_credentials as credentials
from . import objects
from .request import Answer, Call, refusal

AUDIENCES = ("https://graph.microsoft.com", "https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000")
_REJECTED = {
    "missing": "Access token is empty.",
    "malformed": "Access token validation failure. Invalid signature or form.",
    "expired": "Lifetime validation failed, the token is expired.",
    "issuer": "Access token validation failure. Invalid issuer.",
    "audience": "Access token validation failure. Invalid audience.",
}
# Of the properties that the rehearsal itself reads.
_BODY = {
    **dict.fromkeys(("displayName", "appId", "@odata.id", "name", "issuer", "subject", "description"), str),
    **{key: [str] for key in ("owners@odata.bind", "ids", "identifierUris", "audiences")},
    "claimsMatchingExpression": {"value": str, "languageVersion": int},
}
_COMMON: dict[str, Callable[[Call], Answer]] = {
    "GET ": objects.listed,
    "POST ": objects.create,
    "GET /{id}": objects.read,
    "PATCH /{id}": objects.update,
    "DELETE /{id}": objects.delete,
    "GET /{id}/owners": objects.owners,
    "POST /{id}/owners/$ref": objects.add_owner,
    "DELETE /{id}/owners/{child}/$ref": objects.remove_owner,
}
_OPERATIONS: dict[str, dict[str, Callable[[Call], Answer]]] = {
    "applications": {
        **_COMMON,
        "GET /{id}/federatedIdentityCredentials": credentials.listed,
        "POST /{id}/federatedIdentityCredentials": credentials.create,
        "GET /{id}/federatedIdentityCredentials/{child}": credentials.read,
        "PATCH /{id}/federatedIdentityCredentials/{child}": credentials.update,
        "DELETE /{id}/federatedIdentityCredentials/{child}": credentials.delete,
    },
    "servicePrincipals": _COMMON,
    "directoryObjects": {"POST /getByIds": objects.by_ids},
}


def routes(cloud: Cloud) -> list[Route]:
    """Return the routes of graph.microsoft.com."""
    return [
        _route(cloud, version, kind, operation, handler)
        for version in ("v1.0", "beta")
        for kind, operations in _OPERATIONS.items()
        for operation, handler in operations.items()
    ]


def _route(cloud: Cloud, version: str, kind: str, operation: str, handler: Callable[[Call], Answer]) -> Route:
    async def answer(request: Request) -> Response:
        caller = _caller(cloud, request)
        body = await json_object(request, _BODY, refusal(400, "BadRequest", "Unable to read JSON request payload."))
        select, wanted = (request.query_params.get(name, "") for name in ("$select", "$filter"))
        call = Call(cloud, caller, version, kind, body, select, wanted, **request.path_params)
        with cloud.store.transaction():
            status, document = handler(call)
        return Response(status_code=status) if document is None else _written(JSONResponse(document, status), version)

    method, _, path = operation.partition(" ")
    return Route(f"/{version}/{kind}{path}", answer, methods=[method])


def _written(answer: Response, version: str) -> Response:
    """Return the answer as v1.0 writes it: up to the first null `subject` (a flexible credential), then an error."""
    written, broken, _ = bytes(answer.body).partition(b',"subject":null')
    if version == "beta" or not broken:
        return answer
    told = "The property 'subject[Nullable=False]' of type 'Edm.String' has a null value, which is not allowed."
    error = JSONResponse(refusal(500, "InternalServerError", told).body)
    return Response(written + bytes(error.body), answer.status_code, media_type="application/json")


def _caller(cloud: Cloud, request: Request) -> Caller:
    try:
        caller = verify(cloud, request.headers.get("authorization"), AUDIENCES)
    except TokenRejected as rejected:
        raise refusal(401, "InvalidAuthenticationToken", _REJECTED[rejected.reason]) from None
    # Only the person who may deploy was granted Graph's application permissions; a job's principal has none.
    if caller.app_id != cloud.client_id:
        raise refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    return caller
