"""Typed access to a CI file's nodes: each mistake has file, line and column; mistakes are collected, not raised."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from .document import REFERENCE, TAG, Mapping, Node, NotYaml, Scalar, Sequence, documents

MERGED = (
    "check the merged configuration instead: glab ci config compile > merged.yml, then --file merged.yml"
    " (the pipeline editor's tab 'Full configuration' shows the same)"
)
_KINDS = {
    "map": "a mapping",
    "seq": "a list",
    "str": "text",
    "null": "nothing",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
}
_MERGE = f"{TAG}merge"

Entries = dict[str, Node]


@dataclass(frozen=True)
class Problem:
    """One mistake in a CI file: where it is (lines and columns count from 1), what is wrong, how to mend it."""

    file: str
    line: int
    column: int
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.problem}\n  mend: {self.mend}"


class JobUnreadable(Exception):
    """The job cannot be read; carries every problem that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Reader:
    """Typed access to nodes; what does not fit becomes a problem and reads as absent.

    `follow` finds what a `!reference` stands for; a Config sets it once there is one to look in.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._told: set[Problem] = set()
        self.follow: Callable[[Node], Node | None] = lambda _node: None
        self._merged: dict[tuple[int, int], tuple[Mapping, Node, Node]] = {}

    def complain(self, node: Node, problem: str, mend: str) -> None:
        """Note a problem at the node's first character, once."""
        found = Problem(node.file, node.line + 1, node.column + 1, problem, mend)
        if found not in self._told:
            self._told.add(found)
            self.problems.append(found)

    def document(self, text: str, file: str) -> Node | None:
        """Return the file's configuration: its first document, or the one after a `spec:` header."""
        try:
            found = documents(text, file)
        except NotYaml as error:
            self.problems.append(Problem(file, error.line, error.column, error.problem, error.mend))
            return None
        if not found:
            self.problems.append(
                Problem(file, 1, 1, "the file is empty", "name the file that holds the job with --file")
            )
            return None
        header = isinstance(found[0], Mapping) and "spec" in self.entries(found[0], "the header")
        return found[1] if header and len(found) > 1 else found[0]

    def entries(self, node: Node | None, what: str) -> Entries:
        """Return a mapping's entries by key, merge keys (`<<`) followed; empty for what is absent or no mapping.

        As in GitLab's loader (Ruby's Psych) the last one counts, of a repeated key and of a key and a `<<` alike.
        """
        node = self._resolved(node)
        if node is None or not self._is(node, "map", what) or not isinstance(node, Mapping):
            return {}
        if node.read is None:
            node.read = found = Entries()  # set before it is filled: a mapping may hold itself
            for key, value in zip(node.items[::2], node.items[1::2], strict=True):
                if key.tag == _MERGE:
                    self._merge_key(found, value, what)
                elif isinstance(key, Scalar):
                    found[key.value] = value
        return node.read

    def present(self, node: Node | None, what: str) -> Entries:
        """Return a mapping's entries; empty, without a problem, where it is absent or null."""
        return {} if absent(node) else self.entries(node, what)

    def items(self, node: Node, what: str) -> list[Node]:
        """Return a list's nodes."""
        found = self._resolved(node)
        return found.items if isinstance(found, Sequence) and self._is(found, "seq", what) else []

    def text(self, node: Node | None, what: str) -> str | None:
        """Return a text, None where it is absent, null, or not a text."""
        node = self._resolved(node)
        if absent(node) or not self._is(node, "str", what) or not isinstance(node, Scalar):
            return None
        if "$[[" in node.value:
            self.complain(node, f"{what} holds an input ($[[ … ]]), which GitLab fills in on including", MERGED)
        return node.value

    def required(self, node: Node | None, parent: Node, what: str, mend: str) -> str:
        """Return a text, complaining at the parent where it is absent, null or empty."""
        node = self._resolved(node)
        if absent(node) or (isinstance(node, Scalar) and node.value == ""):
            self.complain(parent, f"{what} is missing", mend)
            return ""
        return self.text(node, what) or ""

    def flag(self, node: Node | None, what: str, *, default: bool) -> bool:
        """Return a boolean, the default where it is absent, null or not one."""
        node = self._resolved(node)
        if absent(node) or not self._is(node, "bool", what) or not isinstance(node, Scalar):
            return default
        return node.value.lower() in ("true", "yes", "on")

    def only(self, entries: Entries, known: Iterable[str], what: str) -> None:
        """Complain about each key that is not known."""
        for key, node in entries.items():
            if key not in known:
                close = get_close_matches(key, known, 1)
                mend = f"write {close[0]}" if close else f"use only {', '.join(sorted(known))}"
                self.complain(node, f"{what} has the unknown key {key}", mend)

    def merged(self, under: Entries, over: Entries) -> Entries:
        """Return both, mappings merged deeply, all else from `over` (Rails' deep_merge, as GitLab uses it)."""
        merged = dict(under)
        for key, node in over.items():
            merged[key] = self._over(key, merged[key], node) if key in merged else node
        return merged

    def _over(self, key: str, under: Node, over: Node) -> Node:
        if not isinstance(under, Mapping) or not isinstance(over, Mapping):
            return over
        pair = id(under), id(over)
        if pair not in self._merged:
            merged = Mapping(over.file, over.line, over.column, over.explicit, read={})
            self._merged[pair] = merged, under, over  # noted before it is filled, as mappings may go in circles
            merged.read = self.merged(self.entries(under, key), self.entries(over, key))
        return self._merged[pair][0]

    def _merge_key(self, found: Entries, value: Node, what: str) -> None:
        several = value.items[::-1] if isinstance(value, Sequence) and not value.explicit else [value]
        for each in several:
            if isinstance(each, Mapping):
                found.update(self.entries(each, what))
            else:
                kind = _KINDS.get(each.tag.removeprefix(TAG), each.tag)
                words = f"{what}: << expected a mapping or list of mappings for merging, but found {kind}"
                self.complain(each, words, f"merge mappings only, or {MERGED}")

    def _resolved(self, node: Node | None) -> Node | None:
        return self.follow(node) if node is not None and node.tag == REFERENCE else node

    def _is(self, node: Node | None, kind: str, what: str) -> bool:
        if node is None or node.tag == TAG + kind:
            return node is not None
        if node.tag.startswith("!"):
            self.complain(node, f"{what} uses {node.tag}, which GitLab does not know", "use !reference, or no tag")
        else:
            found = node.tag.removeprefix(TAG)
            mend = "put it in quotes" if kind == "str" and isinstance(node, Scalar) else f"write {_KINDS[kind]}"
            self.complain(node, f"{what} must be {_KINDS[kind]}, here it is {_KINDS.get(found, found)}", mend)
        return False


def absent(node: Node | None) -> bool:
    """Say whether a key has no value: it is not there, or null, which GitLab takes for the same."""
    return node is None or node.tag == f"{TAG}null"
