"""HTTPS to Azure's services as a service principal, through the proxy and the CA bundle of the environment."""

import base64
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .values import Properties

_CONNECTIONS = 16
_EARLY = 300  # seconds before its expiry at which a token is renewed
_TIMEOUT = 60  # seconds


class ServiceError(Exception):
    """A refusal of a service: HTTP status (0 where there was no answer), the service's code, its message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    @classmethod
    def of(cls, answer: requests.Response) -> "ServiceError":
        """Read the error envelope of ARM, Graph, Key Vault or Entra."""
        body = body_of(answer)
        error = body.get("error")
        if isinstance(error, dict):
            inner = cast("dict[str, str]", error)
            return cls(answer.status_code, inner.get("code", ""), inner.get("message", ""))
        return cls(answer.status_code, str(error or answer.reason), body.get("error_description") or answer.text)


@dataclass(frozen=True)
class Credentials:
    """A service principal with a client secret, and the subscription it works in."""

    tenant: str
    client_id: str
    client_secret: str = field(repr=False)
    subscription: str

    @classmethod
    def of(cls, config: Properties) -> "Credentials":
        """Read the provider's configuration, then ARM_* and AZURE_* of the environment. Raises ServiceError."""

        def setting(key: str, variable: str) -> str:
            environment = os.environ.get(f"ARM_{variable}") or os.environ.get(f"AZURE_{variable}")
            value = config.get(key) or environment
            if not value:
                raise ServiceError(0, "CredentialUnavailable", f"Set AZURE_{variable}: the provider has no {key}.")
            return value

        return cls(
            setting("tenantId", "TENANT_ID"),
            setting("clientId", "CLIENT_ID"),
            setting("clientSecret", "CLIENT_SECRET"),
            setting("subscriptionId", "SUBSCRIPTION_ID"),
        )


class Client:
    """Requests with a bearer token for the host they go to: one token a resource, renewed before it expires.

    Answers 429 and 503 are tried again, after the service's Retry-After where it gives one. Safe for many threads.
    """

    def __init__(self, credentials: Credentials, now: Callable[[], float] = time.time) -> None:
        self.credentials = credentials
        self._now = now
        busy = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
        retry = Retry(
            4, connect=0, status_forcelist=busy, allowed_methods=None, backoff_factor=0.5, raise_on_status=False
        )
        self._session = requests.Session()
        self._session.mount("https://", HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=retry))
        self._tokens: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def send(self, method: str, url: str, body: Properties | None = None) -> requests.Response:
        """Send a request and return the answer, whatever its status. Raises ServiceError where there is no answer."""
        return self._request(method, url, json=body, headers={"Authorization": f"Bearer {self.token(url)}"})

    def call(self, method: str, url: str, body: Properties | None = None) -> Properties:
        """Send a request and return the JSON object answered ({} where there is none). Raises ServiceError."""
        return _accepted(self.send(method, url, body))

    def get(self, url: str) -> Properties | None:
        """Return the JSON object at the URL, or None where the service answers 404. Raises ServiceError."""
        answer = self.send("GET", url)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        return _accepted(answer)

    def delete(self, url: str) -> None:
        """Delete what is at the URL; nothing being there is fine. Raises ServiceError."""
        answer = self.send("DELETE", url)
        if answer.status_code != HTTPStatus.NOT_FOUND:
            _accepted(answer)

    def token(self, url: str) -> str:
        """Return an access token for the service at the URL. Raises ServiceError where Entra refuses."""
        host = url.split("/")[2]
        scope = f"https://{'vault.azure.net' if host.endswith('.vault.azure.net') else host}/.default"
        with self._lock:
            token, expiry = self._tokens.get(scope, ("", 0.0))
            if expiry < self._now() + _EARLY:
                token, lifetime = self._log_in(scope)
                self._tokens[scope] = (token, self._now() + lifetime)
        return token

    def object_id(self, url: str) -> str:
        """Return the caller's object id, which Entra writes into every access token as `oid`."""
        claims = self.token(url).split(".")[1]
        return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["oid"]

    def _log_in(self, scope: str) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
            "scope": scope,
        }
        url = f"https://login.microsoftonline.com/{self.credentials.tenant}/oauth2/v2.0/token"
        body = _accepted(self._request("POST", url, data=form))
        return body["access_token"], body["expires_in"]

    def _request(self, method: str, url: str, **content: Any) -> requests.Response:  # noqa: ANN401 what requests takes
        try:
            return self._session.request(method, url, timeout=_TIMEOUT, **content)
        except requests.RequestException as error:
            raise ServiceError(0, type(error).__name__, f"{method} {url.split('?')[0]}: {error}") from error


def _accepted(answer: requests.Response) -> Properties:
    """Return the JSON object of an answer that grants the request. Raises ServiceError for a refusal."""
    if not answer.ok:
        raise ServiceError.of(answer)
    return body_of(answer)


def body_of(answer: requests.Response) -> Properties:
    """Return the JSON object of an answer, {} where it has none."""
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        return {}
    return cast("Properties", body) if isinstance(body, dict) else {}
