"""What Graph allows of an identity's federated credentials. Pure.

Source: Microsoft Graph, "federatedIdentityCredential resource type", and Microsoft Entra docs, "Important
considerations and restrictions for federated identity credentials". For an expression no document gives a limit; the
one of a subject is taken.
"""

from __future__ import annotations

from typing import Final

from keyvault_fetch.trust.subjects import Flaw

__all__ = ["CREDENTIAL_LIMIT", "DESCRIPTION_LIMIT", "trusted_text_flaw"]

CREDENTIAL_LIMIT: Final = 20
"""The federated credentials that an application or a managed identity may have."""

DESCRIPTION_LIMIT: Final = 600
"""The characters of a credential's description."""

_TEXT_LIMIT: Final = 600


def trusted_text_flaw(text: str) -> Flaw | None:
    """Return why Graph would refuse this subject or expression, which is well-formed, or None."""
    if len(text) <= _TEXT_LIMIT:
        return None
    problem = f"{text[:40]!r}… has {len(text)} characters, Entra takes {_TEXT_LIMIT}"
    return Flaw(problem, "choose a shorter name, of the project or of the branch or tag")
