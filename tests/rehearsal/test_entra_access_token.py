from dataclasses import replace

import pytest

from rehearsal.cloud import Cloud
from rehearsal.entra.access_token import Principal, TokenRejected, issue, verify
from rehearsal.keys import signing_key
from rehearsal.server import Running

VAULT = "https://vault.azure.net"
SOMEBODY = Principal("aaaaaaaa-0000-0000-0000-000000000001", "bbbbbbbb-0000-0000-0000-000000000002")


def rejection(cloud: Running, authorization: str | None, audience: str = VAULT) -> tuple[str, str]:
    with pytest.raises(TokenRejected) as rejected:
        verify(cloud.cloud, authorization, [audience])
    return rejected.value.reason, rejected.value.detail


def test_a_token_proves_the_principal_that_it_was_issued_to(cloud: Running):
    caller = verify(cloud.cloud, f"Bearer {issue(cloud.cloud, SOMEBODY, VAULT)}", [VAULT])
    assert (caller.app_id, caller.object_id) == (SOMEBODY.app_id, SOMEBODY.object_id)
    assert (caller.tenant, caller.issuer) == (cloud.cloud.tenant, f"https://sts.windows.net/{cloud.cloud.tenant}/")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz"])
def test_a_request_without_bearer_token_is_rejected_as_missing(cloud: Running, authorization: str | None):
    assert rejection(cloud, authorization)[0] == "missing"


@pytest.mark.parametrize("token", ["x", "a.b.c", "é.é.é"])
def test_what_is_no_token_is_rejected_as_malformed(cloud: Running, token: str):
    assert rejection(cloud, f"Bearer {token}")[0] == "malformed"


def test_a_token_for_another_resource_is_rejected_with_that_audience(cloud: Running):
    token = issue(cloud.cloud, SOMEBODY, "https://graph.microsoft.com")
    assert rejection(cloud, f"Bearer {token}") == ("audience", "https://graph.microsoft.com")


def test_a_gitlab_token_is_rejected_with_its_issuer(cloud: Running):
    token = signing_key(cloud.cloud.store, "gitlab").sign({"iss": "https://gitlab.com", "aud": VAULT})
    assert rejection(cloud, f"Bearer {token}") == ("issuer", "https://gitlab.com")


def test_a_token_that_gitlab_signs_in_entras_name_is_rejected_as_malformed(cloud: Running):
    issuer = f"https://sts.windows.net/{cloud.cloud.tenant}/"
    token = signing_key(cloud.cloud.store, "gitlab").sign({"iss": issuer, "aud": VAULT, "nbf": 0, "exp": 9e9})
    assert rejection(cloud, f"Bearer {token}")[0] == "malformed"


def aged(cloud: Running, seconds: int) -> tuple[Cloud, str]:
    """Return the cloud as it is so long after it issued the token."""
    token = issue(replace(cloud.cloud, now=lambda: 1_800_000_000), SOMEBODY, VAULT)
    return replace(cloud.cloud, now=lambda: 1_800_000_000 + seconds), f"Bearer {token}"


@pytest.mark.parametrize("age", [3599 + 299, -300])
def test_a_token_holds_for_its_lifetime_and_five_minutes_either_way(cloud: Running, age: int):
    later, authorization = aged(cloud, age)
    assert verify(later, authorization, [VAULT]).app_id == SOMEBODY.app_id


@pytest.mark.parametrize("age", [3599 + 300, -301])
def test_a_token_outside_its_lifetime_is_rejected_as_expired(cloud: Running, age: int):
    later, authorization = aged(cloud, age)
    with pytest.raises(TokenRejected, match=r"^expired"):
        verify(later, authorization, [VAULT])
