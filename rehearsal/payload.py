"""The JSON body of a request to a played service."""

import json
from typing import cast

from starlette.requests import Request

from .store import Document


async def json_object(request: Request) -> Document | None:
    """Return the request's body, {} for an empty one, None for what is not a JSON object."""
    text = await request.body()
    try:
        body: object = json.loads(text or "{}")
    except ValueError:
        return None
    return cast("Document", body) if isinstance(body, dict) else None
