"""YAML text → nodes that know their place. Composed by an own loop: PyYAML's recurses (in C until it crashes)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

import yaml
from yaml import events as parsed
from yaml.resolver import Resolver

TAG = "tag:yaml.org,2002:"
REFERENCE = "!reference"
DEEPEST = 100  # GitLab's YAML loader: deeper is "too big" for it too
_EXPLAINED = 200_000  # characters: PyYAML's own parser words errors better than libyaml, but takes 10 s for 2 MB
_RESOLVER = Resolver()


class NotYaml(Exception):
    """The text is no YAML of GitLab's; carries line and column (from 1), the problem and its mend."""

    def __init__(self, line: int, column: int, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.line, self.column, self.problem, self.mend = line, column, problem, mend


@dataclass(slots=True, eq=False)
class Node:
    """A value in a file: where it starts (line and column from 0) and its tag, `TAG + kind` unless it has its own."""

    file: str
    line: int
    column: int
    explicit: str | None

    @property
    def tag(self) -> str:
        """The tag as written, or as YAML resolves it."""
        return self.explicit or f"{TAG}null"


@dataclass(slots=True, eq=False)
class Scalar(Node):
    """A text, or what a plain word stands for (a number, true, nothing …); resolved when asked, for speed."""

    value: str
    plain: bool

    @property
    def tag(self) -> str:
        """The tag as written, or as YAML resolves it."""
        if self.explicit:
            return self.explicit
        if not self.plain or self.value == "=":  # `=` is a text to all but YAML 1.1's letter
            return f"{TAG}str"
        return cast("str", _RESOLVER.resolve(yaml.ScalarNode, self.value, (True, False)))  # pyright: ignore[reportUnknownMemberType]: the stub has no types


@dataclass(slots=True, eq=False)
class Sequence(Node):
    """A list."""

    items: list[Node] = field(default_factory=list[Node])

    @property
    def tag(self) -> str:
        """The tag as written, or that of lists."""
        return self.explicit or f"{TAG}seq"


@dataclass(slots=True, eq=False)
class Mapping(Node):
    """A mapping: keys and values in turn; `read` keeps its entries once they were asked for (merge keys followed)."""

    items: list[Node] = field(default_factory=list[Node])
    read: dict[str, Node] | None = None

    @property
    def tag(self) -> str:
        """The tag as written, or that of mappings."""
        return self.explicit or f"{TAG}map"


def documents(text: str, file: str) -> list[Node]:
    """Return the text's documents; `file` is what their nodes say where they are from. Raises NotYaml."""
    try:
        return _documents(text, file)
    except yaml.MarkedYAMLError as error:
        what = " ".join(filter(None, (error.context, error.problem)))
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        mend = "mend the syntax here or on the line above"
        raise NotYaml(line, column, f"this is not YAML: {what}", mend) from None
    except (
        yaml.YAMLError,
        ValueError,
        OverflowError,
    ) as error:  # PyYAML lets chr()'s out: an escape such as \UFFFFFFFF
        first_line = str(error).splitlines()[0]
        raise NotYaml(1, 1, f"this is not YAML: {first_line}", "save the file as UTF-8 text") from None


def _documents(text: str, file: str) -> list[Node]:
    fast = getattr(yaml, "CSafeLoader", None)
    if fast:
        try:
            return list(_compose(yaml.parse(text, Loader=fast), file))
        except (yaml.YAMLError, UnicodeEncodeError):
            if len(text) > _EXPLAINED:
                raise
    return list(_compose(yaml.parse(text, Loader=yaml.SafeLoader), file))


def _compose(events: Iterable[parsed.Event], file: str) -> Iterator[Node]:
    anchors: dict[str, Node] = {}
    open_: list[Mapping | Sequence] = []
    for event in events:
        kind = type(event)
        if kind is parsed.MappingEndEvent or kind is parsed.SequenceEndEvent:
            open_.pop()
            continue
        if kind is parsed.DocumentStartEvent:
            anchors = {}
        if not isinstance(event, parsed.NodeEvent):
            continue
        node = _alias(event, anchors) if kind is parsed.AliasEvent else _node(event, file)
        if event.anchor and kind is not parsed.AliasEvent:
            anchors[event.anchor] = node  # an anchor may be given again: the last one counts from there on
        if open_:
            open_[-1].items.append(node)
        else:
            yield node
        if isinstance(event, parsed.CollectionStartEvent):
            open_.append(node)  # pyright: ignore[reportArgumentType]: the node of a collection is one
            if len(open_) > DEEPEST:
                place = f"more than {DEEPEST} levels"
                raise NotYaml(node.line + 1, node.column + 1, f"the YAML is nested too deeply: {place}", "flatten it")


def _alias(event: parsed.NodeEvent, anchors: dict[str, Node]) -> Node:
    node = anchors.get(event.anchor or "")
    if node is None:
        words = f"found undefined alias {event.anchor!r} (an anchor holds in its own file alone)"
        line, column = _place(event)
        mend = f"mend the syntax: write &{event.anchor} at what is meant, or use !reference"
        raise NotYaml(line + 1, column + 1, words, mend)
    return node


def _node(event: parsed.NodeEvent, file: str) -> Scalar | Sequence | Mapping:
    line, column = _place(event)
    written: str | None = getattr(event, "tag", None)
    tag = None if written == "!" else written
    if isinstance(event, parsed.ScalarEvent):
        return Scalar(file, line, column, tag, event.value, bool(event.implicit[0]))
    if isinstance(event, parsed.MappingStartEvent):
        return Mapping(file, line, column, tag)
    return Sequence(file, line, column, tag)


def _place(event: parsed.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line, mark.column) if mark else (0, 0)
