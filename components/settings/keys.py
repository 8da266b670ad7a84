"""How a type of settings declares its keys: beside each field's type and default, what a person needs to know of it.

    sku: Annotated[Literal["standard", "premium"], Key("Premium keeps keys in hardware.")] = "standard"

`reading.py` reads such a type from a stack's values, `schema.py` writes its JSON Schema.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, Literal, TypeGuard, get_args, get_origin, get_type_hints

from keyvault_fetch.trust.subjects import Flaw

__all__ = ["Declared", "Key", "Rule", "is_settings", "keys_of"]

Rule = Callable[[str], Flaw | None]
"""Finds the flaw of a text, or None."""


def _any(_: object) -> None:
    """Find nothing wrong."""


@dataclass(frozen=True)
class Key:
    """What is declared of a key. All but the description may be left out."""

    description: str
    rule: Rule = _any
    """For a text; for a list or object of texts, for each of them."""
    whole: Callable[[Any], Flaw | None] = _any
    """A rule for all of a list or object at once."""
    example: object = None
    required: str = ""
    """The mend where the key is not set. Without it the key may be left out."""
    form: str = ""
    """What the value looks like, as the mend for one who wrote something else."""
    empty: str = ""
    """What an empty list or object would mean, where it is a mistake."""
    between: tuple[int, int | None] = (0, None)
    """The least and the most of a whole number."""
    choices: tuple[str, ...] = ()
    """The allowed texts, where the type is no `Literal` of them."""
    derived: Callable[[Mapping[str, Any]], Any] | None = None
    """The default, from the values of the other keys."""
    alone: str = ""
    """Why no other key may be set where this one is."""
    by_name: tuple[str, str] | None = None
    """A list that is written as an object: each item stands under its first key here; a text in an item's place is its
    second."""


@dataclass(frozen=True)
class Declared:
    """A key with its type (less `None`) and the value that it has where none is set."""

    type: Any
    key: Key
    default: Any

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed texts, if they are few."""
        return get_args(self.type) if get_origin(self.type) is Literal else self.key.choices

    @property
    def item(self) -> Any:  # noqa: ANN401 - a type of any kind
        """The type of a list's items; None where the type is no list."""
        return get_args(self.type)[0] if get_origin(self.type) is tuple else None


@cache
def keys_of(settings: type) -> dict[str, Declared]:
    """Return the keys that a type of settings declares, in their order. Every field is `Annotated` with a Key."""
    hints = get_type_hints(settings, include_extras=True)
    return {field.name: _declared(hints[field.name], field) for field in fields(settings)}


def is_settings(kind: object) -> TypeGuard[type[Any]]:
    """Return whether a key's type is one of settings itself: an object in the stack."""
    return isinstance(kind, type) and is_dataclass(kind)


def _declared(hint: Any, field: Field[Any]) -> Declared:  # noqa: ANN401 - an annotation
    annotated, key = get_args(hint)
    kinds = get_args(annotated)
    kind = kinds[0] if NoneType in kinds else annotated
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    if default is MISSING:
        default = () if get_origin(kind) is tuple else "" if kind is str else None
    return Declared(kind, key, default)
