"""What Azure, Entra and GitLab allow in the values of a stack. Pure: each rule returns the flaw of a text, or None.

Sources: Microsoft Learn, "Naming rules and restrictions for Azure resources" (vault, secret, resource group),
"Federated identity credentials" of Microsoft Graph (issuer, subject, audience), Key Vault's "About keys, secrets and
certificates" (versions); GitLab docs, "GitLab CI/CD variables" (names).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from keyvault_fetch.trust.subjects import Flaw

__all__ = [
    "DEFAULT_GITLAB_URL",
    "RETENTION_DAYS",
    "TRUST_LIMIT",
    "Rule",
    "audience_flaw",
    "gitlab_url_flaw",
    "location_flaw",
    "resource_group_flaw",
    "secret_name_flaw",
    "subject_flaw",
    "variable_flaw",
    "vault_name_flaw",
    "version_flaw",
]

Rule = Callable[[str], Flaw | None]

DEFAULT_GITLAB_URL: Final = "https://gitlab.com"

TRUST_LIMIT: Final = 20
"""Federated identity credentials that an application may have."""

RETENTION_DAYS: Final = (7, 90)
"""The least and the most days that a deleted vault or secret can be recovered."""

_FEDERATED_VALUE_LIMIT: Final = 600
_RESERVED_VARIABLES: Final = frozenset(
    {"AZURE_JWT", "AZURE_KEY_VAULT_SERVER_URL", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"}
)


def _shape(pattern: str, problem: str, mend: str) -> Rule:
    """Return a rule that names no value: the text in question may be a secret put where its name belongs."""
    compiled = re.compile(pattern)
    return lambda text: None if compiled.fullmatch(text) else Flaw(problem, mend)


secret_name_flaw = _shape(
    r"[0-9A-Za-z-]{1,127}",
    "is no name that a Key Vault secret can have",
    "write the secret's name (not its value): 1 to 127 letters, digits and hyphens",
)
version_flaw = _shape(
    r"[0-9a-fA-F]{32}",
    "is no version of a secret",
    "write its 32 hexadecimal digits in quotes, without dashes, or leave the key out for the latest version",
)
_variable_shape = _shape(
    r"[A-Za-z_][A-Za-z0-9_]{0,254}",
    "is no name for a CI/CD variable",
    "write letters, digits and underscores, not starting with a digit, like DATABASE_PASSWORD",
)


def variable_flaw(name: str) -> Flaw | None:
    """Return why a secret cannot be put into a CI/CD variable of this name."""
    if name in _RESERVED_VARIABLES:
        return Flaw(f"{name} is the variable by which the job itself reaches the vault", "choose another name")
    return _variable_shape(name)


def vault_name_flaw(name: str) -> Flaw | None:
    """Return why Azure would refuse a vault of this name."""
    problems = {
        f"has {len(name)} characters": not 3 <= len(name) <= 24,
        "has a character that is no letter, digit or hyphen": not re.fullmatch(r"[0-9A-Za-z-]*", name),
        "does not start with a letter": not re.match(r"[A-Za-z]", name),
        "ends in a hyphen": name.endswith("-"),
        "has two hyphens in a row": "--" in name,
    }
    found = [problem for problem, is_so in problems.items() if is_so]
    mend = "write 3 to 24 letters, digits and single hyphens, starting with a letter, ending with a letter or digit"
    return Flaw(f"{name!r} {' and '.join(found)}", mend) if found else None


def resource_group_flaw(name: str) -> Flaw | None:
    """Return why Azure would refuse a resource group of this name."""
    if re.fullmatch(r"[\w().-]{1,90}(?<!\.)", name):
        return None
    return Flaw(
        f"{name!r} is no name for a resource group", "write 1 to 90 of: letters, digits, _ ( ) - . (no dot at the end)"
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
    if not host or re.search(r"\s", url) or parts.query or parts.fragment or "@" in parts.netloc:
        return Flaw(f"{url!r} is no plain https URL", "write it like https://gitlab.example.com")
    if host == "gitlab.com" and url != DEFAULT_GITLAB_URL:
        return Flaw(f"{url!r} is not how gitlab.com writes its `iss`", f"write {DEFAULT_GITLAB_URL!r}")
    if url.endswith("/"):
        return Flaw(f"{url!r} ends with a slash, GitLab's `iss` does not", f"write {url.rstrip('/')!r}")
    return _length_flaw(url)


def audience_flaw(audience: str) -> Flaw | None:
    """Return why Entra would refuse this audience of a credential, or no token would carry it."""
    if re.search(r"[\s$]", audience):
        return Flaw(
            f"{audience!r} has a blank or a '$'", "write one audience, the jobs' `aud`, like https://gitlab.com"
        )
    return _length_flaw(audience)


def subject_flaw(subject: str) -> Flaw | None:
    """Return why Entra would refuse a credential with this (well-formed) subject."""
    return _length_flaw(subject)


def _length_flaw(text: str) -> Flaw | None:
    if len(text) <= _FEDERATED_VALUE_LIMIT:
        return None
    problem = f"{text[:40]!r}… has {len(text)} characters, Entra takes {_FEDERATED_VALUE_LIMIT}"
    return Flaw(problem, "choose a shorter name, of the project or of the branch or tag")
