"""One entry of a project's `trust` list, and the project that it stands in. Pure."""

from dataclasses import dataclass, fields
from typing import Annotated, Final

from components.settings.keys import Key
from keyvault_fetch.trust.subjects import TIERS, RefType

__all__ = ["STAND_IN_IDS", "TrustSettings", "TrustedProject"]

STAND_IN_IDS: Final = 9_000_000_000_000_000
"""The least id that stands for one which GitLab is still to be asked for; no project has such an id."""


@dataclass(frozen=True)
class TrustSettings:
    """Whose jobs are trusted: those that are all that is set here.

    At most one of `branch`, `tag` and `merge_request` (a source branch) is set: a name, or a pattern with `*` and `?`.
    `expression` stands alone: a flexible credential's text, as written. `allow_broad` with a `reason` permits what
    would be refused as too broad, and to put the exact refs of such entries under one pattern where an identity has
    too many; the reason becomes the credential's description. `str()` is the entry as YAML has it on one line.
    """

    branch: Annotated[str, Key("Jobs on this branch; * is any text, ? one character.", example="main")] = ""
    tag: Annotated[str, Key("Jobs on this tag; * is any text, ? one character.", example="v*")] = ""
    merge_request: Annotated[
        str,
        Key("Jobs of merge requests from this source branch, which anyone who may push can make.", example="feat/*"),
    ] = ""
    protected: Annotated[bool, Key("Only while the ref is protected; alone: any protected ref.")] = False
    environment_protected: Annotated[bool, Key("Only jobs of a protected environment.")] = False
    deployment_tier: Annotated[str, Key("Only jobs of an environment of this tier.", choices=TIERS)] = ""
    expression: Annotated[
        str,
        Key(
            "A flexible credential's expression, as written: claims['sub'] matches '…' and claims['project_id'] eq '…'."
        ),
    ] = ""
    allow_broad: Annotated[bool, Key("Trust more than is wise; needs a reason.")] = False
    reason: Annotated[str, Key("Why so broad a trust is right: the credential's description in Entra.")] = ""

    def __str__(self) -> str:
        given = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "reason"}
        return "{" + ", ".join(f"{key}: {_yaml(value)}" for key, value in given.items() if value) + "}"

    @property
    def ref_keys(self) -> list[str]:
        """Which of `branch`, `tag` and `merge_request` are set."""
        given = {"branch": self.branch, "tag": self.tag, "merge_request": self.merge_request}
        return [key for key, value in given.items() if value]

    @property
    def ref(self) -> str:
        """The name or pattern of the trusted branch, tag or source branch; empty for any ref."""
        return self.branch or self.tag or self.merge_request

    @property
    def ref_types(self) -> tuple[RefType, ...]:
        """The types of the trusted refs."""
        return ("tag",) if self.tag else ("branch",) if self.ref else ("branch", "tag")


@dataclass(frozen=True)
class TrustedProject:
    """A GitLab project, what its jobs' subjects are made of, and which of its jobs are trusted.

    `project_id` is None where the stack does not say it and GitLab will not be asked. Where it will be, a number from
    STAND_IN_IDS on, another for each project, shows the mistakes of a stack before.
    """

    path: str
    project_id: int | None
    sub_components: tuple[str, ...]
    trust: tuple[TrustSettings, ...]

    @property
    def id_is_known(self) -> bool:
        """Whether the id is the project's own, not one that stands for it."""
        return self.project_id is not None and self.project_id < STAND_IN_IDS


def _yaml(value: str | bool) -> str:  # noqa: FBT001 - a value of any key
    return str(value).lower() if isinstance(value, bool) else value
