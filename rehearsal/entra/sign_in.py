"""Who asks for a token: the checks of the token endpoint on an application's secret or federated token.

The order: tenant, parameters, application, its service principal; then the secret, or the assertion's form, the
issuer against the application's federated credentials, the signature against the issuer's published keys, the times,
and last the subject and the audience. Entra documents no order; in this one a forged token learns no more of an
application's credentials than which issuers they name.
"""

import hashlib
import hmac

import jwt

from ..cloud import Cloud
from ..store import Document, Store
from . import federation
from .access_token import Principal
from .assertion import Assertion, read
from .errors import SignInError
from .issuer_keys import IssuerKeys, IssuerUnreachable

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def authenticate(cloud: Cloud, issuer_keys: IssuerKeys, form: dict[str, str]) -> Principal:
    """Return the principal that the client credentials in the form prove. Raises SignInError."""
    app_id = required(form, "client_id")
    application = _find(cloud.store, "application", app_id)
    if application is None:
        raise SignInError(
            700016,
            f"Application with identifier '{app_id}' was not found in the directory '{cloud.tenant}'. This can happen "
            "if the application has not been installed by the administrator of the tenant or consented to by any user "
            "in the tenant. You may have sent your authentication request to the wrong tenant.",
        )
    principal = _find(cloud.store, "servicePrincipal", app_id)
    if principal is None:
        raise SignInError(
            7000229,
            f"The client application {app_id} is missing service principal in the tenant {cloud.tenant}. "
            "See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
        )
    if form.get("client_assertion_type") == _JWT_BEARER:
        await _check_assertion(cloud, issuer_keys, application, required(form, "client_assertion"))
    elif form.get("client_secret"):
        _check_secret(cloud.store, app_id, form["client_secret"])
    else:
        raise SignInError(
            7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        )
    return Principal(application["appId"], principal["id"])


def required(form: dict[str, str], name: str) -> str:
    """Return the form's parameter. Raises SignInError 900144 where it is missing or empty."""
    value = form.get(name)
    if not value:
        raise SignInError(900144, f"The request body must contain the following parameter: '{name}'.")
    return value


def _find(store: Store, kind: str, app_id: str) -> Document | None:
    return next((found for found in store.all(kind) if found["appId"].lower() == app_id.lower()), None)


def _check_secret(store: Store, app_id: str, secret: str) -> None:
    password = store.get("password", app_id.lower())
    offered = hashlib.sha256(secret.encode()).hexdigest()
    if password is None or not hmac.compare_digest(password["hash"], offered):
        raise SignInError(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{app_id}'.",
        )


async def _check_assertion(cloud: Cloud, issuer_keys: IssuerKeys, application: Document, token: str) -> None:
    assertion = read(token)
    credentials = cloud.store.all("fic", f"{application['id']}/")
    if not credentials:
        name = f"'{application['appId']}'({application['displayName']})"
        raise SignInError(70025, f"The client {name} has no configured federated identity credentials.")
    trusted = federation.of_issuer(credentials, assertion.issuer)
    await _check_signature(issuer_keys, assertion)
    federation.require_valid_time(assertion.claims, cloud.now())
    federation.match(trusted, assertion.claims)


async def _check_signature(issuer_keys: IssuerKeys, assertion: Assertion) -> None:
    try:
        key = await issuer_keys.find(assertion.issuer, assertion.kid)
    except IssuerUnreachable as error:
        raise SignInError(501661, "Request to External OIDC endpoint failed.") from error
    if key is None:
        raise SignInError(
            7000272,
            f"The certificate with identifier {assertion.kid} used to sign the federated credential could not be found "
            f"in the metadata of identity provider {assertion.issuer}. Please validate that your Identity Provider's "
            "metadata exposes the key used to sign the incoming token.",
        )
    try:
        jwt.api_jws.decode(assertion.token, key, ["RS256"])
    except jwt.PyJWTError as error:
        raise SignInError(
            700027,
            "Client assertion failed signature validation. [Reason - The provided signature value did not match the "
            f"expected signature value., Thumbprint of key used by client: '{assertion.kid}']",
        ) from error
