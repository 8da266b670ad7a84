"""A token's claims for messages: decoded, never verified, never the token itself."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

_LONGEST = 600  # the longest issuer, subject or audience that Entra can trust


@dataclass(frozen=True)
class Claims:
    """The claims that Entra compares; None where the token has none. `expires` is UTC in ISO 8601."""

    issuer: str | None
    subject: str | None
    audience: str | None
    expires: str | None

    def __str__(self) -> str:
        parts = (("issuer", self.issuer), ("subject", self.subject), ("audience", self.audience))
        shown = [f"{name} {value!r}" if value is not None else f"no {name}" for name, value in parts]
        return ", ".join([*shown, f"valid until {self.expires}" if self.expires else "no expiry"])


def decode(token: str) -> Claims | None:
    """Return the claims of a JWT, None where the text is not one."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(payload, dict):
        return None
    claims = cast("dict[str, object]", payload)
    audience = claims.get("aud")
    audiences = cast("list[object]", audience) if isinstance(audience, list) else [audience]
    joined = ", ".join(each for each in map(_text, audiences) if each is not None)
    return Claims(_text(claims.get("iss")), _text(claims.get("sub")), joined or None, _time(claims.get("exp")))


def _text(value: object) -> str | None:
    return value[:_LONGEST] if isinstance(value, str) else None


def _time(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return None
