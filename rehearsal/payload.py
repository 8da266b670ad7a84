"""The JSON body of a request to a played service."""

import json
from typing import cast

from starlette.requests import Request

from .refusal import Refusal
from .store import Document


async def json_object(request: Request, otherwise: Refusal) -> Document:
    """Return the request's body, {} for an empty one. Raises `otherwise` for what is not a JSON object."""
    text = await request.body()
    try:
        body: object = json.loads(text or "{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise otherwise
    return cast("Document", body)
