"""Which credential, if any, a job's ID token matches: what Entra will answer, before it is asked. Pure.

Source: Microsoft Entra docs, "Workload identity federation" and "Error codes" (AADSTS700211 to 7002138).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keyvault_fetch.trust.credentials import Credential
    from keyvault_fetch.trust.jobs import Job

__all__ = ["Prediction", "predict"]


@dataclass(frozen=True)
class Prediction:
    """What Entra will say to a job.

    `credential` is the one that matches; otherwise it is None, `code` is the AADSTS number, `nearest` the credential
    that comes nearest (None where there is none), and `difference` says in words where the two part.
    """

    subject: str
    credential: Credential | None = None
    code: int | None = None
    nearest: Credential | None = None
    difference: str = ""


def predict(
    job: Job, components: Sequence[str], issuer: str, audience: str, credentials: Sequence[Credential]
) -> Prediction:
    """Return which of an identity's credentials matches the job's token, or with which code Entra refuses it."""
    raise NotImplementedError(job, components, issuer, audience, credentials)
