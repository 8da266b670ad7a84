"""The configuration of the running stack, read from Pulumi."""

from __future__ import annotations

import pulumi
from pulumi.runtime import get_config_env

from components.mistakes import SettingsError
from components.settings import KEYS, Settings, decoded, parse

__all__ = ["load"]


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
