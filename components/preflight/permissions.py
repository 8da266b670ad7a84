"""What an account may do at a scope, as Azure Resource Manager lists it. Pure.

Source: Azure REST API reference, "Permissions - List For Resource"; Microsoft Learn, "Understand Azure role
definitions" (`*` stands for any run of characters; a role's `notActions` take away from its own `actions` alone).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["allows", "missing"]


def allows(permissions: Iterable[object], action: str) -> bool:
    """Return whether any of the permissions (`{actions, notActions}`, one a role) allows the action.

    A condition on a role is not weighed: Azure itself does so when the action is taken.
    """
    return any(
        _matches(one.get("actions"), action) and not _matches(one.get("notActions"), action)
        for one in cast("Iterable[dict[str, Any]]", permissions)
    )


def missing(permissions: Iterable[object], actions: Iterable[str]) -> list[str]:
    """Return the actions that none of the permissions allows."""
    known = list(permissions)
    return [action for action in actions if not allows(known, action)]


def _matches(patterns: Iterable[str] | None, action: str) -> bool:
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE | re.DOTALL)
        for pattern in patterns or ()
    )
