"""gitlab.com: what an issuer of ID tokens publishes, and the REST API."""

from collections.abc import Callable
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..cloud import Cloud
from ..keys import signing_key
from ..refusal import Refusal
from . import projects, variables
from .callers import MAINTAINER, allow, caller, refusal
from .id_tokens import ISSUER
from .registry import find
from .request import Answer, Call, parameters

_API = "/api/v4"
_VARIABLES = "/projects/{project:path}/variables"


def _user(_call: Call) -> Answer:
    return 200, {"id": 4242, "username": "rehearsal", "name": "The rehearsal's deployer", "state": "active"}


def _own_token(call: Call) -> Answer:
    scopes = call.caller.scopes if call.caller else ()
    return 200, {"id": 1, "name": "rehearsal", "scopes": scopes, "user_id": 4242, "active": True, "revoked": False}


# What is asked, by what, and the access level in the project that GitLab wants for it. The longer paths come first: the
# path of a project, decoded, has slashes too.
_OPERATIONS: dict[str, tuple[Callable[[Call], Answer], int]] = {
    "GET /user": (_user, 0),
    "GET /personal_access_tokens/self": (_own_token, 0),
    "POST /projects": (projects.made, 0),
    f"GET {_VARIABLES}": (variables.listed, MAINTAINER),
    f"POST {_VARIABLES}": (variables.create, MAINTAINER),
    f"GET {_VARIABLES}/{{key}}": (variables.read, MAINTAINER),
    f"PUT {_VARIABLES}/{{key}}": (variables.update, MAINTAINER),
    f"DELETE {_VARIABLES}/{{key}}": (variables.delete, MAINTAINER),
    "GET /projects/{project:path}": (projects.read, 0),
    "PUT /projects/{project:path}": (projects.update, MAINTAINER),
}


def routes(cloud: Cloud) -> list[Route]:
    """Return the routes of gitlab.com: OpenID configuration and keys (GitLab docs, "ID token authentication"), REST."""

    async def configuration(_request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": ISSUER,
                "jwks_uri": f"{ISSUER}/oauth/discovery/keys",
                "authorization_endpoint": f"{ISSUER}/oauth/authorize",
                "token_endpoint": f"{ISSUER}/oauth/token",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def published_keys(_request: Request) -> JSONResponse:
        return JSONResponse(signing_key(cloud.store, "gitlab").jwks())

    return [
        Route("/.well-known/openid-configuration", configuration),
        Route("/oauth/discovery/keys", published_keys),
        *(_route(cloud, operation, *how) for operation, how in _OPERATIONS.items()),
    ]


def _route(cloud: Cloud, operation: str, handler: Callable[[Call], Answer], level: int) -> Route:
    method, _, path = operation.partition(" ")
    template = f"{_API}{path}"
    own = "{project" in path

    async def answer(request: Request) -> Response:
        given = await parameters(request)
        with cloud.store.transaction():
            who = caller(cloud, request.headers)
            # GitLab hides a private project from those who do not sign in.
            if who or method != "GET" or not own or level:
                allow(who, write=method != "GET")
            project = find(cloud.store, _named(request, template)) if own and who else {}
            if project is None or (own and not who):
                raise refusal(404, "404 Project Not Found")
            allow(who, write=method != "GET", level=level)
            key = request.path_params.get("key", "")
            status, document, *headers = handler(Call(cloud, who, project, given, key))
        if document is None:
            return Response(status_code=status)
        return JSONResponse(document, status, headers[0] if headers else None)

    return Route(template, answer, methods=[method])


def _named(request: Request, template: str) -> str:
    """Return the project that the path names, by id or full path: one segment of it, its slashes written %2F."""
    segments, wanted = request.scope["raw_path"].decode().split("/"), template.split("/")
    if len(segments) != len(wanted):
        raise Refusal(404, {"error": "404 Not Found"})
    return unquote(segments[wanted.index("{project:path}")])
