"""Whether an application trusts a federated token: pure decisions over its federated identity credentials.

Source: Microsoft Entra docs, "Workload identity federation", "Federated identity credentials now use case-sensitive
matching" and "Flexible federated identity credentials".
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from . import flexible
from .errors import SignInError

SKEW = 300
EXPRESSION = "claimsMatchingExpression"
"""The property of a flexible credential; Graph's name."""

Credential = dict[str, Any]
Claims = dict[str, Any]


def of_issuer(credentials: Sequence[Credential], issuer: str) -> list[Credential]:
    """Return the credentials that name the issuer, letter by letter. Raises SignInError 700211 for none."""
    trusted = [credential for credential in credentials if credential["issuer"] == issuer]
    if not trusted:
        raise SignInError(700211, issuer=issuer)
    return trusted


def require_valid_time(claims: Claims, now: float) -> None:
    """Check `nbf` and `exp` with five minutes of skew either way. Raises SignInError 700024."""
    starts, ends = claims.get("nbf", 0), claims["exp"]
    if not starts - SKEW <= now < ends + SKEW:
        raise SignInError(700024, now=_instant(now), starts=_instant(starts), ends=_instant(ends))


def match(credentials: Sequence[Credential], claims: Claims) -> Credential:
    """Return the first credential (of those of the issuer) that trusts the token's subject and names its audience.

    An exact one trusts its subject alone, a flexible one whatever fulfils its expression. Raises SignInError 700213
    where none trusts the subject (7002138: one would in another case), 700212 where none of those that do names the
    audience; with a flexible one among the credentials 7002131 and 7002121.
    """
    subject: str = claims["sub"]
    # Entra takes one audience: a list of several matches no credential.
    audiences: list[str] = [claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]
    exact = [credential["subject"] for credential in credentials if not credential.get(EXPRESSION)]
    trusting = [credential for credential in credentials if _trusts(credential, claims)]
    for credential in trusting:
        if credential["audiences"] == audiences:
            return credential
    all_exact = len(exact) == len(credentials)
    if trusting:
        raise SignInError(700212 if all_exact else 7002121, audience=", ".join(audiences))
    if any(known.casefold() == subject.casefold() for known in exact):
        raise SignInError(7002138, subject=subject)
    raise SignInError(700213 if all_exact else 7002131, subject=subject)


def _trusts(credential: Credential, claims: Claims) -> bool:
    expression = credential.get(EXPRESSION)
    return flexible.matches(expression["value"], claims) if expression else credential["subject"] == claims["sub"]


def _instant(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
