"""Locks: what may be neither deleted nor, where they say ReadOnly, written (Azure docs, "Lock your resources")."""

from .rbac import enclosing
from .request import Answer, Call, Handlers, refusal
from .resources import KEPT, under

_TYPE = "Microsoft.Authorization/locks"
_READ_ONLY = "ReadOnly"
_LEVELS = ("CanNotDelete", _READ_ONLY)
SHAPES = {_TYPE.lower(): {"level": str}}
"""The types of the properties that decide, by type of resource."""


def check(call: Call) -> None:
    """Raise ARM's 409 where a lock at the resource's scope, above it or (for a deletion) below it forbids the call.

    What extends a locked resource, like a role assignment on a vault, is locked with it; locks themselves never are.
    """
    if call.method in ("GET", "HEAD") or call.path.type.lower() == _TYPE.lower():
        return
    deletes = call.method == "DELETE"
    scopes = [scope.rstrip("/") for scope in enclosing(call.path.text)]
    locks = [lock for scope in scopes for lock in under(call.cloud, f"{scope}/providers/{_TYPE}", _TYPE)]
    locks += under(call.cloud, call.path.text, _TYPE) if deletes else []
    level = _LEVELS if deletes else (_READ_ONLY,)
    locked = dict.fromkeys(_scope(lock["id"]) for lock in locks if lock["properties"]["level"] in level)
    if locked:
        raise refusal(
            409,
            "ScopeLocked",
            f"The scope '{call.path.text}' cannot perform {'delete' if deletes else 'write'} operation because "
            f"following scope(s) are locked: '{', '.join(locked)}'. Please remove the lock and try again.",
        )


def _scope(lock: str) -> str:
    return "/".join(lock.split("/")[:-4])


def _put(call: Call) -> Answer:
    if call.properties.get("level") not in _LEVELS:
        raise refusal(400, "BadRequest", f"The lock level must be one of {', '.join(_LEVELS)}.")
    return KEPT["PUT"](call)


TYPES: dict[str, Handlers] = {_TYPE.lower(): {**KEPT, "PUT": _put}}
