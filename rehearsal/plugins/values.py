"""Property values as the engine sends them: plain Python between two protobuf Structs."""

from collections.abc import Mapping
from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

Properties = dict[str, Any]
"""A resource's inputs or outputs: JSON-like values by camelCase name; an unknown one is the string UNKNOWN."""

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine sends, and reads, for a value that a preview cannot know (Pulumi, 'Provider implementer's guide')."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 a marker, the same in every Pulumi program


def unpack(struct: Struct) -> Properties:
    """Return a Struct's properties: whole numbers as int, no nulls, secrets laid open."""
    return cast("Properties", _plain(json_format.MessageToDict(struct)))


def pack(properties: Mapping[str, object]) -> Struct:
    """Return the properties as a Struct, without nulls."""
    struct = Struct()
    struct.update(cast("Properties", _plain(dict(properties))))
    return struct


def known(value: object) -> bool:
    """Tell whether no part of the value is unknown."""
    if isinstance(value, dict):
        return all(known(item) for item in cast("Properties", value).values())
    if isinstance(value, list):
        return all(known(item) for item in cast("list[object]", value))
    return value != UNKNOWN


def at(properties: Mapping[str, Any], path: str) -> object:
    """Return the value at a dotted path, or None where there is none."""
    value: Any = properties
    for key in path.split("."):
        value = cast("Properties", value).get(key) if isinstance(value, dict) else None
    return value


def with_value(properties: Properties, path: str, value: object) -> Properties:
    """Return a copy with the value at a dotted path; None removes what is there."""
    key, _, rest = path.partition(".")
    inner = with_value(properties.get(key) or {}, rest, value) if rest else value
    return {k: v for k, v in {**properties, key: inner}.items() if v is not None}


def merged(below: Properties, above: Properties) -> Properties:
    """Return both together, objects merged key by key, `above` deciding."""
    both = below.keys() & above.keys()
    objects = {k for k in both if isinstance(below[k], dict) and isinstance(above[k], dict)}
    return {**below, **above, **{k: merged(below[k], above[k]) for k in objects}}


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[object]", value)]
    if not isinstance(value, dict):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    items = cast("Properties", value)
    if items.get(_SIGNATURE) == _SECRET:
        return _plain(items.get("value"))
    return {key: _plain(item) for key, item in items.items() if item is not None}
