"""The configuration of the running stack, read from Pulumi."""

from __future__ import annotations

import json

import pulumi
from pulumi.runtime import get_config_env

from components.mistakes import SettingsError
from components.settings import KEYS, Settings, parse

__all__ = ["load"]

_OBJECTS = frozenset({"vault", "projects"})


def load() -> Settings:
    """Return the stack's settings.

    Raises pulumi.RunError with every mistake of the stack: the engine prints that without a traceback.
    """
    config = pulumi.Config()
    given = [key.removeprefix(f"{config.name}:") for key in get_config_env() if key.startswith(f"{config.name}:")]
    try:
        return parse({key: _decoded(key, config.get(key)) for key in (*given, *KEYS)}, config.name)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def _decoded(key: str, value: str | None) -> object:
    """Undo the engine's JSON around objects and lists; every other value stays the text that the engine makes of it."""
    if key not in _OBJECTS or not value:
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value
