import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch import vault_url
from keyvault_fetch.environment import look_around
from keyvault_fetch.job import Job, Secret
from keyvault_fetch.runner_rules import refusal, tenant_mismatch, token_reference

URL = "https://kv.vault.azure.net/"
TENANT = "11111111-2222-3333-4444-555555555555"
ENVIRON = {"AZURE_KEY_VAULT_SERVER_URL": URL, "AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": TENANT, "AZURE_JWT": "e.y.j"}


def a_job(*tokens: str | None, name: str = "x", version: str | None = None) -> Job:
    secrets = (Secret(f"S{index}", name, version, file=True, token=token) for index, token in enumerate(tokens))
    return Job("job", ("AZURE_JWT", "OTHER"), tuple(secrets))


def test_a_secret_without_token_takes_the_first_id_token():
    assert token_reference(a_job(None)) == "$AZURE_JWT"


def test_the_first_secrets_token_serves_the_whole_job():
    assert token_reference(a_job("$OTHER", "$AZURE_JWT", None)) == "$OTHER"


def test_a_token_without_dollar_is_sent_as_it_stands():
    assert look_around(a_job("AZURE_JWT"), ENVIRON).access.token == "AZURE_JWT"


@pytest.mark.parametrize("written", ["pre-$NAME", "pre-${NAME}"])
def test_variables_are_expanded_in_name_version_and_token(written: str):
    found = look_around(a_job("${AZURE_JWT}", name=written, version="$V"), {**ENVIRON, "NAME": "n", "V": "v"})
    assert (found.wanted[0].name, found.wanted[0].version, found.access.token) == ("pre-n", "v", "e.y.j")


def test_an_expanded_value_is_not_expanded_again():
    assert look_around(a_job(None, name="$NAME"), {**ENVIRON, "NAME": "$V", "V": "v"}).wanted[0].name == "$V"


def test_a_version_that_expands_to_nothing_asks_for_the_latest():
    assert look_around(a_job(None, version="$V"), {**ENVIRON, "V": ""}).wanted[0].version is None


def test_all_that_is_missing_is_reported_together_with_its_purpose():
    found = look_around(a_job(None, name="$NAME", version="$V"), {"AZURE_CLIENT_ID": ""})
    assert set(found.missing) == {*ENVIRON, "NAME", "V"}
    error = found.error()
    assert error is not None
    assert error.message.startswith("The secrets provider can not be found.")
    assert "AZURE_TENANT_ID is not set: the id of the Entra tenant" in error.message


def test_a_job_with_everything_in_its_environment_misses_nothing():
    assert look_around(a_job("$AZURE_JWT"), ENVIRON).error() is None


def test_the_token_shows_in_no_repr():
    assert "e.y.j" not in repr(look_around(a_job(None), ENVIRON))


REFUSED = {
    "no host": ("kv.vault.azure.net", TENANT, "x", "NoHostInUrl"),
    "an empty URL": ("", TENANT, "x", "NoHostInUrl"),
    "a broken host": ("https://[kv", TENANT, "x", "NoHostInUrl"),
    "another scheme": ("ftp://kv.vault.azure.net", TENANT, "x", "UnsupportedScheme"),
    "http": ("http://kv.vault.azure.net", TENANT, "x", "NotHttps"),
    "gitlab's example": ("https://vault.example.com", TENANT, "x", "ChallengeResourceMismatch"),
    "no vault": ("https://vault.azure.net", TENANT, "x", "ChallengeResourceMismatch"),
    "a private link": ("https://kv.privatelink.vaultcore.azure.net", TENANT, "x", "ChallengeResourceMismatch"),
    "a look-alike": ("https://kvxvault.azure.net", TENANT, "x", "ChallengeResourceMismatch"),
    "a look-alike's end": ("https://kv.vault.azure.net.evil.example", TENANT, "x", "ChallengeResourceMismatch"),
    "a look-alike's user": ("https://kv.vault.azure.net@evil.example", TENANT, "x", "ChallengeResourceMismatch"),
    "a user": ("https://me@kv.vault.azure.net", TENANT, "x", "ChallengeResourceMismatch"),
    "a port": ("https://kv.vault.azure.net:8443", TENANT, "x", "ChallengeResourceMismatch"),
    "a suffix in capitals": ("https://kv.VAULT.azure.net", TENANT, "x", "ChallengeResourceMismatch"),
    "a line break after it": ("https://kv.vault.azure.net\n", TENANT, "x", "InvalidUrl"),
    "a tab in it": ("https://kv.vau\tlt.azure.net", TENANT, "x", "InvalidUrl"),
    "a blank before it": (" https://kv.vault.azure.net", TENANT, "x", "InvalidUrl"),
    "a blank after it": ("https://kv.vault.azure.net ", TENANT, "x", "ChallengeResourceMismatch"),
    "a backslash": ("https://evil.example\\.vault.azure.net", TENANT, "x", "ChallengeResourceMismatch"),
    "an empty tenant": (URL, "", "x", "InvalidTenantId"),
    "a tenant with a line break": (URL, f"{TENANT}\n", "x", "InvalidTenantId"),
    "an empty name": (URL, TENANT, "", "EmptySecretName"),
}


@pytest.mark.parametrize(("url", "tenant", "name", "code"), REFUSED.values(), ids=REFUSED)
def test_what_the_go_sdk_refuses_by_itself_is_refused_before_any_request(url: str, tenant: str, name: str, code: str):
    error = refusal(url, tenant, name)
    assert error is not None
    assert (error.status, error.code) == (None, code)


@pytest.mark.parametrize("suffix", vault_url.SUFFIXES)
def test_a_vaults_own_name_may_be_written_in_capitals(suffix: str):
    assert refusal(f"https://My-Vault1.{suffix}", TENANT, "x") is None


@given(st.text(max_size=60) | st.text(max_size=20).map(lambda text: f"https://{text}.vault.azure.net{text}"))
def test_an_accepted_url_has_a_key_vault_host_whoever_parses_it(url: str):
    if vault_url.refusal(url) is None:
        authority = url.split("://", 1)[1].replace("\\", "/").split("/")[0].split("?")[0].split("#")[0]
        assert authority.lower().endswith(tuple(f".{suffix}" for suffix in vault_url.SUFFIXES))


@pytest.mark.parametrize(
    ("configured", "asked", "refused"),
    [
        (TENANT, TENANT, False),
        (TENANT, "", False),
        ("organizations", TENANT, False),
        ("Organizations", TENANT, True),
        ("common", TENANT, True),
        ("ABCDEF01-2222-3333-4444-555555555555", "abcdef01-2222-3333-4444-555555555555", True),
    ],
)
def test_a_vaults_tenant_is_compared_letter_by_letter(configured: str, asked: str, refused: bool):  # noqa: FBT001
    assert (tenant_mismatch(configured, asked) is not None) == refused


def test_errors_come_in_the_order_of_the_sdk():
    bad_url, bad_authority = "http://x", "login.windows.net"
    order = [
        refusal(bad_url, "", "", bad_authority),
        refusal(bad_url, TENANT, "", bad_authority),
        refusal(bad_url, TENANT, ""),
        refusal(bad_url, TENANT, "x"),
    ]
    codes = [error and error.code for error in order]
    assert codes == ["InvalidTenantId", "AuthorityNotHttps", "EmptySecretName", "NotHttps"]
