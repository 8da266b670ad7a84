"""login.microsoftonline.com: discovery, keys and the version 2.0 token endpoint (client credentials)."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ..cloud import Cloud
from ..keys import signing_key
from ..refusal import Refusal
from . import access_token, sign_in
from .errors import SignInError
from .issuer_keys import Fetch, IssuerKeys

_LOGIN = "https://login.microsoftonline.com"
_DEFAULT = "/.default"
_RESOURCES = {
    "https://graph.microsoft.com",
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://vault.azure.net",
}
_SIGN_IN_SCOPES = {"openid", "offline_access", "profile", "email"}


def routes(cloud: Cloud, fetch: Fetch) -> list[Route]:
    """Return the routes of login.microsoftonline.com; `fetch` gets the issuers' documents."""
    issuer_keys = IssuerKeys(fetch)

    async def instance(request: Request) -> JSONResponse:
        endpoint = request.query_params.get("authorization_endpoint", f"{_LOGIN}/common/oauth2/v2.0/authorize")
        tenant = endpoint.removeprefix("https://").split("/")[1:2] or ["common"]
        return JSONResponse(_instance(tenant[0]))

    async def configuration(request: Request) -> JSONResponse:
        with _refusing(cloud, request):
            _require_tenant(cloud, request, error="invalid_tenant")
        return JSONResponse(_configuration(cloud.tenant))

    async def published_keys(_request: Request) -> JSONResponse:
        return JSONResponse({"keys": [signing_key(cloud.store, "entra").public_jwk()]})

    async def token(request: Request) -> JSONResponse:
        form = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
        with _refusing(cloud, request):
            _require_tenant(cloud, request)
            _require_grant(form)
            scope = sign_in.required(form, "scope")
            principal = await sign_in.authenticate(cloud, issuer_keys, form)
            audience = _audience(scope, cloud.tenant)
        return JSONResponse(
            {
                "token_type": "Bearer",
                "expires_in": access_token.LIFETIME,
                "ext_expires_in": access_token.LIFETIME,
                "access_token": access_token.issue(cloud, principal, audience),
            }
        )

    return [
        Route("/common/discovery/instance", instance),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", configuration),
        Route("/{tenant}/discovery/v2.0/keys", published_keys),
        Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
    ]


@contextmanager
def _refusing(cloud: Cloud, request: Request) -> Generator[None]:
    try:
        yield
    except SignInError as error:
        raise Refusal(error.status, error.body(cloud.now(), request.headers.get("client-request-id"))) from error


def _require_tenant(cloud: Cloud, request: Request, *, error: str | None = None) -> None:
    tenant = request.path_params["tenant"]
    if tenant.lower() != cloud.tenant:
        raise SignInError(
            90002,
            f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
            "correct cloud. Check with your subscription administrator, this may happen if there are no active "
            "subscriptions for the tenant.",
            error=error,
        )


def _require_grant(form: dict[str, str]) -> None:
    grant = sign_in.required(form, "grant_type")
    if grant != "client_credentials":
        raise SignInError(70003, f"The app requested an unsupported grant type '{grant}'.")


def _audience(scope: str, tenant: str) -> str:
    """Return the `aud` for the requested scopes: the one resource beside those of signing in, as it was written."""
    wanted = [word for word in scope.split() if word not in _SIGN_IN_SCOPES]
    if len(wanted) != 1 or not wanted[0].endswith(_DEFAULT):
        raise SignInError(
            1002012,
            f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with "
            "/.default suffixed to the resource identifier (application ID URI).",
        )
    resource = wanted[0].removesuffix(_DEFAULT)
    if resource.removesuffix("/") not in _RESOURCES:
        raise SignInError(
            500011,
            f"The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if "
            "the application has not been installed by the administrator of the tenant or consented to by any user in "
            "the tenant. You might have sent your authentication request to the wrong tenant.",
        )
    return resource


def _instance(tenant: str) -> dict[str, Any]:
    return {
        "tenant_discovery_endpoint": f"{_LOGIN}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {
                "preferred_network": "login.microsoftonline.com",
                "preferred_cache": "login.windows.net",
                "aliases": [
                    "login.microsoftonline.com",
                    "login.windows.net",
                    "login.microsoft.com",
                    "sts.windows.net",
                ],
            }
        ],
    }


def _configuration(tenant: str) -> dict[str, Any]:
    base = f"{_LOGIN}/{tenant}"
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base}/v2.0",
        "request_uri_parameter_supported": False,
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }
