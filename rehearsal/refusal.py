"""How a played service says no."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse


class Refusal(Exception):
    """An HTTP error answer: its status, its JSON body in the service's own envelope, its extra headers."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}


async def answer_refusal(_request: Request, error: Exception) -> JSONResponse:
    """Turn a Refusal into its response (registered as Starlette's exception handler)."""
    if not isinstance(error, Refusal):
        raise error
    return JSONResponse(error.body, error.status, error.headers)
