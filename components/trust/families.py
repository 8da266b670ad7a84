"""Trust entries that differ in their exact refs alone, and the pattern that all these refs match. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from keyvault_fetch.trust.expressions import is_pattern
from keyvault_fetch.trust.subjects import ref_pattern_flaw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.settings.trust import TrustSettings
    from components.trust.grants import Grant

__all__ = ["Family", "families"]


@dataclass(frozen=True)
class Family:
    """Two or more grants of one project, and a pattern that their refs match."""

    grants: tuple[Grant, ...]
    pattern: str

    def __str__(self) -> str:
        return f"`{self.grants[0].settings.ref_keys[0]}: {self.pattern}`"


def families(grants: Iterable[Grant]) -> list[Family]:
    """Return the families of these grants, the largest first; a grant is in one at most."""
    groups: dict[tuple[object, ...], list[Grant]] = {}
    for one in grants:
        ref = one.settings.ref
        if ref and not is_pattern(ref):
            # Refs of one folder belong together; of those in none, such as start alike.
            head = ref.partition("/")[0] if "/" in ref else ref[0]
            key = (one.project, one.settings.ref_keys[0], "/" in ref, head, _conditions(one.settings))
            groups.setdefault(key, []).append(one)
    found = [_family(group) for group in groups.values() if len(group) > 1]
    usable = [one for one in found if re.search(r"\w", one.pattern) and not ref_pattern_flaw(one.pattern)]
    return sorted(usable, key=lambda family: -len(family.grants))


def _conditions(settings: TrustSettings) -> TrustSettings:
    return replace(settings, branch="", tag="", merge_request="", allow_broad=False, reason="")


def _family(group: list[Grant]) -> Family:
    first, *_, last = sorted(one.settings.ref for one in group)
    common = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return Family(tuple(group), "".join(letter for letter, _ in common) + "*")
