"""login.microsoftonline.com: discovery, keys and the version 2.0 token endpoint (client credentials)."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ..cloud import Cloud
from ..keys import signing_key
from . import access_token, sign_in
from .errors import SignInError
from .issuer_keys import IssuerKeys

_LOGIN = "https://login.microsoftonline.com"
_DEFAULT = "/.default"
_RESOURCES = {
    "https://graph.microsoft.com",
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://vault.azure.net",
}
_SIGN_IN_SCOPES = {"openid", "offline_access", "profile", "email"}


def routes(cloud: Cloud, issuer_keys: IssuerKeys) -> list[Route]:
    """Return the routes of login.microsoftonline.com."""

    async def instance(request: Request) -> JSONResponse:
        endpoint = request.query_params.get("authorization_endpoint", "")
        tenant = endpoint.removeprefix("https://").split("/")[1:2] or ["common"]
        return JSONResponse(_instance(tenant[0]))

    async def configuration(request: Request) -> JSONResponse:
        _check_tenant(cloud, request)
        return JSONResponse(_configuration(cloud.tenant))

    async def published_keys(_request: Request) -> JSONResponse:
        return JSONResponse(signing_key(cloud.store, "entra").jwks())

    async def token(request: Request) -> JSONResponse:
        _check_tenant(cloud, request)
        form = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
        grant = sign_in.required(form, "grant_type")
        if grant != "client_credentials":
            raise SignInError(70003, grant=grant)
        scope = sign_in.required(form, "scope")
        principal = await sign_in.authenticate(cloud, issuer_keys, form)
        return JSONResponse(
            {
                "token_type": "Bearer",
                "expires_in": access_token.LIFETIME,
                "ext_expires_in": access_token.LIFETIME,
                "access_token": access_token.issue(cloud, principal, _audience(scope, cloud.tenant)),
            }
        )

    return [
        Route("/common/discovery/instance", instance),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", configuration),
        Route("/{tenant}/discovery/v2.0/keys", published_keys),
        Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
    ]


def _check_tenant(cloud: Cloud, request: Request) -> None:
    tenant = request.path_params["tenant"]
    if tenant.lower() != cloud.tenant:
        raise SignInError(90002, tenant=tenant)


def _audience(scope: str, tenant: str) -> str:
    """Return the `aud` for the requested scopes: the one resource beside those of signing in, as it was written."""
    wanted = [word for word in scope.split() if word not in _SIGN_IN_SCOPES]
    if len(wanted) != 1 or not wanted[0].endswith(_DEFAULT):
        raise SignInError(1002012, scope=scope)
    resource = wanted[0].removesuffix(_DEFAULT)
    if resource.removesuffix("/") not in _RESOURCES:
        raise SignInError(500011, resource=resource, tenant=tenant)
    return resource


def _instance(tenant: str) -> dict[str, Any]:
    names = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]
    return {
        "tenant_discovery_endpoint": f"{_LOGIN}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": names[0], "preferred_cache": names[1], "aliases": names}],
    }


def _configuration(tenant: str) -> dict[str, Any]:
    base = f"{_LOGIN}/{tenant}"
    return {
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
