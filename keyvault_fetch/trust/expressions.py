"""Flexible federated identity credentials' expressions: how they are written, read, matched and linted. Pure.

Source: Microsoft Entra docs, "Flexible federated identity credentials" and "Mutable subjects".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyvault_fetch.trust.subjects import Flaw

__all__ = ["expression_flaw"]


def expression_flaw(text: str, issuer: str) -> Flaw | None:
    """Return why Graph would refuse this expression in a credential of this issuer, or None."""
    raise NotImplementedError(text, issuer)
