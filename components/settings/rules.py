"""What GitLab, Entra and Azure allow in the values of a stack. Pure: each rule returns the flaw of a text, or None.

Sources: GitLab docs, "GitLab CI/CD variables" (names) and GitLab's `regex.rb` (environment scopes); Microsoft Graph,
"federatedIdentityCredential resource type" (issuer, audience); Microsoft Learn, "About keys, secrets and certificates"
(names and versions of secrets). What concerns the vault alone is in `vault_rules.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from keyvault_fetch.trust.credentials import length_flaw
from keyvault_fetch.trust.subjects import Flaw

__all__ = [
    "DEFAULT_GITLAB_URL",
    "Shape",
    "audience_flaw",
    "environment_scope_flaw",
    "gitlab_url_flaw",
    "location_flaw",
    "secret_name_flaw",
    "variable_flaw",
    "version_flaw",
]

DEFAULT_GITLAB_URL: Final = "https://gitlab.com"

# Its parts stand in commands that a person runs, and in what a terminal shows.
_PLAIN_URL: Final = re.compile(r"https://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")
_RESERVED_VARIABLES: Final = ("AZURE_JWT", "AZURE_KEY_VAULT_SERVER_URL", "AZURE_CLIENT_ID", "AZURE_TENANT_ID")


@dataclass(frozen=True)
class Shape:
    """A rule that a regular expression states; it repeats no value, which may be a secret put where its name belongs.

    The expression is one that JSON Schema (ECMA-262) understands too.
    """

    pattern: str
    problem: str
    mend: str

    def __call__(self, text: str) -> Flaw | None:
        """Return the flaw of a text that has not the shape."""
        return None if re.fullmatch(self.pattern, text) else Flaw(self.problem, self.mend)


secret_name_flaw: Final = Shape(
    r"[0-9A-Za-z-]{1,127}",
    "is no name that a Key Vault secret can have",
    "write the secret's name (not its value): 1 to 127 letters, digits and hyphens",
)
version_flaw: Final = Shape(
    r"[0-9a-fA-F]{32}",
    "is no version of a secret",
    "write its 32 hexadecimal digits in quotes, without dashes, or leave the key out for the latest version",
)
environment_scope_flaw: Final = Shape(
    r"[a-zA-Z0-9_/${}. *-]{1,255}",
    "is no scope that a CI/CD variable can have",
    "write an environment's name, like production, or a pattern, like review/*",
)


class _Variable(Shape):
    """The shape of a CI/CD variable, but for those that the job itself needs."""

    def __call__(self, text: str) -> Flaw | None:
        """Return why a secret cannot be put into a variable of this name."""
        if text in _RESERVED_VARIABLES:
            return Flaw(f"{text} is the variable by which the job itself reaches the vault", "choose another name")
        return super().__call__(text)


variable_flaw: Final = _Variable(
    r"[A-Za-z_][A-Za-z0-9_]{0,254}",
    "is no name for a CI/CD variable",
    "write letters, digits and underscores, not starting with a digit, like DATABASE_PASSWORD",
)


def location_flaw(name: str) -> Flaw | None:
    """Return why this is no region's name as Azure Resource Manager knows it."""
    if re.fullmatch(r"[a-z][a-z0-9]+", name):
        return None
    squeezed = re.sub(r"[^a-z0-9]", "", name.lower()).lstrip("0123456789") or "westeurope"
    return Flaw(f"{name!r} is no region's name", f"write it as `az account list-locations` does, like {squeezed!r}")


def gitlab_url_flaw(url: str) -> Flaw | None:
    """Return why Entra would refuse this issuer, or never find it equal to a token's `iss`."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return Flaw(f"{url!r} is no URL", "write it like https://gitlab.example.com")
    if parts.scheme != "https":
        return Flaw(f"{url!r} does not start with https://", "Entra fetches the issuer's keys by https:// only")
    if not host or not _PLAIN_URL.fullmatch(url) or "/." in parts.path:
        return Flaw(f"{url!r} is no plain https URL", "write it like https://gitlab.example.com")
    if host == "gitlab.com" and url != DEFAULT_GITLAB_URL:
        return Flaw(f"{url!r} is not how gitlab.com writes its `iss`", f"write {DEFAULT_GITLAB_URL!r}")
    if url.endswith("/"):
        reason = "GitLab's `iss` does not, and Entra compares the two letter by letter"
        return Flaw(f"{url!r} ends with a slash: {reason}", f"write {url.rstrip('/')!r}")
    return length_flaw(url)


def audience_flaw(audience: str) -> Flaw | None:
    """Return why Entra would refuse this audience of a credential, or no token would carry it."""
    if re.search(r"[\s$]", audience):
        return Flaw(
            f"{audience!r} has a blank or a '$'", "write one audience, the jobs' `aud`, like https://gitlab.com"
        )
    return length_flaw(audience)
