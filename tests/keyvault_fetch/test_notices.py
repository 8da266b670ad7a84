from datetime import UTC, datetime, timedelta

import pytest

from keyvault_fetch import notices
from keyvault_fetch.environment import Access
from keyvault_fetch.job import Job, Secret

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def a_job(*tokens: str | None, id_tokens: tuple[str, ...] = ("AZURE_JWT", "OTHER")) -> Job:
    secrets = (Secret(f"S{index}", "x", None, file=True, token=token) for index, token in enumerate(tokens))
    return Job("job", id_tokens, tuple(secrets))


def told(job: Job) -> list[tuple[str, str]]:
    return [(notice.id, notice.message.split()[0]) for notice in notices.of_job(job)]


def test_secrets_whose_own_token_is_ignored_are_warned_of():
    assert told(a_job("$OTHER", "$AZURE_JWT", None, "$OTHER")) == [("token-ignored", "S1"), ("token-ignored", "S2")]


def test_secrets_that_agree_on_the_token_are_not_warned_of():
    assert told(a_job("$AZURE_JWT", None, "$AZURE_JWT")) == []


def test_of_several_id_tokens_the_one_that_is_sent_unasked_is_named():
    (notice,) = notices.of_job(a_job(None, None))
    assert (notice.id, "$AZURE_JWT, for all" in notice.message) == ("token-implied", True)


def test_the_only_id_token_needs_no_token_and_no_warning():
    assert told(a_job(None, None, id_tokens=("AZURE_JWT",))) == []


def test_a_token_without_dollar_is_warned_of_with_the_mend():
    (notice,) = notices.of_job(a_job("AZURE_JWT"))
    assert notice.id == "token-literal"
    assert "write token: $AZURE_JWT" in notice.message


def test_a_token_pasted_into_the_yaml_is_not_repeated_in_the_warning():
    (notice,) = notices.of_job(a_job("eyJhbGciOi.pasted.token"))
    assert "pasted" not in notice.message


@pytest.mark.parametrize(
    ("vault", "authority", "host"),
    [
        ("https://kv.vault.azure.cn", "", "https://login.chinacloudapi.cn "),
        ("https://kv.vault.usgovcloudapi.net/", "https://login.microsoftonline.com/", "login.microsoftonline.us "),
        ("https://kv.vault.azure.net", "https://login.microsoftonline.us", "https://login.microsoftonline.com "),
    ],
)
def test_a_vault_of_another_cloud_than_the_sign_in_is_warned_of(vault: str, authority: str, host: str):
    (notice,) = notices.of_clouds(Access(vault, "c", "t", "j", authority))
    assert notice.id == "other-cloud"
    assert host in notice.message


@pytest.mark.parametrize(
    ("vault", "authority"),
    [
        ("https://kv.vault.azure.net", ""),
        ("https://kv.vault.azure.cn", "https://login.partner.microsoftonline.cn/"),
        ("https://kv.vault.usgovcloudapi.net", "https://login.microsoftonline.us"),
        ("https://vault.example.com", ""),
        ("https://kv.vault.azure.cn", "https://login.example.com"),
    ],
)
def test_clouds_that_agree_or_are_refused_anyway_are_not_warned_of(vault: str, authority: str):
    assert notices.of_clouds(Access(vault, "c", "t", "j", authority)) == ()


@pytest.mark.parametrize(
    ("not_before", "expires_on", "ids"),
    [
        (None, None, []),
        (NOW, NOW + SECOND, []),
        (None, NOW, ["expired"]),
        (NOW + SECOND, None, ["not-yet-valid"]),
        (NOW + SECOND, NOW - SECOND, ["expired", "not-yet-valid"]),
    ],
)
def test_a_secret_outside_its_times_is_warned_of(
    not_before: datetime | None, expires_on: datetime | None, ids: list[str]
):
    assert [notice.id for notice in notices.of_validity(not_before, expires_on, NOW)] == ids
