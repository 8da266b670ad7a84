"""What the three services say of an access token that is not good."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests

from rehearsal.entra.access_token import LIFETIME

Refused = Callable[[requests.Response, int, str], str]


def long_ago() -> float:
    return time.time() - LIFETIME - 600


@pytest.mark.parametrize(
    ("service", "code", "says"),
    [
        ("arm", "ExpiredAuthenticationToken", "expired"),
        ("graph", "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
        ("vault", "Unauthorized", "[TokenExpired] Error validating token: 'S2S12086'."),
    ],
)
def test_an_expired_token_is_refused(
    azure: Any, refused: Refused, vault: str, service: str, code: str, says: str
) -> None:
    old = replace(azure, cloud=replace(azure.cloud, now=long_ago))
    assert says in refused(ask(old, service, vault), 401, code)


@pytest.mark.parametrize(
    ("service", "code", "says"),
    [
        ("arm", "InvalidAuthenticationTokenTenant", "wrong issuer 'https://sts.windows.net/{other}/'"),
        ("graph", "InvalidAuthenticationToken", "Invalid issuer"),
        (
            "vault",
            "Unauthorized",
            "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/{ours}/, "
            "found https://sts.windows.net/{other}/.",
        ),
    ],
)
def test_a_token_of_another_tenant_is_refused(
    azure: Any, refused: Refused, vault: str, service: str, code: str, says: str
) -> None:
    other = str(uuid.uuid4())
    foreign = replace(azure, cloud=replace(azure.cloud, tenant=other))
    message = refused(ask(foreign, service, vault), 401, code)
    assert says.format(other=other, ours=azure.cloud.tenant) in message


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://management.azure.com/subscriptions?api-version=2022-12-01", "InvalidAuthenticationToken"),
        ("https://graph.microsoft.com/v1.0/applications", "InvalidAuthenticationToken"),
        ("https://{vault}.vault.azure.net/secrets?api-version=7.6", "Unauthorized"),
    ],
)
def test_what_is_no_token_is_refused_and_not_repeated(
    http: requests.Session, refused: Refused, vault: str, url: str, code: str
) -> None:
    headers = {"Authorization": "Bearer not.a.token"}
    answer = http.get(url.format(vault=vault), headers=headers, timeout=10)
    assert "not.a.token" not in refused(answer, 401, code)


def ask(azure: Any, service: str, vault: str) -> requests.Response:
    if service == "vault":
        return azure.vault(vault, "GET", "/secrets")
    return azure.arm("GET", "/subscriptions") if service == "arm" else azure.graph("GET", "/v1.0/applications")


@pytest.fixture
def vault(new_vault: Callable[..., str]) -> str:
    """The name of a vault."""
    return new_vault().rpartition("/")[2]
