"""Who asks for a token: the checks of the token endpoint on an application's secret or federated token.

The order: tenant, parameters, application (a managed identity has none), service principal; then the secret, or the
assertion's form, the issuer against the federated credentials, the signature against the issuer's published keys, the
times, and last the subject and the audience. Entra documents no order; in this one a forged token learns no more of an
application's credentials than which issuers they name.
"""

import hmac
from typing import Any

import jwt

from ..cloud import Cloud
from ..store import Document, Store
from . import federation
from .access_token import Principal
from .errors import SignInError
from .issuer_keys import IssuerKeys

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LAST_INSTANT = 253_402_300_800  # the year 10000


async def authenticate(cloud: Cloud, issuer_keys: IssuerKeys, form: dict[str, str]) -> Principal:
    """Return the principal that the client credentials in the form prove. Raises SignInError."""
    app_id = required(form, "client_id")
    application = _find(cloud.store, "application", app_id)
    principal = _find(cloud.store, "servicePrincipal", app_id)
    managed = principal is not None and principal.get("servicePrincipalType") == "ManagedIdentity"
    if application is None and not managed:
        raise SignInError(700016, app=app_id, tenant=cloud.tenant)
    if principal is None:
        raise SignInError(7000229, app=app_id, tenant=cloud.tenant)
    if form.get("client_assertion_type") == _JWT_BEARER:
        credentials = _credentials(cloud.store, application, principal)
        await _check_assertion(cloud, issuer_keys, principal, credentials, required(form, "client_assertion"))
    elif form.get("client_secret"):
        _check_secret(cloud, principal["appId"], form["client_secret"])
    else:
        raise SignInError(7000218)
    return Principal(principal["appId"], principal["id"])


def required(form: dict[str, str], name: str) -> str:
    """Return the form's parameter. Raises SignInError 900144 where it is missing or empty."""
    value = form.get(name)
    if not value:
        raise SignInError(900144, name=name)
    return value


def _find(store: Store, kind: str, app_id: str) -> Document | None:
    return next((found for found in store.all(kind) if found["appId"].lower() == app_id.lower()), None)


def _credentials(store: Store, application: Document | None, principal: Document) -> list[Document]:
    """Return the federated credentials of an application, or of the managed identity whose principal it is."""
    if application:
        return store.all("fic", f"{application['id']}/")
    identity: str = principal["alternativeNames"][-1].lower()
    return [each["properties"] for each in store.all("arm", f"{identity}/federatedidentitycredentials/")]


def _check_secret(cloud: Cloud, app_id: str, secret: str) -> None:
    same = hmac.compare_digest(secret.encode(), cloud.client_secret.encode())
    if app_id != cloud.client_id or not same:  # no other application has a secret
        raise SignInError(7000215, app=app_id)


async def _check_assertion(
    cloud: Cloud, issuer_keys: IssuerKeys, principal: Document, credentials: list[Document], token: str
) -> None:
    kid, claims = _read(token)
    if not credentials:
        raise SignInError(70025, app=principal["appId"], name=principal["displayName"])
    trusted = federation.of_issuer(credentials, claims["iss"])
    await issuer_keys.check_signature(token, claims["iss"], kid)
    federation.require_valid_time(claims, cloud.now())
    federation.match(trusted, claims)


def _read(token: str) -> tuple[str, dict[str, Any]]:
    """Return the assertion's key identifier and claims, those that decide in their right types; nothing is verified."""
    try:
        parts = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, RecursionError) as error:
        raise SignInError(50027) from error
    header, claims = parts["header"], parts["payload"]
    if not all(_is_text(header.get(name, "")) for name in ("alg", "kid", "typ")):
        raise SignInError(50027)
    if header["alg"] != "RS256":
        raise SignInError(5002738, algorithm=header["alg"])
    if header.get("typ", "JWT").upper() != "JWT":
        raise SignInError(5002727, type=header["typ"])
    audiences = claims["aud"] if isinstance(claims.get("aud"), list) else [claims.get("aud")]
    texts = all(_is_text(value) for value in (claims.get("iss"), claims.get("sub"), *audiences))
    if not (texts and _is_instant(claims.get("exp")) and _is_instant(claims.get("nbf", 0))):
        raise SignInError(50027)
    return header.get("kid", ""), claims


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _is_instant(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < _LAST_INSTANT
