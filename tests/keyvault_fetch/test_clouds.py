"""National clouds: which login hosts and which vaults belong together (only pure: no national cloud is played)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch import clouds, vault_url
from keyvault_fetch.runner_rules import authority_refusal

# Microsoft Learn, 'National clouds' and azure-identity's AzureAuthorityHosts; Key Vault's 'DNS suffixes'.
LOGIN_HOSTS = {
    "login.microsoftonline.com": clouds.PUBLIC,
    "login.windows.net": clouds.PUBLIC,
    "login.chinacloudapi.cn": clouds.CHINA,
    "login.partner.microsoftonline.cn": clouds.CHINA,
    "login.microsoftonline.us": clouds.US_GOVERNMENT,
}
VAULTS = {
    "https://kv.vault.azure.net": clouds.PUBLIC,
    "https://kv.vault.azure.cn": clouds.CHINA,
    "https://kv.vault.usgovcloudapi.net": clouds.US_GOVERNMENT,
}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("host", "cloud"), LOGIN_HOSTS.items())
def test_tokens_may_go_to_every_documented_login_host(host: str, cloud: clouds.Cloud, slash: str):
    authority = f"https://{host}{slash}"
    assert authority_refusal(authority) is None
    assert clouds.of_login(authority) == cloud


@pytest.mark.parametrize("host", LOGIN_HOSTS)
@pytest.mark.parametrize("before", ["", "http://", "//"])
def test_a_login_host_without_https_is_refused_as_azidentity_refuses_it(before: str, host: str):
    error = authority_refusal(before + host)
    assert error is not None
    assert error.code == "AuthorityNotHttps"
    assert error.message.startswith("cannot use an authority host without https")


def test_without_an_authority_host_the_public_cloud_signs_in():
    assert authority_refusal("") is None
    assert clouds.of_login("") == clouds.PUBLIC


@pytest.mark.parametrize(
    "host",
    [
        "login.example.com",
        "login.windows.net.x",
        "login.microsoftonline.de",
        "evil.example/login.windows.net",
        "me@login.windows.net",
        "login.windows.net:8443",
    ],
)
def test_tokens_go_to_no_other_host(host: str):
    error = authority_refusal(f"https://{host}")
    assert error is not None
    assert error.code == "UnknownAuthority"


@given(
    st.text(max_size=40)
    | st.sampled_from(sorted(LOGIN_HOSTS)).flatmap(lambda host: st.text(max_size=9).map(host.__add__))
)
def test_an_accepted_authority_is_a_login_host_and_nothing_more(rest: str):
    authority = f"https://{rest}"
    if authority_refusal(authority) is None:
        assert rest.rstrip("/").lower() in LOGIN_HOSTS


@pytest.mark.parametrize(("url", "cloud"), VAULTS.items())
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_vault_of_every_cloud_is_accepted_and_known(url: str, cloud: clouds.Cloud, slash: str):
    assert vault_url.refusal(url + slash) is None
    assert clouds.of_vault(url + slash) == cloud


@pytest.mark.parametrize("url", ["https://kv.vault.microsoftazure.de", "https://kv.vault.azure.us", "kv", ""])
def test_a_host_of_no_known_cloud_has_none(url: str):
    assert clouds.of_vault(url) is None
    assert vault_url.refusal(url) is not None
