"""A project's CI/CD variables (GitLab docs, "Project-level CI/CD variables API"; GitLab's `Ci::Variable`)."""

import math
import re

from ..store import Document
from .callers import refusal
from .request import Answer, Call, invalid, whole

KIND = "gitlab-variable"
_TEXTS = {"value": "", "environment_scope": "*", "variable_type": "env_var", "description": None}
_FLAGS = {"protected": False, "masked": False, "raw": False}
_MASKABLE = re.compile(r"\S{8,}")
_SCOPE = re.compile(r"[\w\-/${}.* ]{1,255}", re.ASCII)
_BY_FILTER = "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"


def listed(call: Call) -> Answer:
    """List, by pages of 20 unless asked otherwise, at most 100."""
    found = call.cloud.store.all(KIND, f"{call.project['id']}/")
    page = whole(call.parameters, "page", 1)
    size = min(whole(call.parameters, "per_page", 20), 100)
    pages = max(1, math.ceil(len(found) / size))
    headers = {
        "X-Page": str(page),
        "X-Per-Page": str(size),
        "X-Total": str(len(found)),
        "X-Total-Pages": str(pages),
        "X-Next-Page": str(page + 1) if page < pages else "",
        "X-Prev-Page": str(page - 1) if page > 1 else "",
    }
    return 200, found[(page - 1) * size : page * size], headers


def create(call: Call) -> Answer:
    """Create one; key and value must be given."""
    if missing := [f"{name} is missing" for name in ("key", "value") if call.text(name) is None]:
        raise invalid(", ".join(missing))
    variable = _with_changes({"key": call.text("key"), "hidden": False, **_TEXTS, **_FLAGS}, call)
    _put(call, variable)
    return 201, variable


def read(call: Call) -> Answer:
    """Tell one."""
    return 200, _find(call)


def update(call: Call) -> Answer:
    """Change one; its key stays."""
    before = _find(call)
    variable = _with_changes(before, call)
    call.cloud.store.delete(KIND, _place(call, before))
    _put(call, variable)
    return 200, variable


def delete(call: Call) -> Answer:
    """Delete one."""
    call.cloud.store.delete(KIND, _place(call, _find(call)))
    return 204, None


def _find(call: Call) -> Document:
    scope = call.text("filter[environment_scope]")
    found = [
        each
        for each in call.cloud.store.all(KIND, f"{call.project['id']}/{call.key}/")
        if scope in (None, each["environment_scope"])
    ]
    if not found:
        raise refusal(404, "404 Variable Not Found")
    if len(found) > 1:
        raise refusal(409, _BY_FILTER)
    return found[0]


def _with_changes(variable: Document, call: Call) -> Document:
    changes = {name: call.text(name) for name in _TEXTS} | {name: call.flag(name) for name in _FLAGS}
    return {**variable, **{name: value for name, value in changes.items() if value is not None}}


def _put(call: Call, variable: Document) -> None:
    if variable["variable_type"] not in ("env_var", "file"):
        raise invalid("variable_type does not have a valid value")
    flaws: dict[str, list[str]] = {}
    if not re.fullmatch(r"\w{1,255}", variable["key"], re.ASCII):
        flaws["key"] = ["can contain only letters, digits and '_'."]
    elif call.cloud.store.get(KIND, _place(call, variable)):
        flaws["key"] = [f"({variable['key']}) has already been taken"]
    if variable["masked"] and not _MASKABLE.fullmatch(variable["value"]):
        flaws["value"] = ["is invalid"]
    if not _SCOPE.fullmatch(variable["environment_scope"]):
        flaws["environment_scope"] = [
            "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', '*' and spaces"
        ]
    if flaws:
        raise refusal(400, flaws)
    call.cloud.store.put(KIND, _place(call, variable), variable)


def _place(call: Call, variable: Document) -> str:
    return f"{call.project['id']}/{variable['key']}/{variable['environment_scope']}"
