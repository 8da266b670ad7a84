"""Read from Azure Resource Manager what azure-native has no function for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

__all__ = ["Answer", "Get", "UnreachableError", "reader"]

_TIMEOUT: Final = (5.0, 20.0)
"""Seconds to connect, and to wait for an answer."""

_RETRIES: Final = Retry(total=3, connect=0, read=0, backoff_factor=0.5, status_forcelist=[429, 502, 503, 504])


class UnreachableError(Exception):
    """No answer came from Azure Resource Manager; `str()` says why."""


@dataclass(frozen=True)
class Answer:
    """What Azure answered: the HTTP status and the JSON object; an empty one where the body is something else."""

    status: int
    body: dict[str, Any]

    @property
    def code(self) -> str:
        """The code of the error; empty where there is none."""
        return str(_object(self.body.get("error")).get("code", ""))

    @property
    def words(self) -> str:
        """The error in Azure's own words, with its code."""
        told = _object(self.body.get("error"))
        return f"HTTP {self.status} {self.code}: {told.get('message', '')}".rstrip(": ")


Get = Callable[[str, str], Answer]
"""Read an ARM path with an api-version. Raises UnreachableError."""


def reader(management: str, token: str) -> Get:
    """Return a function that reads from the Azure Resource Manager at this URL, signed in with the token."""

    def get(path: str, api_version: str) -> Answer:
        # A session of its own each time: it may be called from several threads.
        with requests.Session() as session:
            session.mount("https://", HTTPAdapter(max_retries=_RETRIES))
            try:
                response = session.get(
                    f"{management}{path}",
                    params={"api-version": api_version},
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                raise UnreachableError(f"{management} does not answer ({type(error).__name__})") from None
            return Answer(response.status_code, _object(_json(response)))

    return get


def _json(response: requests.Response) -> object:
    try:
        return response.json()
    except requests.JSONDecodeError:
        return None


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
