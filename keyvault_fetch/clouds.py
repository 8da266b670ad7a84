"""Azure's clouds: where each one's vaults and its Entra sign-in are (Microsoft Learn, 'National clouds'; pure)."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Cloud:
    """A cloud: its name, the DNS suffix of its vaults, its login hosts (the documented one first)."""

    name: str
    vault_suffix: str
    login_hosts: tuple[str, ...]


PUBLIC = Cloud("public", "vault.azure.net", ("login.microsoftonline.com", "login.windows.net"))
CHINA = Cloud("China", "vault.azure.cn", ("login.chinacloudapi.cn", "login.partner.microsoftonline.cn"))
US_GOVERNMENT = Cloud("US Government", "vault.usgovcloudapi.net", ("login.microsoftonline.us",))
CLOUDS = (PUBLIC, CHINA, US_GOVERNMENT)
_URL = re.compile(r"(?:https://)?([^/]*)/*", re.IGNORECASE)


def of_login(authority: str) -> Cloud | None:
    """Return the cloud whose sign-in this is (a host or its URL; empty: public), None for any other host."""
    match = _URL.fullmatch(authority)
    host = match[1].lower() if match else ""
    return next((each for each in CLOUDS if host in each.login_hosts), None) if authority else PUBLIC


def of_vault(url: str) -> Cloud | None:
    """Return the cloud that the vault's URL is of, None where it is of none."""
    host = url.partition("://")[2].partition("/")[0]
    return next((each for each in CLOUDS if host.endswith(f".{each.vault_suffix}")), None)
