"""Who may do what: Azure's role-based access control as a pure decision.

Azure docs, "Understand Azure role definitions" and "Understand scope for Azure RBAC".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Plane = Literal["control", "data"]


@dataclass(frozen=True)
class Permissions:
    """The operations that a role grants; `*` in a pattern stands for any run of characters."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """A role given to a principal (its object id) at a scope (an ARM id, "/" for the root)."""

    principal: str
    scope: str
    permissions: Permissions


def decide(
    assignments: Iterable[Assignment], principal: str, operation: str, resource: str, plane: Plane
) -> Assignment | None:
    """Return the assignment that lets the principal do the operation on the resource, or None: refused."""
    for assignment in assignments:
        if (
            assignment.principal.lower() == principal.lower()
            and covers(assignment.scope, resource)
            and permits(assignment.permissions, operation, plane)
        ):
            return assignment
    return None


def covers(scope: str, resource: str) -> bool:
    """Tell whether the resource is at the scope or under it, by whole path segments, in any letter case."""
    prefix = _segments(scope)
    return _segments(resource)[: len(prefix)] == prefix


def permits(permissions: Permissions, operation: str, plane: Plane) -> bool:
    """Tell whether the role grants the operation on that plane; what it excludes is not granted."""
    granted, excluded = (
        (permissions.actions, permissions.not_actions)
        if plane == "control"
        else (permissions.data_actions, permissions.not_data_actions)
    )
    return any(matches(p, operation) for p in granted) and not any(matches(p, operation) for p in excluded)


@lru_cache(maxsize=4096)
def matches(pattern: str, operation: str) -> bool:
    """Tell whether an action pattern such as `Microsoft.KeyVault/*/read` covers the operation, in any letter case."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), operation, re.IGNORECASE | re.DOTALL) is not None


def enclosing(resource: str) -> list[str]:
    """Return the scopes whose assignments can cover the resource: "/" and each type/name pair down to itself."""
    segments = [segment for segment in resource.split("/") if segment]
    return ["/"] + ["/" + "/".join(segments[:end]) for end in range(2, len(segments) + 1, 2)]


def _segments(path: str) -> list[str]:
    return [segment for segment in path.lower().split("/") if segment]
