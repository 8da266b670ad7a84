"""The configuration of the running stack, read from Pulumi; its mistakes end the program without a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime import get_config_env

from components.settings.mistakes import SettingsError
from components.settings.stack import KEYS
from components.stack.parse import decoded, parse
from components.trust import stack

if TYPE_CHECKING:
    from components.settings.stack import Settings
    from components.trust.planning import Plan

__all__ = ["load", "plans"]


def load() -> Settings:
    """Return the stack's settings.

    Raises pulumi.RunError with every mistake of the stack: the engine prints that without a traceback.
    """
    config = pulumi.Config()
    given = [key.removeprefix(f"{config.name}:") for key in get_config_env() if key.startswith(f"{config.name}:")]
    try:
        return parse({key: decoded(key, config.get(key)) for key in (*given, *KEYS)}, config.name)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def plans(settings: Settings) -> dict[str, Plan]:
    """Return each identity's credentials by its key, once GitLab has told the projects' ids.

    Raises pulumi.RunError with every mistake that these show.
    """
    try:
        return stack.plans(settings)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
