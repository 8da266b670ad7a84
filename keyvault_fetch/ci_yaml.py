"""YAML as GitLab reads it, walked so that each mistake has its line and column; mistakes are collected, not raised."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

import yaml

MERGED = (
    "check the merged configuration instead: glab ci config compile > merged.yml, then --file merged.yml"
    " (the pipeline editor's tab 'Full configuration' shows the same)"
)
_TAG = "tag:yaml.org,2002:"
_KINDS = {
    "map": "a mapping",
    "seq": "a list",
    "str": "text",
    "null": "nothing",
    "bool": "true or false",
    "int": "a number",
}

Entries = dict[str, yaml.Node]


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
    """Typed access to the nodes of one file; what does not fit becomes a problem and reads as absent."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def complain(self, node: yaml.Node, problem: str, mend: str) -> None:
        """Note a problem at the node's first character."""
        self._note(node.start_mark, problem, mend)

    def document(self, text: str) -> yaml.Node | None:
        """Return the file's configuration: its only document, or the one after a `spec:` header."""
        try:
            documents = list(yaml.compose_all(text, yaml.SafeLoader))
        except yaml.MarkedYAMLError as error:
            what = " ".join(filter(None, (error.context, error.problem)))
            self._note(error.problem_mark, f"this is not YAML: {what}", "mend the syntax here or on the line above")
        except yaml.YAMLError as error:
            first_line = str(error).splitlines()[0]
            self._note(None, f"this is not YAML: {first_line}", "save the file as UTF-8 text")
        except RecursionError:
            self._note(None, "the YAML is nested too deeply", "flatten it")
        else:
            if documents:
                return documents[-1]
            self._note(None, "the file is empty", "name the file that holds the job with --file")
        return None

    def entries(self, node: yaml.Node | None, what: str) -> Entries:
        """Return a mapping's entries by key, merge keys (`<<`) included; of a repeated key the last counts."""
        if node is None or not self._is(node, "map", what):
            return {}
        try:
            yaml.SafeLoader("").flatten_mapping(cast("yaml.MappingNode", node))
        except yaml.MarkedYAMLError as error:
            self._note(error.problem_mark, f"{what}: << {error.problem}", f"merge mappings only, or {MERGED}")
        pairs = cast("list[tuple[yaml.Node, yaml.Node]]", node.value)
        return {str(key.value): value for key, value in pairs if isinstance(key, yaml.ScalarNode)}

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """Return a list's nodes."""
        return cast("list[yaml.Node]", node.value) if self._is(node, "seq", what) else []

    def text(self, node: yaml.Node | None, what: str) -> str | None:
        """Return a text, None where it is absent, null, or not a text."""
        if node is None or node.tag == _TAG + "null":
            return None
        if not self._is(node, "str", what):
            return None
        value = str(node.value)
        if "$[[" in value:
            self.complain(node, f"{what} holds an input ($[[ … ]]), which GitLab fills in on including", MERGED)
        return value

    def required(self, node: yaml.Node | None, parent: yaml.Node, what: str, mend: str) -> str:
        """Return a text, complaining at the parent where it is absent, null or empty."""
        if node is None or node.tag == _TAG + "null" or node.value == "":
            self.complain(parent, f"{what} is missing", mend)
            return ""
        return self.text(node, what) or ""

    def flag(self, node: yaml.Node | None, what: str, *, default: bool) -> bool:
        """Return a boolean, the default where it is absent or not one."""
        if node is None or not self._is(node, "bool", what):
            return default
        return str(node.value).lower() in ("true", "yes", "on")

    def only(self, entries: Entries, known: Iterable[str], what: str) -> None:
        """Complain about each key that is not known."""
        for key, node in entries.items():
            if key not in known:
                close = get_close_matches(key, known, 1)
                mend = f"write {close[0]}" if close else f"use only {', '.join(sorted(known))}"
                self.complain(node, f"{what} has the unknown key {key}", mend)

    def _is(self, node: yaml.Node, kind: str, what: str) -> bool:
        if node.tag == _TAG + kind:
            return True
        if node.tag.startswith("!"):
            self.complain(node, f"{what} uses {node.tag}, which is not followed here", MERGED)
        else:
            found = node.tag.removeprefix(_TAG)
            mend = (
                "put it in quotes" if kind == "str" and isinstance(node, yaml.ScalarNode) else f"write {_KINDS[kind]}"
            )
            self.complain(node, f"{what} must be {_KINDS[kind]}, here it is {_KINDS.get(found, found)}", mend)
        return False

    def _note(self, mark: yaml.Mark | None, problem: str, mend: str) -> None:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        self.problems.append(Problem(self.file, line, column, problem, mend))
