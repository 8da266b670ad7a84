"""The played hosts as one application; a call that is not played says so, and is remembered."""

import re
from collections import Counter

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Route, Router

from .arm import endpoints as arm
from .cloud import Cloud
from .entra import endpoints as entra
from .entra.issuer_keys import Fetch
from .gitlab import endpoints as gitlab
from .graph import endpoints as graph
from .keyvault import endpoints as keyvault
from .refusal import Refusal, answer_refusal

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
    return (host in NAMES and "*" not in host) or _VAULT.fullmatch(host) is not None


class Unplayed:
    """The calls that the rehearsal was asked for and does not play, with how often each came."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    async def answer(self, request: Request, _error: Exception) -> PlainTextResponse:
        """Answer 501 with a sentence that names the call (its query's api-version at most: no values)."""
        version = request.query_params.get("api-version")
        call = f"{request.method} https://{request.url.hostname}{request.url.path}"
        call += f"?api-version={version}" if version else ""
        self.calls[call] += 1
        return PlainTextResponse(f"The rehearsal does not play {call} (see rehearsal/COVERAGE.md).\n", 501)


def build(cloud: Cloud, fetch: Fetch, unplayed: Unplayed) -> Starlette:
    """Return the application that answers for every played host.

    `fetch` gets a JSON document over HTTPS, as Entra does from an issuer of federated tokens.
    """
    login = _host(entra.routes(cloud, fetch))
    return Starlette(
        routes=[
            Host("login.microsoftonline.com", login),
            Host("login.windows.net", login),
            Host("graph.microsoft.com", _host(graph.routes(cloud))),
            Host("management.azure.com", _host(arm.routes(cloud))),
            Host("{vault}.vault.azure.net", _host(keyvault.routes(cloud))),
            Host("gitlab.com", _host(gitlab.routes(cloud))),
        ],
        exception_handlers={Refusal: answer_refusal, 404: unplayed.answer, 405: unplayed.answer},
    )


def _host(routes: list[Route]) -> Router:
    # No redirects between /x and /x/: a vault's "newest version" is asked with a slash at the end.
    return Router(routes, redirect_slashes=False)
