"""The refusals of Entra's token endpoint: a code, its HTTP status and OAuth error, and the JSON around them.

Source of codes and texts: Microsoft identity platform docs, "Microsoft Entra authentication and authorization error
codes", and error messages quoted in public issue threads.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

# HTTP status and `error` of each code. Those marked * have not been seen on the wire: they wear a neighbour's envelope.
_ENVELOPES = {
    50027: (400, "invalid_request"),
    5002738: (400, "invalid_request"),  # *
    70003: (400, "unsupported_grant_type"),
    70025: (401, "invalid_client"),  # *
    90002: (400, "invalid_request"),
    500011: (400, "invalid_resource"),
    501661: (400, "invalid_request"),
    700016: (400, "unauthorized_client"),
    700024: (401, "invalid_client"),
    700027: (401, "invalid_client"),  # *
    700211: (401, "invalid_client"),
    700212: (401, "invalid_client"),
    700213: (401, "invalid_client"),
    900144: (400, "invalid_request"),
    1002012: (400, "invalid_scope"),
    7000215: (401, "invalid_client"),
    7000218: (401, "invalid_client"),
    7000229: (400, "invalid_client"),
    7000272: (401, "invalid_client"),
    7002138: (401, "invalid_client"),  # *
}


class SignInError(Exception):
    """A sign-in that Entra refuses: its AADSTS code and text. `error` replaces the code's usual OAuth error."""

    def __init__(self, code: int, text: str, *, error: str | None = None) -> None:
        super().__init__(f"AADSTS{code}: {text}")
        self.code = code
        self.status, usual = _ENVELOPES[code]
        self.error = error or usual

    def body(self, now: float, correlation_id: str | None) -> dict[str, Any]:
        """Return the JSON answer; the correlation id is the caller's `client-request-id`, or a new one."""
        timestamp = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%SZ}"
        trace, correlation = str(uuid.uuid4()), correlation_id or str(uuid.uuid4())
        return {
            "error": self.error,
            "error_description": f"{self} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
        }
