"""From answers and exceptions to the service's own code and words, safe to print."""

import json
import re
from typing import cast

from .outcome import ServiceError

_LONGEST = 4000
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+(\.[\w-]*)?")
_CONTROL = re.compile(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What requests and urllib3 write, most telling first.
_CONNECTION = (
    ("CERTIFICATE_VERIFY_FAILED", "CertificateNotTrusted"),
    ("suitable TLS CA certificate bundle", "CaBundleUnusable"),
    ("[X509: ", "CaBundleUnusable"),
    ("connect to proxy", "ProxyRefused"),
    ("tunnel connection failed", "ProxyRefused"),
    ("failed to resolve", "HostNotFound"),
    ("timed out", "TimedOut"),
    ("", "ConnectionFailed"),
)
UNANSWERED = frozenset(code for _, code in _CONNECTION)


def printable(text: str) -> str:
    """Return a service's text without control characters, tokens and excess length; lines stay lines."""
    lines = text.replace("\r\n", "\n")
    return _CONTROL.sub(" ", _JWT.sub("(a token)", lines)).strip()[:_LONGEST].rstrip()


def from_entra(status: int, body: str) -> ServiceError:
    """Read a token endpoint's refusal: code `AADSTS…` and the whole description, trace id included."""
    answer = _object(body)
    description = answer.get("error_description")
    if not isinstance(description, str):
        return unexpected(status)
    code = re.search(r"AADSTS\d+", description)
    error = answer.get("error")
    named = code[0] if code else printable(error) if isinstance(error, str) else "EntraRefused"
    return ServiceError(status, named, printable(description))


def from_vault(status: int, body: str) -> ServiceError:
    """Read a Key Vault refusal: the inner code, else the AKV code of the text, else the outer code."""
    error = _member(_object(body), "error")
    message, outer, inner = error.get("message"), error.get("code"), _member(error, "innererror").get("code")
    if not isinstance(message, str) or not isinstance(outer, str):
        return unexpected(status)
    akv = re.match(r"AKV\d+", message)
    code = inner if isinstance(inner, str) else akv[0] if akv else outer
    return ServiceError(status, printable(code), printable(message))


def from_connection(error: BaseException, url: str) -> ServiceError:
    """Name what kept a request to the URL's host from being answered."""
    words = str(error)
    code = next(code for sign, code in _CONNECTION if sign.lower() in words.lower())
    return ServiceError(None, code, printable(f"{url}: {words}"))


def unexpected(status: int | None) -> ServiceError:
    """Return the error for an answer that no Azure service gives; its content is not repeated, it may be a secret."""
    return ServiceError(status, "UnexpectedAnswer", "the answer is not one that Azure gives (a proxy's page?)")


def _object(body: str) -> dict[str, object]:
    try:
        return _dict(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _member(value: dict[str, object], key: str) -> dict[str, object]:
    return _dict(value.get(key))


def _dict(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
