"""Whether an application trusts a federated token: pure decisions over its federated identity credentials.

Source: Microsoft Entra docs, "Workload identity federation" and "Federated identity credentials now use
case-sensitive matching". A credential with a claims matching expression (a flexible one) is not played yet and
matches nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from .errors import SignInError

SKEW = 300

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
    """Return the credential (of those of the issuer) that the token's subject and audience match exactly.

    The subject is looked at first. Raises SignInError 700213 or 700212, or 7002138 for a subject that differs in
    case only.
    """
    subject: str = claims["sub"]
    # Entra takes one audience: a list of several matches no credential.
    audiences: list[str] = [claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]
    exact = [credential for credential in credentials if "claimsMatchingExpression" not in credential]
    same_subject = [credential for credential in exact if credential["subject"] == subject]
    if not same_subject:
        same_letters = any(credential["subject"].casefold() == subject.casefold() for credential in exact)
        raise SignInError(7002138 if same_letters else 700213, subject=subject)
    for credential in same_subject:
        if credential["audiences"] == audiences:
            return credential
    raise SignInError(700212, audience=", ".join(audiences))


def _instant(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
