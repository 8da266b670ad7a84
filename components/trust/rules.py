"""What a trust entry may say. Pure: each rule yields the flaws of an entry, all of them at once.

Sources: GitLab docs, "OpenID Connect (OIDC) authentication using ID tokens" (the components of a subject); Microsoft
Entra docs, "Flexible federated identity credentials" and "Mutable subjects"; Microsoft Graph,
`federatedIdentityCredential` (600 characters of description).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from components.trust.broad import broad_flaw
from components.trust.compiler import subjects_of
from keyvault_fetch.trust.credentials import DESCRIPTION_LIMIT
from keyvault_fetch.trust.expression_rules import expression_flaw, flexible_issuer_flaw
from keyvault_fetch.trust.expressions import is_pattern
from keyvault_fetch.trust.subjects import Flaw, ref_flaw, ref_pattern_flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.settings.trust import TrustedProject, TrustSettings

__all__ = ["PROJECT_ID_MEND", "entry_flaws", "flexible_flaw"]

PROJECT_ID_MEND: Final = (
    "write `project_id: N` in the project (N from its page in GitLab), "
    "or set environment_scope with a GitLab token, which looks it up"
)


def entry_flaws(project: TrustedProject, entry: TrustSettings, issuer: str, *, flexible: bool) -> list[Flaw]:
    """Return what is wrong with an entry of the project's trust list.

    The project's sub components are legal, and where the project's id is one of them it is given.
    """
    unclear = list(_form(entry))
    if unclear:
        return unclear
    flaws = [*_ref(entry), *_components(project, entry)]
    if not flaws:
        flaws += _wildcards(project, entry, issuer, flexible=flexible)
    if not entry.allow_broad and not (entry.expression and flaws):
        flaws += _given(broad_flaw(project, entry))
    return [*flaws, *_reason(entry)]


def flexible_flaw(project: TrustedProject, issuer: str, *, flexible: bool) -> Flaw | None:
    """Return why this project's jobs cannot be trusted by a flexible credential of the issuer, or None."""
    if not flexible:
        return Flaw(
            "Entra takes no wildcards and expressions for a managed identity",
            "list each branch and tag by name, or set `identity: application`",
        )
    if flaw := flexible_issuer_flaw(issuer):
        return flaw
    if project.project_id is None:
        return Flaw("Entra takes a wildcard only beside the project's id, and nobody gave it", PROJECT_ID_MEND)
    return None


def _form(entry: TrustSettings) -> Iterator[Flaw]:
    """Yield why it is not clear what is meant."""
    conditions = (entry.protected, entry.environment_protected, entry.deployment_tier)
    if len(entry.ref_keys) > 1:
        named = " and ".join(f"a {key}" for key in entry.ref_keys)
        yield Flaw(f"has {named}: which one is meant?", "write an entry for each")
    if entry.expression and (entry.ref or any(conditions)):
        yield Flaw("has an expression and more", "let the expression say all, or write an entry for each")
    if not entry.expression and not entry.ref and not any(conditions):
        others = "`protected: true`, `environment_protected: true`"
        yield Flaw("names no branch and no tag", f"write `branch: NAME` or `tag: NAME`, or {others}")


def _ref(entry: TrustSettings) -> Iterator[Flaw]:
    rule = ref_pattern_flaw if is_pattern(entry.ref) else ref_flaw
    yield from _given(rule(entry.ref) if entry.ref else None)


def _components(project: TrustedProject, entry: TrustSettings) -> Iterator[Flaw]:
    """Yield what the entry wants to be told apart and the subject does not tell."""
    kind, other = ("tag", "branch") if entry.tag else ("branch", "tag")
    needs = [
        ("ref_type", entry.ref, f"a {other} named like the {kind} would match too"),
        ("ref", entry.ref, f"every {kind} would match"),
        ("ref_protected", entry.protected, "refs that are not protected would match too"),
        ("environment_protected", entry.environment_protected, "environments that are not protected would match too"),
        ("deployment_tier", entry.deployment_tier, "every deployment tier would match"),
    ]
    missing = [(name, otherwise) for name, wanted, otherwise in needs if wanted and name not in project.sub_components]
    if missing:
        names, consequences = zip(*missing, strict=True)
        yield Flaw(
            f"needs {' and '.join(names)} in the project's sub_components: otherwise {', and '.join(consequences)}",
            f"write `sub_components: [{', '.join([*project.sub_components, *names])}]` in the project",
        )


def _wildcards(project: TrustedProject, entry: TrustSettings, issuer: str, *, flexible: bool) -> Iterator[Flaw]:
    if entry.expression:
        # Its own immutable claim is its own affair: the project's id may be unknown.
        managed = flexible_flaw(project, issuer, flexible=False) if not flexible else None
        yield from _given(managed or expression_flaw(entry.expression, issuer))
    elif not subjects_of(project, entry) and (flaw := flexible_flaw(project, issuer, flexible=flexible)):
        what = f"{entry.ref!r} is a pattern" if entry.ref else "leaves the branch or tag open"
        yield Flaw(f"{what}: {flaw.problem}", flaw.mend)


def _reason(entry: TrustSettings) -> Iterator[Flaw]:
    if entry.allow_broad and not entry.reason.strip():
        yield Flaw(
            "allows broad trust and says no reason", "write `reason: …`; it becomes the credential's description"
        )
    if entry.reason and not entry.allow_broad:
        yield Flaw("has a reason that nothing shows", "leave it out: it belongs to `allow_broad: true`")
    if len(entry.reason) > DESCRIPTION_LIMIT:
        problem = f"has a reason of {len(entry.reason)} characters, Entra takes {DESCRIPTION_LIMIT} of a description"
        yield Flaw(problem, "write a shorter one")


def _given(flaw: Flaw | None) -> list[Flaw]:
    return [flaw] if flaw else []
