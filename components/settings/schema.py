"""The JSON Schema of stack files, from the types that read them: completion, descriptions and red lines in editors.

`python -m components.settings.schema` writes it to `stacks/stack.schema.json`. It says of each key its type, allowed
values and shapes; what only the program can tell (names that are taken, trust that is too broad) it leaves to the
program. Source of the keywords: JSON Schema, draft 2020-12.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from components.settings.keys import Declared, is_settings, keys_of
from components.settings.mistakes import NAMESPACE
from components.settings.rules import Shape
from components.settings.stack import Settings

__all__ = ["FILE", "schema", "written"]

FILE: Final = Path(__file__).parents[2] / "stacks/stack.schema.json"

Schema = dict[str, Any]


def schema() -> Schema:
    """Return the schema of a stack file (`Pulumi.<stack>.yaml`)."""
    definitions: dict[str, Schema] = {}
    stack = _object(Settings, definitions, prefix=f"{NAMESPACE}:")
    for key in stack["properties"].values():
        if key.get("type") == "boolean":  # the engine puts it in quotes when it writes the file
            key |= {"type": ["boolean", "string"], "enum": [True, False, "true", "false"]}
    # Other packages read their own values: azure-native:subscriptionId, gitlab:token …
    stack["patternProperties"] = {f"^(?!{NAMESPACE}:)[^:]+:.+$": {}}
    engine = {"encryptionsalt": "passphrase", "secretsprovider": "provider of keys", "encryptedkey": "data key"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of gitlab-keyvault: one environment",
        "type": "object",
        "required": ["config"],
        "additionalProperties": False,
        "properties": {
            **{name: {"type": "string", "description": f"Pulumi's: the {what}."} for name, what in engine.items()},
            "config": stack,
        },
        "$defs": definitions,
    }


def written() -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _object(settings: type, definitions: dict[str, Schema], prefix: str = "", without: str = "") -> Schema:
    """Return the schema of an object that the program reads into these settings; a key may stand elsewhere."""
    keys = {name: declared for name, declared in keys_of(settings).items() if name != without}
    required = [f"{prefix}{name}" for name, declared in keys.items() if declared.key.required]
    alone = [name for name, declared in keys.items() if declared.key.alone]
    demand: Schema = {"required": required} if required else {}
    if alone:
        others = {"properties": dict.fromkeys(alone, False), **demand}
        demand = {"oneOf": [others, *({"required": [name], "maxProperties": 1} for name in alone)]}
    return {
        "type": "object",
        "description": (settings.__doc__ or "").partition("\n")[0],
        "properties": {f"{prefix}{name}": _key(declared, definitions) for name, declared in keys.items()},
        "additionalProperties": False,
        **demand,
    }


def _key(declared: Declared, definitions: dict[str, Schema]) -> Schema:
    """Return the schema of a key's value, with what a person should know of it."""
    key = declared.key
    said: Schema = {"description": key.description}
    if isinstance(declared.default, str | int) and declared.default != "" and not key.derived:
        said["default"] = declared.default
    if key.example is not None:
        said["examples"] = [key.example]
    return {**_value(declared, definitions), **said}


def _value(declared: Declared, definitions: dict[str, Schema]) -> Schema:
    key, kind = declared.key, declared.type
    if declared.item:
        return {**_list(declared, definitions), **({"minItems": 1} if key.empty else {})}
    if is_settings(kind):
        return _reference(kind, definitions)
    if kind == dict[str, str]:
        return {"type": "object", "additionalProperties": {"type": "string"}}
    if kind is bool:
        return {"type": "boolean"}
    if kind is int:
        least, most = key.between
        return {"type": "integer", "minimum": least, **({"maximum": most} if most else {})}
    if declared.choices:
        return {"type": "string", "enum": list(declared.choices)}
    return _text(declared)


def _text(declared: Declared) -> Schema:
    rule = declared.key.rule
    shape: Schema = {"pattern": f"^(?:{rule.pattern})$"} if isinstance(rule, Shape) else {}
    return {"type": "string", **shape, **({"minLength": 1} if declared.key.required else {})}


def _list(declared: Declared, definitions: dict[str, Schema]) -> Schema:
    item = declared.item
    if not is_settings(item):
        return {"type": "array", "items": _value(Declared(item, declared.key, ""), definitions)}
    if not declared.key.by_name:
        return {"type": "array", "items": _reference(item, definitions)}
    named_by, short = declared.key.by_name
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": _text(keys_of(item)[named_by]),
        "additionalProperties": {"anyOf": [_text(keys_of(item)[short]), _reference(item, definitions, named_by)]},
    }


def _reference(settings: type, definitions: dict[str, Schema], without: str = "") -> Schema:
    name = settings.__name__.removesuffix("Settings")
    if name not in definitions:
        definitions[name] = {}  # holds the place
        definitions[name] = _object(settings, definitions, without=without)
    return {"$ref": f"#/$defs/{name}"}


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
