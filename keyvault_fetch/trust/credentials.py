"""A federated identity credential, as far as trust goes, and what Graph allows of it. Pure.

Sources: Microsoft Graph, "federatedIdentityCredential resource type", and Microsoft Entra docs, "Important
considerations and restrictions for federated identity credentials".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keyvault_fetch.trust.subjects import Flaw

__all__ = ["CREDENTIAL_LIMIT", "DESCRIPTION_LIMIT", "Credential", "length_flaw"]

CREDENTIAL_LIMIT: Final = 20
"""The federated credentials that an application or a managed identity may have."""

DESCRIPTION_LIMIT: Final = 600
"""The characters of a credential's description."""

_VALUE_LIMIT: Final = 600


@dataclass(frozen=True)
class Credential:
    """A federated identity credential: which tokens an identity trusts.

    Either `subject` is set (compared letter by letter) or `expression` is (a flexible credential), never both.
    """

    name: str
    issuer: str
    audience: str
    subject: str = ""
    expression: str = ""
    description: str = ""


def length_flaw(text: str) -> Flaw | None:
    """Return why Graph would refuse a credential with this issuer, subject, audience or expression for its length."""
    if len(text) <= _VALUE_LIMIT:
        return None
    problem = f"{text[:40]!r}… has {len(text)} characters, Entra takes {_VALUE_LIMIT}"
    return Flaw(problem, "choose a shorter name, of the project or of the branch or tag, or match less of the subject")
