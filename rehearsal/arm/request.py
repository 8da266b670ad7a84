"""A request to Azure Resource Manager, taken apart: what it names, which operation it is, who sent it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..cloud import Cloud
from ..entra.access_token import Caller
from ..refusal import Refusal
from ..store import Document

Answer = tuple[int, Document | None]
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}


@dataclass(frozen=True)
class ArmPath:
    """A resource (`…/vaults/a`), a collection of them (`…/vaults`) or an action on one (`…/a/purge`).

    `type` is like `Microsoft.KeyVault/vaults`. `scope` is the resource itself, or what the collection is in.
    """

    text: str
    type: str
    scope: str
    is_collection: bool

    @classmethod
    def parse(cls, path: str) -> "ArmPath":
        """Read a path; empty segments do not count (some clients put two slashes before a scope)."""
        segments = [segment for segment in path.split("/") if segment]
        providers = [index for index, segment in enumerate(segments) if segment.lower() == "providers"]
        if providers and len(segments) > providers[-1] + 2:
            namespace, *pairs = segments[providers[-1] + 1 :]
        else:
            namespace, pairs = "Microsoft.Resources", segments
        is_collection = len(pairs) % 2 == 1
        scope = segments[:-1] if is_collection else segments
        if is_collection and len(pairs) == 1 and providers:
            scope = segments[: providers[-1]]
        return cls(f"/{'/'.join(segments)}", "/".join([namespace, *pairs[::2]]), f"/{'/'.join(scope)}", is_collection)

    @property
    def segments(self) -> list[str]:
        """The path's segments."""
        return self.text.split("/")[1:]

    @property
    def name(self) -> str:
        """The last segment: the resource's name."""
        return self.segments[-1]

    @property
    def subscription(self) -> str:
        """The id of the subscription (lower case) that it is or lies in, "" for none."""
        segments = self.text.lower().split("/")[1:]
        return segments[1] if len(segments) > 1 and segments[0] == "subscriptions" else ""

    @property
    def group(self) -> str | None:
        """The name of the resource group that it is or lies in."""
        segments = self.segments
        return segments[3] if len(segments) > 3 and segments[2].lower() == "resourcegroups" else None

    @property
    def top_level(self) -> str:
        """The id of the outermost resource of a provider in the path: the vault of a secret or of its assignment."""
        segments = self.text.lower().split("/")
        return "/".join(self.text.split("/")[: segments.index("providers") + 4]) if "providers" in segments else ""


@dataclass(frozen=True)
class Call:
    """One authenticated request. `api_version` is like `2024-11-01`; `filter` is `$filter`, "" where absent."""

    cloud: Cloud
    caller: Caller
    method: str
    path: ArmPath
    api_version: str
    filter: str
    body: Document

    @property
    def action(self) -> str:
        """The operation in role definitions' terms, like `Microsoft.KeyVault/vaults/write`."""
        return f"{self.path.type}/{_VERBS[self.method]}"

    @property
    def properties(self) -> Document:
        """The body's `properties`, {} where there are none."""
        return self.body.get("properties") or {}

    @property
    def location(self) -> str:
        """The body's `location`, as ARM writes it (`westeurope`). Raises Refusal where there is none."""
        location = str(self.body.get("location") or "").lower().replace(" ", "")
        if not location:
            raise refusal(400, "LocationRequired", "The location property is required for this definition.")
        return location


Handlers = Mapping[str, Callable[[Call], Answer]]
"""What is played of a type, by method; `GET/` and `POST/` are of a collection of resources, or an action."""


def refusal(status: int, code: str, message: str) -> Refusal:
    """Return the error in ARM's envelope."""
    return Refusal(status, {"error": {"code": code, "message": message}})


def not_found(path: ArmPath) -> Refusal:
    """Return ARM's 404 for a resource."""
    named = f"{path.type}/{path.name}"
    return refusal(
        404,
        "ResourceNotFound",
        f"The Resource '{named}' under resource group '{path.group or '<null>'}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )
