"""A request to Microsoft Graph and Graph's error envelope."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from ..cloud import Cloud
from ..entra.access_token import Caller
from ..refusal import Refusal
from ..store import Document

Answer = tuple[int, Document | None]
# azuread and az look objects up by a property, by one of its items, or by its beginning.
_FILTERS: dict[str, Callable[[str, str], bool]] = {
    r"(\w+) eq '(.*)'": str.__eq__,
    r"(\w+)/any\(\w+: ?\w+ eq '(.*)'\)": str.__eq__,
    r"startswith\((\w+), ?'(.*)'\)": str.startswith,
}


@dataclass(frozen=True)
class Call:
    """One authenticated request: `version` is v1.0 or beta, `kind` applications or servicePrincipals.

    `id` and `child` are the path's ids, "" where there are none; `select` and `filter` are OData's.
    """

    cloud: Cloud
    caller: Caller
    version: str
    kind: str
    body: Document
    select: str
    filter: str
    id: str = ""
    child: str = ""

    def entity(self, document: Document, of: str) -> Document:
        """Return the document as the answer to a read, with the properties that `$select` names (default all)."""
        chosen = {key: document.get(key) for key in self.select.split(",")} if self.select else document
        return {"@odata.context": f"https://graph.microsoft.com/{self.version}/$metadata#{of}/$entity", **chosen}

    def collection(self, documents: list[Document], of: str) -> Document:
        """Return the documents that `$filter` lets through as the answer to a list."""
        kept = [document for document in documents if not self.filter or _passes(document, self.filter)]
        return {"@odata.context": f"https://graph.microsoft.com/{self.version}/$metadata#{of}", "value": kept}


def _passes(document: Document, wanted: str) -> bool:
    for pattern, holds in _FILTERS.items():
        if match := re.fullmatch(pattern, wanted):
            value: Any = document.get(match[1])
            items = cast("list[Any]", value) if isinstance(value, list) else [value]
            return any(holds(str(item).lower(), match[2].replace("''", "'").lower()) for item in items)
    raise refusal(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified.")


def refusal(status: int, code: str, message: str) -> Refusal:
    """Return the error in Graph's envelope."""
    request = str(uuid.uuid4())
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    inner = {"date": date, "request-id": request, "client-request-id": request}
    return Refusal(status, {"error": {"code": code, "message": message, "innerError": inner}})


def not_found(identifier: str) -> Refusal:
    """Return Graph's 404 for an object."""
    return refusal(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not present.",
    )
