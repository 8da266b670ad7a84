"""Access tokens of the rehearsal's Entra: issued by its token endpoint, judged by ARM, Graph and Key Vault.

The shape is that of version 1.0 tokens (Microsoft identity platform docs, "Access token claims reference"), which is
what these three resources ask for.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import jwt

from ..cloud import Cloud
from ..keys import signing_key

LIFETIME = 3599
SKEW = 300


@dataclass(frozen=True)
class Principal:
    """A service principal: its application's id and its own object id."""

    app_id: str
    object_id: str


@dataclass(frozen=True)
class Caller:
    """Who sent a request, by its verified token. `issuer` is the token's `iss`."""

    app_id: str
    object_id: str
    tenant: str
    issuer: str


class TokenRejected(Exception):
    """An Authorization header that a resource does not accept; each service words it in its own envelope.

    `detail` is the offending value for `audience` and `issuer`, else a sentence; never the token.
    """

    def __init__(self, reason: Literal["missing", "malformed", "expired", "issuer", "audience"], detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def issue(cloud: Cloud, principal: Principal, audience: str) -> str:
    """Return an access token for the principal, good for LIFETIME seconds at the audience."""
    now = int(cloud.now())
    key = signing_key(cloud.store, "entra")
    claims = {
        "aud": audience,
        "iss": _issuer(cloud),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "appid": principal.app_id,
        "idp": _issuer(cloud),
        "idtyp": "app",
        "oid": principal.object_id,
        "sub": principal.object_id,
        "tid": cloud.tenant,
        "uti": uuid.uuid4().hex[:22],
        "ver": "1.0",
    }
    return key.sign(claims, {"x5t": key.kid})


def verify(cloud: Cloud, authorization: str | None, audiences: Collection[str]) -> Caller:
    """Return the caller that an Authorization header proves.

    Checked in this order: form, issuer, signature, times (five minutes of skew), audience. Raises TokenRejected.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRejected("missing", "the request carries no Bearer token")
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        if claims.get("iss") != _issuer(cloud):
            raise TokenRejected("issuer", str(claims.get("iss")).encode(errors="replace").decode())
        jwt.api_jws.decode(token, signing_key(cloud.store, "entra").private.public_key(), ["RS256"])
    except (jwt.PyJWTError, RecursionError) as error:
        raise TokenRejected("malformed", "the token is not one that Entra signed") from error
    if not claims["nbf"] - SKEW <= cloud.now() < claims["exp"] + SKEW:
        raise TokenRejected("expired", "the token is outside its lifetime")
    if claims["aud"] not in audiences:
        raise TokenRejected("audience", str(claims["aud"]))
    return Caller(claims["appid"], claims["oid"], claims["tid"], claims["iss"])


def _issuer(cloud: Cloud) -> str:
    return f"https://sts.windows.net/{cloud.tenant}/"
