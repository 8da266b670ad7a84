"""Read settings, as their types declare them, from a stack's values; every mistake is noted under its key. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from components.settings.keys import Declared, is_settings, keys_of
from components.settings.mistakes import Entry
from keyvault_fetch.trust.subjects import Flaw

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read"]

T = TypeVar("T")


def read(settings: type[T], entry: Entry, form: str, join: str = ".", **given: str) -> T:
    """Return the settings that stand in an object.

    `form` is the object's form, for one who wrote something else; `join` stands between the entry's key and those of
    the object; `given` are values that stand elsewhere. What has a mistake is read as its default, so that the walk
    goes on.
    """
    keys = {name: declared for name, declared in keys_of(settings).items() if name not in given}
    entries = entry.fields(keys, form, join)
    alone = next((name for name, declared in keys.items() if declared.key.alone and entries[name].is_set), "")
    beside = [name for name, one in entries.items() if one.value is not None and name != alone]
    if alone and beside:
        problem = f"has {', '.join(f'`{name}`' for name in beside)} beside `{alone}`"
        entry.refuse(Flaw(problem, f"write `{alone}` alone: {keys[alone].key.alone}"))
    values = {name: _value(declared, entries[name], required=not alone) for name, declared in keys.items()}
    return settings(**given, **_derived(keys, entries, values))


def _derived(
    keys: Mapping[str, Declared], entries: Mapping[str, Entry], values: Mapping[str, Any]
) -> Mapping[str, Any]:
    unset = [name for name in keys if not entries[name].is_set or values[name] == ""]
    derive = {name: keys[name].key.derived for name in unset}
    return {**values, **{name: default(values) for name, default in derive.items() if default}}


def _value(declared: Declared, entry: Entry, *, required: bool = True) -> Any:  # noqa: ANN401 - of the declared type
    key, kind = declared.key, declared.type
    if not entry.is_set:
        if required and key.required:
            entry.refuse(Flaw("is not set", key.required))
        return declared.default
    if declared.item:
        return _list(declared, entry)
    if is_settings(kind):
        return read(kind, entry, key.form)
    if kind == dict[str, str]:
        return _texts_by_name(declared, entry)
    if kind is bool:
        return entry.flag(fallback=declared.default)
    if kind is int:
        return entry.whole(*key.between, fallback=declared.default)
    return entry.choice(declared.choices, declared.default, key.rule) if declared.choices else entry.text(key.rule)


def _list(declared: Declared, entry: Entry) -> tuple[Any, ...]:
    """Read a list, or the object that stands for one where the items have names."""
    key, item = declared.key, declared.item
    if entry.value in ([], {}) and key.empty:
        entry.refuse(Flaw(f"is empty: {key.empty}", key.form))
        return declared.default
    if not is_settings(item):
        texts = tuple(_value(Declared(item, replace(key, required=key.form), ""), one) for one in entry.items(key.form))
        if all(texts):
            entry.refuse(key.whole(texts))
        return texts
    if key.by_name:
        return tuple(_named(item, one, name, *key.by_name) for name, one in entry.mapping(key.form).items())
    return tuple(read(item, one, key.form) for one in entry.items(key.form))


def _named(item: type[T], entry: Entry, name: str, named_by: str, short: str) -> T:
    """Read an object that stands under its name, its key `named_by`; a text in its place is its key `short`."""
    entry.refuse(keys_of(item)[named_by].key.rule(name))
    declared = keys_of(item)[short]
    if isinstance(entry.value, dict):
        return read(item, entry, declared.key.form, **{named_by: name})
    text = _value(declared, entry)
    noted_already = Entry(entry.key, {short: text})
    return read(item, noted_already, declared.key.form, **{named_by: name})


def _texts_by_name(declared: Declared, entry: Entry) -> dict[str, str]:
    texts = {name: one.text(declared.key.rule) for name, one in entry.mapping(declared.key.form).items()}
    entry.refuse(declared.key.whole(texts))
    return texts
