"""A federated identity credential, as far as trust goes. Pure.

Source: Microsoft Graph, "federatedIdentityCredential resource type".
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Credential"]


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
