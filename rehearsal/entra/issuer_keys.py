"""The signing keys of those who issue federated tokens, as Entra gets, keeps and uses them."""

import asyncio
import json
import ssl
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt

from .errors import SignInError

_SECONDS = 10


class IssuerKeys:
    """Public keys by issuer and `kid`, kept once fetched, fetched again for a `kid` not seen before.

    They are fetched over HTTPS through the tunnel at `proxy_port`, with the certificate verified by `ca_bundle`.
    """

    def __init__(self, proxy_port: int, ca_bundle: Path) -> None:
        self._proxy_port = proxy_port
        self._context = ssl.create_default_context(cafile=str(ca_bundle))
        self._keys: dict[str, dict[str, jwt.PyJWK]] = {}

    async def check_signature(self, token: str, issuer: str, kid: str) -> None:
        """Check a token's signature against the key of that identifier among those that the issuer publishes.

        Raises SignInError 501661 (issuer out of reach), 7000272 (no such key) or 700027 (another signature).
        """
        if kid not in self._keys.get(issuer, {}):
            # In a thread: the issuer may be played by the very loop that asks.
            self._keys[issuer] = await asyncio.to_thread(self._published, issuer)
        if kid not in self._keys[issuer]:
            raise SignInError(7000272, kid=kid, issuer=issuer)
        try:
            jwt.api_jws.decode(token, self._keys[issuer][kid], ["RS256"])
        except jwt.PyJWTError as error:
            raise SignInError(700027, kid=kid) from error

    def _published(self, issuer: str) -> dict[str, jwt.PyJWK]:
        try:
            configuration = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            keys = jwt.PyJWKSet.from_dict(self._get(configuration["jwks_uri"])).keys
        except (OSError, HTTPException, ValueError, LookupError, jwt.PyJWTError) as error:
            raise SignInError(501661) from error
        return {key.key_id: key for key in keys if key.key_id}

    def _get(self, url: str) -> dict[str, Any]:
        address = urlsplit(url)
        if address.scheme != "https" or not address.hostname:
            raise ValueError(f"{url} is not an https address")
        connection = HTTPSConnection("127.0.0.1", self._proxy_port, context=self._context, timeout=_SECONDS)
        with closing(connection):
            connection.set_tunnel(address.hostname, address.port or 443)
            connection.request("GET", address.path)
            answer = connection.getresponse()
            if answer.status != HTTPStatus.OK:
                raise ValueError(f"{url} answers {answer.status}")
            return json.load(answer)
