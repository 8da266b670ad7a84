"""A stack's values, read and checked. Pure: a mapping goes in, `Settings` or every mistake at once comes out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from components.settings import consistency
from components.settings.keys import keys_of
from components.settings.mistakes import NAMESPACE, Entry, Mistake, SettingsError
from components.settings.reading import read
from components.settings.stack import KEYS, Settings
from components.trust.stack import trust_flaws

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["decoded", "parse"]


def parse(values: Mapping[str, object], namespace: str = NAMESPACE) -> Settings:
    """Turn configuration values (by their keys without the namespace) into settings.

    Raises SettingsError with every mistake that the values have.
    """
    root = Entry(namespace, dict(values))
    settings = read(Settings, root, "write the keys that Pulumi.yaml describes", join=":")

    def is_wrong(key: str) -> bool:
        full = f"{namespace}:{key}"
        return any(mistake.key == full or mistake.key.startswith((f"{full}.", f"{full}[")) for mistake in root.mistakes)

    for found in (
        [one for one in consistency.flaws(settings) if not is_wrong(one[0])],
        [*trust_flaws(settings, is_wrong)],
    ):
        root.mistakes.extend(Mistake(f"{namespace}:{key}", flaw) for key, flaw in found)
    if root.mistakes:
        raise SettingsError(root.mistakes)
    return settings


def decoded(key: str, value: str | None) -> object:
    """Undo the engine's JSON around a value of the stack: it hands over all but texts so."""
    if not value or key not in KEYS or keys_of(Settings)[key].type is str:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):  # no JSON, a number of thousands of digits, thousands of brackets
        return value
