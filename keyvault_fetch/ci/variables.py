"""`variables:` of a job and of the whole file, and what they come to (GitLab docs, 'variables' and 'inherit')."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

import yaml

from ..expansion import expand, references
from .document import TAG, Node, Scalar, Sequence
from .document import Mapping as MappingNode
from .nodes import Entries, Reader, absent

_LONGEST = 1_000_000  # characters of an expanded value: more than any environment holds


@dataclass(frozen=True)
class Variable:
    """A variable's value as the YAML gives it; with `expand` false the `$` in it mean nothing."""

    value: str
    expand: bool = True


@dataclass(frozen=True)
class Values:
    """Every variable that a job sees: the environment's, then the YAML's, expanded; shows no value.

    `lacking` tells of a YAML variable which names it needs that nobody sets.
    """

    _values: Mapping[str, str] = field(repr=False)
    lacking: Mapping[str, tuple[str, ...]]

    def get(self, name: str) -> str:
        """Return a variable's value, empty where it has none."""
        return self._values.get(name, "")

    def missing(self, text: str) -> list[str]:
        """Return the variables that a text needs, directly or through others, and nobody sets."""
        names = references(text)
        direct = [name for name in names if name not in self._values]
        return direct + [needed for name in names for needed in self.lacking.get(name, ())]


def values(variables: Mapping[str, Variable], environ: Mapping[str, str]) -> Values:
    """Return what the variables come to. The environment wins: in a job it holds the CI/CD variables."""
    found, lacking = dict(environ), dict[str, tuple[str, ...]]()
    for name in TopologicalSorter(_needs(variables)).static_order():
        if name in environ or name not in variables:
            continue
        variable = variables[name]
        own = {name: variable.value}  # a variable that names itself gets its own text, once
        text = variable.value
        found[name] = (
            expand(text, lambda each, own=own: own.get(each) or found.get(each, "")) if variable.expand else text
        )
        needed = references(text) if variable.expand else []
        unset = [each for each in needed if each not in found]
        lacking[name] = (*unset, *(deep for each in needed if each != name for deep in lacking.get(each, ())))
    return Values(found, {name: tuple(dict.fromkeys(each)) for name, each in lacking.items() if each})


def read(reader: Reader, top: Entries, job: Entries, name: str) -> dict[str, Variable]:
    """Return the variables that the YAML gives a job: its own above those of the file that it inherits."""
    whole = _read(reader, top.get("variables"), "variables", ("value", "expand", "description", "options"))
    own = _read(reader, job.get("variables"), f"{name}.variables", ("value", "expand"))
    inherited = _inherited(reader, job, name)
    found = {key: value for key, value in whole.items() if inherited is None or key in inherited} | own
    node = job.get("variables") or top.get("variables")
    if node:
        _check(reader, node, found, name)
    return found


def set_elsewhere(reader: Reader, top: Entries, job: Entries) -> set[str]:
    """Return the variables that `rules:` or `parallel:matrix` may set, which only a pipeline decides."""

    def under(node: Node | None, key: str) -> Node | None:
        return reader.entries(node, key).get(key) if isinstance(node, MappingNode) else None

    rules = [job.get("rules"), under(top.get("workflow"), "rules")]
    mappings = [under(each, "variables") for rule in rules for each in _listed(reader, rule)]
    mappings += _listed(reader, under(job.get("parallel"), "matrix"))
    return {key for each in mappings if isinstance(each, MappingNode) for key in reader.entries(each, "variables")}


def _read(reader: Reader, node: Node | None, what: str, keys: tuple[str, ...]) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    for name, each in reader.present(node, what).items():
        value = reader.follow(each) if each.tag.startswith("!") else each
        if isinstance(value, MappingNode):
            entries = reader.entries(value, f"{what}.{name}")
            reader.only(entries, keys, f"{what}.{name}")
            expanded = reader.flag(entries.get("expand"), f"{what}.{name}.expand", default=True)
            found[name] = Variable(_scalar(reader, entries.get("value"), f"{what}.{name}.value"), expanded)
        elif value is not None:
            found[name] = Variable(_scalar(reader, value, f"{what}.{name}"))
    return found


def _scalar(reader: Reader, node: Node | None, what: str) -> str:
    if not isinstance(node, Scalar) or node.tag == f"{TAG}str":
        return reader.text(node, what) or ""
    return _as_text(node)


def _as_text(node: Scalar) -> str:
    """Return what GitLab makes of a value without quotes: 010 is the number 8, 1.10 is 1.1, yes is true."""
    loader = yaml.SafeLoader("")
    plain = yaml.ScalarNode(node.tag, node.value)
    try:
        match node.tag.removeprefix(TAG):
            case "null":
                return ""
            case "bool":
                return str(loader.construct_yaml_bool(plain)).lower()
            case "int":
                return str(loader.construct_yaml_int(plain))
            case "float":
                return str(loader.construct_yaml_float(plain))
            case _:
                return node.value
    except (ValueError, KeyError, OverflowError):
        return node.value


def _inherited(reader: Reader, job: Entries, name: str) -> list[str] | None:
    """Return the names of the file's variables that the job takes, None for all."""
    if absent(job.get("inherit")):
        return None
    what = f"{name}.inherit.variables"
    node = reader.entries(job["inherit"], f"{name}.inherit").get("variables")
    if isinstance(node, Sequence):
        return [text for item in reader.items(node, what) if (text := reader.text(item, what))]
    return None if reader.flag(node, what, default=True) else []


def _check(reader: Reader, node: Node, variables: Mapping[str, Variable], name: str) -> None:
    """Complain of variables that need each other in a circle, or grow beyond measure."""
    lengths: dict[str, int] = {}
    try:
        for each in TopologicalSorter(_needs(variables)).static_order():
            variable = variables.get(each, Variable(""))
            needed = [lengths.get(other, 1) for other in references(variable.value)] if variable.expand else []
            lengths[each] = len(variable.value) + sum(needed)
            if lengths[each] > _LONGEST:
                reader.complain(
                    node, f"{name}: the variable {each} expands to more than {_LONGEST} characters", "shorten it"
                )
                return
    except CycleError as error:
        circle = " → ".join(map(str, error.args[1]))
        reader.complain(node, f"{name}: circular variable reference detected: {circle}", "break the circle")


def _needs(variables: Mapping[str, Variable]) -> dict[str, list[str]]:
    return {
        name: [each for each in references(variable.value) if each in variables and each != name]
        if variable.expand
        else []
        for name, variable in variables.items()
    }


def _listed(reader: Reader, node: Node | None) -> Iterator[Node]:
    node = reader.follow(node) if node is not None and node.tag.startswith("!") else node
    yield from node.items if isinstance(node, Sequence) else []
