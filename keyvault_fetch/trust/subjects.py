"""The `sub` claim of a GitLab job's ID token: how it is written, and how it is read back. Pure rules, no I/O.

Sources: GitLab docs, "OpenID Connect (OIDC) authentication using ID tokens" (the claim), GitLab's `path_regex.rb` and
docs "Reserved project and group names" (project paths), git-check-ref-format(1) (branches and tags). No path and no
ref may hold a colon, so a subject is an unambiguous row of `component:value` pairs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "COMPONENTS",
    "DEFAULT_COMPONENTS",
    "TIERS",
    "Flaw",
    "FlawError",
    "RefType",
    "Subject",
    "SubjectError",
    "components_flaw",
    "parse",
    "project_path_flaw",
    "ref_flaw",
    "ref_pattern_flaw",
    "subject",
]

RefType = Literal["branch", "tag"]

DEFAULT_COMPONENTS: Final = ("project_path", "ref_type", "ref")
"""What a subject is made of unless the project's setting `ci_id_token_sub_claim_components` says otherwise."""

COMPONENTS: Final = (
    "project_path",
    "project_id",
    "ref_type",
    "ref",
    "ref_protected",
    "environment_protected",
    "deployment_tier",
)
"""What a subject can be made of; one of the first two leads it."""

TIERS: Final = ("production", "staging", "testing", "development", "other")
"""The deployment tiers that GitLab knows."""

_GROUP: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}(?<!\.)")
_PROJECT: Final = re.compile(r"(?=.*[A-Za-z0-9_])[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}")
_LEADING: Final = ("project_path", "project_id")
_FORBIDDEN_IN_REF: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]")
_REF_PREFIX: Final = re.compile(r"refs/(heads|tags|remotes)/")


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a value, and what to write instead; both read on from the value's name."""

    problem: str
    mend: str


