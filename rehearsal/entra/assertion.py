"""The form of a client assertion: a JWT with the claims that decide, before anything of it is believed."""

from dataclasses import dataclass, field
from typing import Any

import jwt

from .errors import SignInError

_LAST_INSTANT = 253_402_300_800  # the year 10000


@dataclass(frozen=True)
class Assertion:
    """A token as it was presented, its unverified claims (of the right types), and its key's identifier."""

    token: str = field(repr=False)
    claims: dict[str, Any]
    kid: str

    @property
    def issuer(self) -> str:
        """The `iss` claim."""
        return self.claims["iss"]


def read(token: str) -> Assertion:
    """Return the assertion, unverified.

    Raises SignInError 50027 for what is not a JWT with iss, sub, aud and exp, 5002738 for another algorithm than RS256.
    """
    try:
        parts = jwt.decode_complete(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise _malformed() from error
    algorithm = parts["header"].get("alg")
    if algorithm != "RS256":
        raise SignInError(
            5002738,
            f"Invalid JWT token. '{algorithm}' is not a supported signature algorithm. "
            "Supported signing algorithms are: 'RS256'.",
        )
    claims: dict[str, Any] = parts["payload"]
    audiences = claims["aud"] if isinstance(claims.get("aud"), list) else [claims.get("aud")]
    if not all(_is_text(text) for text in (claims.get("iss"), claims.get("sub"), *audiences)):
        raise _malformed()
    if not _is_instant(claims.get("exp")) or not _is_instant(claims.get("nbf", 0)):
        raise _malformed()
    return Assertion(token, claims, str(parts["header"].get("kid", "")))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _is_instant(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < _LAST_INSTANT


def _malformed() -> SignInError:
    return SignInError(50027, "JWT token is invalid or malformed.")
