"""The federated credentials of one identity, from the trust lists of its projects. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.trust import TrustedProject
    from keyvault_fetch.trust.credentials import Credential
    from keyvault_fetch.trust.subjects import Flaw

__all__ = ["Finding", "Plan", "plan"]


@dataclass(frozen=True)
class Finding:
    """A mistake: the project's index, the index of its trust entry (None: the project as a whole), and the flaw."""

    project: int
    entry: int | None
    flaw: Flaw


@dataclass(frozen=True)
class Plan:
    """An identity's credentials; with findings the credentials are not to be used. Warnings are whole sentences."""

    credentials: tuple[Credential, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]


def plan(projects: Sequence[TrustedProject], issuer: str, audience: str, *, flexible: bool) -> Plan:
    """Return the credentials of one identity that these projects share.

    `flexible` is False for a managed identity, which Entra gives no flexible credentials.
    """
    raise NotImplementedError(projects, issuer, audience, flexible)
