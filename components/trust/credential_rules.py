"""What Graph allows of an identity's federated credentials. Pure.

Source: Microsoft Graph, "federatedIdentityCredential resource type", and Microsoft Entra docs, "Important
considerations and restrictions for federated identity credentials".
"""

from __future__ import annotations

from typing import Final

__all__ = ["CREDENTIAL_LIMIT", "DESCRIPTION_LIMIT"]

CREDENTIAL_LIMIT: Final = 20
"""The federated credentials that an application or a managed identity may have."""

DESCRIPTION_LIMIT: Final = 600
"""The characters of a credential's description."""
