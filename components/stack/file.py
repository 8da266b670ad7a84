"""A stack's file read without the engine: the settings as the program would get them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, cast

import yaml

from components.settings.keys import keys_of
from components.settings.mistakes import NAMESPACE
from components.settings.stack import Settings
from components.stack.parse import decoded, parse

__all__ = ["STACKS", "StackFileError", "load", "values_of"]

STACKS: Final = Path(__file__).parents[2] / "stacks"
"""Where the stacks' files lie: Pulumi.yaml's `stackConfigDir`."""

_BOOL: Final = "tag:yaml.org,2002:bool"
_OF_YAML_1_1: Final = (_BOOL, "tag:yaml.org,2002:timestamp")
_TRUE_OR_FALSE: Final = (_BOOL, re.compile("(?:true|True|TRUE|false|False|FALSE)$"))


class StackFileError(Exception):
    """A stack's file that cannot be read; the message is for a person."""


class _Loader(yaml.SafeLoader):
    """Reads dates, `yes` and `on` as texts, as the engine does."""


_Loader.yaml_implicit_resolvers = {
    start: [one for one in resolvers if one[0] not in _OF_YAML_1_1] + ([_TRUE_OR_FALSE] if start in "tTfF" else [])
    for start, resolvers in cast("dict[str, list[tuple[str, object]]]", yaml.SafeLoader.yaml_implicit_resolvers).items()
}


def load(stack: str, folder: Path = STACKS) -> Settings:
    """Return a stack's settings from `Pulumi.<stack>.yaml`.

    Raises StackFileError where the file cannot be read, SettingsError with the mistakes that stand in it.
    """
    path = folder / f"Pulumi.{stack.rpartition('/')[2]}.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = sorted(one.name.removeprefix("Pulumi.").removesuffix(".yaml") for one in folder.glob("Pulumi.*.yaml"))
        raise StackFileError(
            f"There is no stack {stack!r}: {path} does not exist.\nThe stacks are: {', '.join(known) or 'none'}."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path} cannot be read: {error}") from None
    return parse(values_of(text, path))


def values_of(text: str, path: Path) -> dict[str, object]:
    """Return the values of this project in a stack's file, by key. Raises StackFileError if it is no stack's file."""
    try:
        document: object = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # PyYAML's message quotes the file, which may hold a secret that was put in the wrong place.
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = str(getattr(error, "problem", None) or "it cannot be parsed").partition(" '")[0]
        raise StackFileError(f"{path} is no YAML: {where}{problem}") from None
    config = _object(_object(document).get("config"))
    if not config:
        raise StackFileError(f"{path} has no `config:` with the stack's values under it; see stacks/Pulumi.dev.yaml")
    own = {key.removeprefix(f"{NAMESPACE}:"): value for key, value in config.items()}
    return {key: _as_the_engine_says(key, value) for key, value in own.items() if ":" not in key}


def _object(value: object) -> dict[str, object]:
    return (
        {str(key): one for key, one in cast("dict[object, object]", value).items()} if isinstance(value, dict) else {}
    )


def _as_the_engine_says(key: str, value: object) -> object:
    """Return the value as the program gets it.

    The engine makes a text of a number where a text is meant, and writes `true` back in quotes when it has something to
    add to the file.
    """
    if isinstance(value, str):
        return decoded(key, value)
    declared = keys_of(Settings).get(key)
    if not declared or declared.type is not str or not isinstance(value, int | float):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
