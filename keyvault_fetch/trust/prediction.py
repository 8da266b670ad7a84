"""Which credential, if any, a job's ID token matches: what Entra will answer, before it is asked. Pure.

Source: Microsoft Entra docs, "Workload identity federation", "Federated identity credentials now use case-sensitive
matching" and "Error codes". Issuer, subject and audience are looked at in this order.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from keyvault_fetch.trust.expressions import Condition, is_pattern, matches, parse
from keyvault_fetch.trust.jobs import claims_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keyvault_fetch.trust.credentials import Credential
    from keyvault_fetch.trust.jobs import Job

__all__ = ["Prediction", "predict"]


@dataclass(frozen=True)
class Prediction:
    """What Entra will say to a job.

    `credential` is the one that matches. Otherwise it is None and `code` is the AADSTS number: 700211 (no credential of
    the issuer), 700213 or, among flexible ones, 7002131 (subject), 7002138 (subject but for its case), 700212 or
    7002121 (audience); `nearest` is the credential that comes nearest, None where there is none, and `difference` says
    in words where it first parts from the token.
    """

    subject: str
    credential: Credential | None = None
    code: int | None = None
    nearest: Credential | None = None
    difference: str = ""


def predict(
    job: Job, components: Sequence[str], issuer: str, audience: str, credentials: Sequence[Credential]
) -> Prediction:
    """Return which of an identity's credentials matches the job's token, or with which code Entra refuses it.

    `components` are the project's `ci_id_token_sub_claim_components`. Raises SubjectError where they need a project id
    that the job has not, ExpressionError where a credential's expression cannot be read.
    """
    claims = claims_of(job, components)
    subject = claims["sub"]
    of_issuer = [each for each in credentials if each.issuer == issuer]
    of_subject = [each for each in of_issuer if _fits(each, claims)]
    flexible = any(each.expression for each in of_issuer)
    if found := next((each for each in of_subject if each.audience == audience), None):
        return Prediction(subject, found)
    if of_subject:
        differences = [_differ("audience", audience, each.audience) for each in of_subject]
        return Prediction(subject, None, 7002121 if flexible else 700212, of_subject[0], differences[0])
    if of_issuer:
        twin = next((each for each in of_issuer if each.subject.casefold() == subject.casefold()), None)
        nearest = twin or max(of_issuer, key=lambda each: _likeness(each, subject))
        code = 7002138 if twin else 7002131 if flexible else 700213
        return Prediction(subject, None, code, nearest, _difference(nearest, claims))
    if not credentials:
        return Prediction(subject, code=700211, difference="there is no credential")
    nearest = max(credentials, key=lambda each: (_common(each.issuer, issuer), _likeness(each, subject)))
    return Prediction(subject, None, 700211, nearest, _differ("issuer", issuer, nearest.issuer))


def _fits(credential: Credential, claims: Mapping[str, str]) -> bool:
    if credential.expression:
        return parse(credential.expression).holds(claims)
    return credential.subject == claims["sub"]


def _conditions(credential: Credential) -> tuple[Condition, ...]:
    """Return what the credential compares, `sub` first: it is what a person looks at."""
    if not credential.expression:
        return (Condition("sub", "eq", credential.subject),)
    return tuple(sorted(parse(credential.expression).conditions, key=lambda condition: condition.claim != "sub"))


def _likeness(credential: Credential, subject: str) -> tuple[int, int]:
    """Return how many of the first components fit, and how many of the first letters."""
    wanted = _conditions(credential)[0].value
    pairs = zip(_components(wanted), _components(subject), strict=False)
    fitting = takewhile(lambda pair: pair[0][0] == pair[1][0] and matches(pair[0][1], pair[1][1]), pairs)
    return len(list(fitting)), _common(wanted, subject)


def _difference(credential: Credential, claims: Mapping[str, str]) -> str:
    failing = next(condition for condition in _conditions(credential) if not condition.holds(claims))
    if failing.claim not in claims:
        return f"it wants {failing.claim} {failing.value!r}, which is not known of this job"
    if failing.claim == "sub":
        return _subject_difference(failing, claims["sub"])
    return _differ(failing.claim, claims[failing.claim], failing.value)


def _subject_difference(condition: Condition, subject: str) -> str:
    theirs, ours = _components(condition.value), _components(subject)
    for (name, value), (our_name, our_value) in zip(theirs, ours, strict=False):
        if name != our_name:
            return f"it has {name!r} where the job's subject has {our_name!r}: their sub components differ"
        if condition.operator == "matches" and matches(value, our_value):
            continue
        if value != our_value:
            literal = " letter by letter" if condition.operator == "eq" and is_pattern(value) else ""
            return _differ(name, our_value, value) + literal
    return f"the job's subject has {len(ours)} components, it has {len(theirs)}"


def _differ(what: str, ours: str, theirs: str) -> str:
    return f"{what} is {ours!r}, it wants {theirs!r}"


def _components(subject: str) -> list[tuple[str, str]]:
    fields = [*subject.split(":"), ""]
    return list(zip(fields[::2], fields[1::2], strict=False))


def _common(one: str, other: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
