"""What the stack's last deployment left in its state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import invoke

__all__ = ["State", "names_of", "stack_state"]

State = Mapping[str, Mapping[str, Any]]
"""Resources, {type, outputs} by URN."""


def stack_state() -> State | None:
    """Return the resources of the stack as the last deployment left them, failed or not; None where nobody tells."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        return invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": stack}).value["outputs"]
    except Exception as error:  # noqa: BLE001 - Pulumi raises a plain Exception, whatever the engine met
        pulumi.warn(f"The stack's state was not asked what is deployed: {error}")
        return None


def names_of(resources: State, kind: str) -> frozenset[str]:
    """Return the names in Azure of the resources of a type in a state, in small letters."""
    return frozenset(str(each["outputs"].get("name")).lower() for each in resources.values() if each["type"] == kind)
