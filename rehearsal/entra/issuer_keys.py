"""The signing keys of those who issue federated tokens, as Entra gets and keeps them."""

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import jwt

Fetch = Callable[[str], dict[str, Any]]
_SECONDS = 10


class IssuerUnreachable(Exception):
    """The issuer's OpenID configuration or its keys cannot be had; the message names the address."""


def https_fetch(proxy_port: int, ca_bundle: Path) -> Fetch:
    """Return a fetch of JSON over HTTPS through the tunnel, with certificate verification; it blocks.

    The fetch raises OSError, HTTPException or ValueError where it cannot get a JSON object.
    """
    context = ssl.create_default_context(cafile=str(ca_bundle))

    def fetch(url: str) -> dict[str, Any]:
        address = urlsplit(url)
        if address.scheme != "https" or not address.hostname:
            raise ValueError(f"{url} is not an https address")
        connection = HTTPSConnection("127.0.0.1", proxy_port, context=context, timeout=_SECONDS)
        connection.set_tunnel(address.hostname, address.port or 443)
        with closing(connection):
            connection.request("GET", address.path)
            answer = connection.getresponse()
            document = json.load(answer)
        if answer.status != HTTPStatus.OK or not isinstance(document, dict):
            raise ValueError(f"{url} does not answer with a JSON object")
        return cast("dict[str, Any]", document)

    return fetch


class IssuerKeys:
    """Public keys by issuer and `kid`, kept once fetched, fetched again for a `kid` not seen before."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._keys: dict[str, dict[str, jwt.PyJWK]] = {}

    async def find(self, issuer: str, kid: str) -> jwt.PyJWK | None:
        """Return the issuer's key of that identifier, or None where the issuer publishes no such key.

        Raises IssuerUnreachable.
        """
        if kid not in self._keys.get(issuer, {}):
            # In a thread: the issuer may be played by the very loop that asks.
            self._keys[issuer] = await asyncio.to_thread(self._published, issuer)
        return self._keys[issuer].get(kid)

    def _published(self, issuer: str) -> dict[str, jwt.PyJWK]:
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            configuration = self._fetch(address)
            address = str(configuration.get("jwks_uri"))
            keys = jwt.PyJWKSet.from_dict(self._fetch(address)).keys
        except (OSError, HTTPException, ValueError, jwt.PyJWTError) as error:
            raise IssuerUnreachable(address) from error
        return {key.key_id: key for key in keys if key.key_id}
