"""What differs between two sets of inputs, and what a refresh makes of inputs. Pure."""

from collections.abc import Collection
from typing import Literal, cast

from .values import Properties

Change = Literal["ADD", "DELETE", "UPDATE"]


def changes(old: Properties, new: Properties, sets: Collection[str] = (), path: str = "") -> dict[str, Change]:
    """Return the changed properties by dotted path.

    Names that begin with two underscores are the provider's own and are passed over. `location` compares without case
    and spaces, ARM ids without case (Azure Resource Manager docs, 'Resource provider and resource types'), and lists
    at the paths of `sets` without order; any other list is compared, and reported, as one value.
    """
    found: dict[str, Change] = {}
    for key in sorted(old.keys() | new.keys()):
        here = f"{path}{key}"
        if key.startswith("__"):
            continue
        if key not in old:
            found[here] = "ADD"
        elif key not in new:
            found[here] = "DELETE"
        elif isinstance(old[key], dict) and isinstance(new[key], dict):
            found |= changes(old[key], new[key], sets, f"{here}.")
        elif _canonical(here, old[key], sets) != _canonical(here, new[key], sets):
            found[here] = "UPDATE"
    return found


def replacing(changed: Collection[str], replace_on: Collection[str]) -> list[str]:
    """Return the changed paths that need a new resource: those in `replace_on` and all below them."""
    return [path for path in changed if any(f"{path}.".startswith(f"{cause}.") for cause in replace_on)]


def after_refresh(inputs: Properties, before: Properties, now: Properties) -> Properties:
    """Return the inputs with what changed in the resource's outputs since `before`.

    Inputs that the service echoes in another form stay as they were written as long as the service's form stays the
    same. This is how azure-native finds drift (pulumi-azure-native, `applyDiff`).
    """
    result = dict(inputs)
    for key in before.keys() | now.keys():
        if key in before and key in now and before[key] == now[key]:
            continue
        if key not in now:
            result.pop(key, None)
        elif all(isinstance(side.get(key), dict) for side in (inputs, before, now)):
            result[key] = after_refresh(inputs[key], before[key], now[key])
        else:
            result[key] = now[key]
    return result


def _canonical(path: str, value: object, sets: Collection[str]) -> object:
    if isinstance(value, str):
        if path == "location":
            return value.replace(" ", "").lower()
        if value.lower().startswith("/subscriptions/"):
            return value.lower()
    if isinstance(value, list):
        items = cast("list[object]", value)
        return sorted(items, key=repr) if path in sets else items
    return value
