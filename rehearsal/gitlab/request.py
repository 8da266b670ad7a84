"""A request to GitLab's REST API and the forms in which its parameters may come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl

from starlette.requests import Request

from ..cloud import Cloud
from ..payload import json_object
from ..refusal import Refusal
from ..store import Document
from .callers import Caller

Answer = tuple[int, object] | tuple[int, object, dict[str, str]]


@dataclass(frozen=True)
class Call:
    """One request: who asks, the project that the path names ({} where it names none), the variable, the parameters."""

    cloud: Cloud
    caller: Caller | None
    project: Document
    parameters: Document
    key: str = ""

    def text(self, name: str) -> str | None:
        """Return a parameter that is a text, None where it is not given."""
        value = self.parameters.get(name)
        if value is not None and not isinstance(value, str):
            raise invalid(f"{name} is invalid")
        return value

    def flag(self, name: str) -> bool | None:
        """Return a parameter that is a boolean, or the word for one; None where it is not given."""
        value = self.parameters.get(name)
        if value is None or isinstance(value, bool):
            return value
        if value not in ("true", "false"):
            raise invalid(f"{name} is invalid")
        return value == "true"


async def parameters(request: Request) -> Document:
    """Return the parameters of the query and the body (JSON or a form); `name[]` gathers a list.

    An object within JSON is what a query writes as `name[key]`.
    """
    given: Document = {}
    form = b""
    if "json" in request.headers.get("content-type", ""):
        body = await json_object(request, {}, invalid("body is invalid"))
        inner = {name: cast("Document", each) for name, each in body.items() if isinstance(each, dict)}
        given = {**body, **{f"{name}[{key}]": one for name, each in inner.items() for key, one in each.items()}}
    else:
        form = await request.body()
    for name, value in parse_qsl(request.url.query) + parse_qsl(form.decode(errors="replace"), keep_blank_values=True):
        if name.endswith("[]"):
            given.setdefault(name[:-2], []).append(value)
        else:
            given[name] = value
    return given


def whole(given: Mapping[str, object], name: str, otherwise: int) -> int:
    """Return a parameter that is a number above zero."""
    value = str(given.get(name, otherwise))
    if not value.isdecimal() or len(value) > 18 or not int(value):
        raise invalid(f"{name} is invalid")
    return int(value)


def invalid(words: str) -> Refusal:
    """Return GitLab's answer to a parameter that is missing or of the wrong form."""
    return Refusal(400, {"error": words})
