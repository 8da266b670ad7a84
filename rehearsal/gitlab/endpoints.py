"""gitlab.com: what an issuer of ID tokens publishes."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ..cloud import Cloud
from ..keys import signing_key
from .projects import ISSUER


def routes(cloud: Cloud) -> list[Route]:
    """Return the routes of gitlab.com: OpenID configuration and keys (GitLab docs, "ID token authentication")."""

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
    ]
