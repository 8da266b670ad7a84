"""Which vault URLs the Azure SDK for Go accepts (azcore, azsecrets), decided without asking anyone."""

import re
from urllib.parse import urlsplit

from .outcome import ServiceError

# Key Vault's DNS suffixes: public, China (21Vianet) and US Government clouds.
SUFFIXES = ("vault.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net")
_HOST = re.compile(rf"([0-9a-z-]+\.)+({'|'.join(map(re.escape, SUFFIXES))})")


def refusal(url: str) -> ServiceError | None:
    """Return the error that the SDK raises for this vault URL, None for one that it would use.

    The SDK compares the host with the resource of the vault's challenge; here that resource must be one of a known
    cloud, so that no request goes to a host that is not a vault's.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.lower()
    except ValueError:
        return ServiceError(None, "NoHostInUrl", "no Host in request URL")
    if not host:
        return ServiceError(None, "NoHostInUrl", "no Host in request URL")
    if parts.scheme not in ("http", "https"):
        return ServiceError(None, "UnsupportedScheme", f"unsupported protocol scheme {parts.scheme}")
    if parts.scheme == "http":
        words = "authenticated requests are not permitted for non TLS protected (https) endpoints"
        return ServiceError(None, "NotHttps", words)
    if _HOST.fullmatch(host):
        return None
    words = 'challenge resource "vault.azure.net" doesn\'t match the requested domain'
    return ServiceError(None, "ChallengeResourceMismatch", f"{words}: {host}")


def vault_name(url: str) -> str:
    """Return the vault's name, the first label of the host (empty where there is none)."""
    return url.partition("://")[2].partition("/")[0].partition(".")[0]
