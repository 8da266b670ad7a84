"""The JSON body of a request to a played service."""

import json
from typing import Any, cast

from starlette.requests import Request

from .refusal import Refusal
from .store import Document

# A type, [the items' shape] or {property: shape}.
Shape = type | list[Any] | dict[str, Any]


async def json_object(request: Request, shape: Shape, otherwise: Refusal) -> Document:
    """Return the request's body, {} for an empty one. Raises `otherwise` for what is not a JSON object of the shape."""
    text = await request.body()
    try:
        body: object = json.loads(text or "{}")
        # What Python reads and no answer could hold: NaN, half a surrogate pair.
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or not fits(cast("Document", body), shape):
        raise otherwise
    return cast("Document", body)


def fits(value: object, shape: Shape) -> bool:
    """Tell whether a JSON value has the shape; properties may be absent or null, others may be there."""
    if isinstance(shape, dict):
        given = cast("Document", value) if isinstance(value, dict) else None
        return given is not None and all(given.get(key) is None or fits(given[key], its) for key, its in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in cast("list[object]", value))
    return type(value) is shape  # not isinstance: for Python true is a number
