"""What a provider has to say about one type of resource; the engine's protocol around it is in `provider`."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from .client import ServiceError
from .values import Properties


class Resource(ABC):
    """A type of resource. Methods that ask a service raise ServiceError."""

    replace_on: Collection[str] = ()
    """Input paths whose change needs a new resource."""
    sets: Collection[str] = ()
    """Input paths of lists without an order."""
    defaults: Mapping[str, object] = {}
    """Inputs that the provider fills in: to leave one out or to write it is the same."""
    computed: Collection[str] = ()
    """Output paths that the service alone sets: unknown in the preview of a creation, never inputs."""

    @abstractmethod
    def check(self, name: str, seed: bytes, olds: Properties, news: Properties) -> Properties:
        """Return the new inputs with names and defaults filled in; raises ValueError for what is not played."""

    @abstractmethod
    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Create the resource; return its id and outputs."""

    @abstractmethod
    def read(self, identifier: str) -> Properties | None:
        """Return the outputs of the resource as it is now, or None where it is gone."""

    @abstractmethod
    def adopted(self, identifier: str, outputs: Properties) -> Properties:
        """Return the inputs that would give an existing resource, or raise ValueError for an id of another type."""

    @abstractmethod
    def update(self, identifier: str, inputs: Properties, olds: Properties) -> Properties:
        """Make the resource as the inputs say; return its outputs."""

    @abstractmethod
    def delete(self, identifier: str, inputs: Properties) -> None:
        """Delete the resource; one that is gone already is fine."""


@dataclass(frozen=True)
class Service:
    """A configured provider: its resources and functions by token, and how its errors read."""

    resources: Mapping[str, Resource]
    functions: Mapping[str, Callable[[Properties], Properties]]
    describe: Callable[[ServiceError], str]