class FlawError(ValueError):
    """A text that is not what it should be; `flaw` says why and how to mend it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(f"{flaw.problem}: {flaw.mend}")
        self.flaw = flaw


class SubjectError(FlawError):
    """A value that cannot stand in a subject, or a text that is no subject."""


@dataclass(frozen=True)
class Subject:
    """The parts of a subject made of GitLab's default components; `str()` is the claim's text."""

    project_path: str
    ref_type: RefType
    ref: str

    def __str__(self) -> str:
        return f"project_path:{self.project_path}:ref_type:{self.ref_type}:ref:{self.ref}"


def project_path_flaw(path: str) -> Flaw | None:
    """Return why GitLab could not have a project of this path (`group/subgroup/project`), or None."""
    if "://" in path:
        return Flaw(f"{path!r} is a URL", "write the project's path alone, like group/project")
    *groups, project = path.split("/")
    if not groups:
        return Flaw(f"{path!r} names no group", "write the full path, like group/project or group/subgroup/project")
    for kind, pattern, slug in [*(("group", _GROUP, group) for group in groups), ("project", _PROJECT, project)]:
        if not slug:
            return Flaw(f"{path!r} has an empty part", "write no slash at either end and no two in a row")
        if slug.endswith((".git", ".atom")):
            return Flaw(f"{slug!r} in {path!r} ends in .git or .atom", "leave that ending out")
        if not pattern.fullmatch(slug):
            return Flaw(
                f"{slug!r} in {path!r} is no {kind} path",
                "copy the path from the project's URL: letters, digits, '_', '-' and '.', not starting with '-'",
            )
    return None


def ref_flaw(ref: str) -> Flaw | None:
    """Return why git could not have a branch or tag of this name (git-check-ref-format(1)), or None."""
    short = "write the short name of one branch or tag, like main, release/1.4 or v1.0.0"
    if not ref:
        return Flaw("the name is empty", short)
    if prefix := _REF_PREFIX.match(ref):
        return Flaw(f"{ref!r} starts with {prefix[0]!r}", f"write {ref[prefix.end() :]!r}")
    if wrong := _FORBIDDEN_IN_REF.search(ref):
        mend = "wildcards are not matched here: list each branch and tag" if wrong[0] in "*?" else short
        return Flaw(f"{ref!r} has {wrong[0]!r}, which git allows in no branch or tag", mend)
    if any(part.startswith(".") or part.endswith(".lock") or not part for part in ref.split("/")):
        return Flaw(f"{ref!r} has a part that is empty, starts with '.' or ends in '.lock'", short)
    if ".." in ref or "@{" in ref or ref.startswith("-") or ref.endswith(".") or ref == "HEAD":
        return Flaw(f"{ref!r} is no name that git allows for a branch or tag", short)
    return None


def ref_pattern_flaw(pattern: str) -> Flaw | None:
    """Return why no branch or tag could match this pattern of `*` and `?`, or why it would not be read as meant."""
    if "'" in pattern:
        return Flaw(
            f"{pattern!r} has a single quote, which Entra's expressions take for an escape",
            "put ? in its place, which stands for any one character, or list each branch and tag by name",
        )
    if prefix := _REF_PREFIX.match(pattern):
        return Flaw(f"{pattern!r} starts with {prefix[0]!r}", f"write {pattern[prefix.end() :]!r}")
    # A wildcard is at its most harmless where it stands for a letter: if git refuses that name, it refuses all.
    if ref_flaw(pattern.replace("*", "x").replace("?", "x")):
        return Flaw(f"{pattern!r} matches no name that git allows for a branch or tag", "write it like release/* or v*")
    return None


def components_flaw(components: Sequence[str]) -> Flaw | None:
    """Return why GitLab would refuse these as a project's `ci_id_token_sub_claim_components`, or None."""
    if not components or components[0] not in _LEADING:
        return Flaw(
            f"the sub components start with {components[0]!r}" if components else "the sub components are empty",
            "start with project_path, or with project_id (GitLab 18.7): GitLab refuses a subject of no project",
        )
    for name in components:
        if name not in COMPONENTS:
            return Flaw(f"{name!r} is no component of a subject", f"choose from: {', '.join(COMPONENTS)}")
        if components.count(name) > 1:
            return Flaw(f"{name!r} stands twice", "name each component once")
    return None


def _ref_type_flaw(ref_type: str) -> Flaw | None:
    return None if ref_type in {"branch", "tag"} else Flaw(f"{ref_type!r} is no ref type", "write branch or tag")


# The components in the claim's order. The project setting `ci_id_token_sub_claim_components` may choose others.
_FLAW_OF: Final = {"project_path": project_path_flaw, "ref_type": _ref_type_flaw, "ref": ref_flaw}


def subject(project_path: str, ref_type: RefType, ref: str) -> str:
    """Return the `sub` that GitLab gives a job of this project on this branch or tag (Entra compares it exactly).

    Raises SubjectError where GitLab or git could not have a project or ref of that name.
    """
    _check({"project_path": project_path, "ref_type": ref_type, "ref": ref})
    return str(Subject(project_path, ref_type, ref))


def parse(text: str) -> Subject:
    """Return the parts of a subject: the way back from `subject`. Raises SubjectError if the text is none."""
    fields = text.split(":")
    values = fields[1::2]
    if fields[::2] != list(_FLAW_OF) or len(values) != len(_FLAW_OF):
        form = "project_path:GROUP/PROJECT:ref_type:{branch|tag}:ref:NAME"
        raise SubjectError(Flaw(f"{text!r} is no subject of GitLab's default form", f"it reads {form}"))
    project_path, ref_type, ref = values
    _check({"project_path": project_path, "ref_type": ref_type, "ref": ref})
    return Subject(project_path, "tag" if ref_type == "tag" else "branch", ref)


def _check(components: dict[str, str]) -> None:
    for component, value in components.items():
        if flaw := _FLAW_OF[component](value):
            raise SubjectError(flaw)
