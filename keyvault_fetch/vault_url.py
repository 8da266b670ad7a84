"""Which vault URLs the Azure SDK for Go accepts (azcore, azsecrets), decided without asking anyone."""

import re
from urllib.parse import urlsplit

from .clouds import CLOUDS, of_vault
from .outcome import ServiceError

# Key Vault's DNS suffixes: public, China (21Vianet) and US Government clouds.
SUFFIXES = tuple(cloud.vault_suffix for cloud in CLOUDS)
_HOST = re.compile(r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def refusal(url: str) -> ServiceError | None:
    """Return the error that the SDK raises for this vault URL, None for one that it would use.

    The SDK compares the host, letter by letter, with the resource of the vault's challenge; here that resource must be
    one of a known cloud, so that no request goes to a host that is not a vault's.
    """
    if unreadable := _unreadable(url):
        return ServiceError(None, "InvalidUrl", unreadable)
    try:
        parts = urlsplit(url)
    except ValueError:
        return ServiceError(None, "NoHostInUrl", "no Host in request URL")
    if not parts.netloc:
        return ServiceError(None, "NoHostInUrl", "no Host in request URL")
    if parts.scheme not in ("http", "https"):
        return ServiceError(None, "UnsupportedScheme", f"unsupported protocol scheme {parts.scheme}")
    if parts.scheme == "http":
        words = "authenticated requests are not permitted for non TLS protected (https) endpoints"
        return ServiceError(None, "NotHttps", words)
    if _HOST.fullmatch(parts.netloc) and of_vault(url):
        return None
    words = 'challenge resource "https://vault.azure.net" doesn\'t match the requested domain'
    return ServiceError(None, "ChallengeResourceMismatch", f"{words}: {parts.netloc}")


def vault_name(url: str) -> str:
    """Return the vault's name, the first label of the host (empty where there is none)."""
    return url.partition("://")[2].partition("/")[0].partition(".")[0]


def _unreadable(url: str) -> str | None:
    """Return what Go's net/url says of a URL that Python's urlsplit would trim until it reads, else None."""
    if _CONTROL.search(url):
        return "net/url: invalid control character in URL"
    return "first path segment in URL cannot contain colon" if url.startswith(" ") and ":" in url else None
