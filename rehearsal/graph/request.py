"""A request to Microsoft Graph and Graph's error envelope."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from ..cloud import Cloud
from ..entra.access_token import Caller
from ..refusal import Refusal
from ..store import Document

Answer = tuple[int, Document | None]
# The filters that clients send: azuread's and az's look-ups by name, by appId and by any service principal name.
_FILTER = re.compile(
    r"(?P<key>\w+) eq '(?P<exact>.*)'"
    r"|startswith\((?P<start_key>\w+), ?'(?P<start>.*)'\)"
    r"|(?P<any_key>\w+)/any\((?P<item>\w+): ?(?P=item) eq '(?P<any>.*)'\)"
)


@dataclass(frozen=True)
class Call:
    """One authenticated request: `version` is v1.0 or beta, `kind` applications or servicePrincipals.

    `id` and `child` are the path's ids, "" where there are none; `select` and `filter` are OData's.
    """

    cloud: Cloud
    caller: Caller
    version: str
    kind: str
    id: str
    child: str
    select: str
    filter: str
    body: Document

    def entity(self, document: Document, of: str) -> Document:
        """Return the document as the answer to a read, with the properties that `$select` names (default all)."""
        chosen = {key: document.get(key) for key in self.select.split(",")} if self.select else document
        return {"@odata.context": f"https://graph.microsoft.com/{self.version}/$metadata#{of}/$entity", **chosen}

    def collection(self, documents: list[Document], of: str) -> Document:
        """Return the documents that `$filter` lets through as the answer to a list."""
        kept = [document for document in documents if self._passes(document)]
        return {"@odata.context": f"https://graph.microsoft.com/{self.version}/$metadata#{of}", "value": kept}

    def _passes(self, document: Document) -> bool:
        if not self.filter:
            return True
        match = _FILTER.fullmatch(self.filter)
        if match is None:
            raise refusal(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified.")
        if match["key"]:
            return str(document.get(match["key"])).lower() == _unquoted(match["exact"])
        if match["start_key"]:
            return str(document.get(match["start_key"])).lower().startswith(_unquoted(match["start"]))
        items: list[str] = document.get(match["any_key"]) or []
        return _unquoted(match["any"]) in [item.lower() for item in items]


def _unquoted(text: str) -> str:
    return text.replace("''", "'").lower()


def refusal(status: int, code: str, message: str) -> Refusal:
    """Return the error in Graph's envelope."""
    request = str(uuid.uuid4())
    date = datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00")
    inner = {"date": date, "request-id": request, "client-request-id": request}
    return Refusal(status, {"error": {"code": code, "message": message, "innerError": inner}})


def not_found(identifier: str) -> Refusal:
    """Return Graph's 404 for an object."""
    return refusal(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not present.",
    )
