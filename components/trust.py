"""One entry of a project's `trust` list, and what it means. Pure."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TrustSettings", "TrustedProject"]


@dataclass(frozen=True)
class TrustSettings:
    """Whose jobs are trusted: those that are all that is set here.

    At most one of `branch`, `tag` and `merge_request` (a source branch) is set: a name, or a pattern with `*` and `?`.
    `expression` stands alone: a flexible credential's text, as written. `allow_broad` with a `reason` permits what
    would be refused as too broad; the reason becomes the credential's description.
    """

    branch: str = ""
    tag: str = ""
    merge_request: str = ""
    protected: bool = False
    environment_protected: bool = False
    deployment_tier: str = ""
    expression: str = ""
    allow_broad: bool = False
    reason: str = ""


@dataclass(frozen=True)
class TrustedProject:
    """A GitLab project, what its jobs' subjects are made of, and which of its jobs are trusted.

    `project_id` is None where the stack does not say it and GitLab was not asked.
    """

    path: str
    project_id: int | None
    sub_components: tuple[str, ...]
    trust: tuple[TrustSettings, ...]
