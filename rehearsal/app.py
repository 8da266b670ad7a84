"""The played hosts as one application; a call that is not played says so, and is remembered."""

import re
from collections import Counter

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Host, Router

from .arm import endpoints as arm
from .cloud import Cloud
from .entra import endpoints as entra
from .entra.errors import SignInError, answer_sign_in_error
from .entra.issuer_keys import IssuerKeys
from .gitlab import endpoints as gitlab
from .graph import endpoints as graph
from .keyvault import endpoints as keyvault
from .refusal import Refusal, answer_refusal

# The names of the one certificate.
NAMES = (
    "login.microsoftonline.com",
    "login.windows.net",
    "graph.microsoft.com",
    "management.azure.com",
    "gitlab.com",
    "*.vault.azure.net",
)
_VAULT = re.compile(r"[a-z0-9-]+\.vault\.azure\.net")


def played(host: str) -> bool:
    """Tell whether a host name (lower case) is one that the rehearsal plays."""
    return host in NAMES[:-1] or _VAULT.fullmatch(host) is not None


def build(cloud: Cloud, issuer_keys: IssuerKeys, unplayed: Counter[str]) -> Starlette:
    """Return the application that answers for every played host, and counts the calls that it does not play."""

    async def answer_unplayed(request: Request, _error: Exception) -> PlainTextResponse:
        # Of the query its api-version at most: no values.
        version = request.query_params.get("api-version")
        call = f"{request.method} https://{request.url.hostname}{request.url.path}"
        call += f"?api-version={version}" if version else ""
        unplayed[call] += 1
        return PlainTextResponse(f"The rehearsal does not play {call} (see rehearsal/COVERAGE.md).\n", 501)

    login = entra.routes(cloud, issuer_keys)
    hosts = {
        "login.microsoftonline.com": login,
        "login.windows.net": login,
        "graph.microsoft.com": graph.routes(cloud),
        "management.azure.com": arm.routes(cloud),
        "{vault}.vault.azure.net": keyvault.routes(cloud),
        "gitlab.com": gitlab.routes(cloud),
    }
    return Starlette(
        # No redirects between /x and /x/: a vault's "newest version" is asked with a slash at the end.
        routes=[Host(name, Router(routes, redirect_slashes=False)) for name, routes in hosts.items()],
        exception_handlers={
            Refusal: answer_refusal,
            SignInError: answer_sign_in_error,
            ClientDisconnect: _answer_nobody,
            404: answer_unplayed,
            405: answer_unplayed,
        },
    )


async def _answer_nobody(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # the client left in the middle of its request
