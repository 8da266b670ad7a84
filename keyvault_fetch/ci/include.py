"""`include:` as far as files of the repository go (GitLab docs, 'include'): the rest is named, with its place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import fsencode, walk
from pathlib import Path

from ..expansion import expand, references
from .document import Node, Scalar, Sequence
from .nodes import MERGED, Entries, Problem, Reader

_MOST = 150  # GitLab docs, 'Maximum includes'
_KINDS = ("local", "project", "remote", "template", "component")


@dataclass
class Includes:
    """Follows the includes of one configuration.

    `root` is the repository's, None to follow none; `unfollowed` holds (what, its node), `conditional` the local
    ones with `rules:`, which only a pipeline decides.
    """

    reader: Reader
    root: Path | None
    environ: Mapping[str, str]
    unfollowed: list[tuple[str, Node]] = field(default_factory=list[tuple[str, Node]])
    conditional: list[str] = field(default_factory=list[str])
    count: int = 0

    def merged(self, document: Node | None, chain: tuple[Path, ...] = ()) -> Entries:
        """Return a document's entries above those of all that it includes, in the order of the includes."""
        own = self.reader.entries(document, "the file")
        if "include" not in own:
            return own
        below = Entries()
        for node in _several(own["include"]):
            for path, location in self._files(node):
                below = self.reader.merged(below, self._file(path, location, node, chain))
        return {key: node for key, node in self.reader.merged(below, own).items() if key != "include"}

    def _files(self, node: Node) -> Iterator[tuple[Path, str]]:
        """Yield (file, what the repository calls it) of one include."""
        local = self._local(node)
        location = expand(local or "", lambda name: self.environ.get(name, "")).lstrip("/")
        if self.root is None or local is None:
            return
        unknown = [name for name in references(local) if name not in self.environ]
        if unknown:
            self._skip(f"local {local} ({', '.join(unknown)} is not set)", node)
        elif "*" in location:
            found = _matching(self.root, location)
            if not found:
                self._skip(f"local {local} (matches no file under {self.root})", node)
            yield from ((self.root / each, each) for each in found)
        elif _is_file(self.root, location):
            yield self.root / location, location
        else:
            self._skip(f"local {local} (there is no such file under {self.root})", node)

    def _local(self, node: Node) -> str | None:
        if isinstance(node, Scalar):
            text = self.reader.text(node, "include") or ""
            kind, where = ("remote" if re.match("https?://", text) else "local"), text
            place: Node = node
        else:
            entries = self.reader.entries(node, "include")
            kind = next((each for each in _KINDS if each in entries), "")
            if not kind:
                self.reader.complain(
                    node, f"include names none of {', '.join(_KINDS)}", "write local: path/of/file.yml"
                )
                return None
            place, where = entries[kind], self.reader.text(entries[kind], f"include:{kind}") or ""
            if kind == "local" and "rules" in entries:
                self.conditional.append(f"include:local {where}")
        if not where:
            return None
        if kind == "local" and self.root is not None:
            if where.endswith((".yml", ".yaml")):
                return where
            self.reader.complain(place, f"include:local {where} does not end in .yml or .yaml", "rename the file")
            return None
        self._skip(f"{kind} {where}", place)
        return None

    def _file(self, path: Path, location: str, node: Node, chain: tuple[Path, ...]) -> Entries:
        self.count += 1
        if path in chain:
            circle = " → ".join(each.name for each in (*chain[chain.index(path) :], path))
            self.reader.complain(node, f"{location} includes itself: {circle}", "break the circle")
        elif self.count > _MOST:
            self.reader.complain(node, f"more than {_MOST} files are included", f"include fewer, or {MERGED}")
        elif (text := read_text(self.reader, path, shown(path))) is not None:
            return self.merged(self.reader.document(text, shown(path)), (*chain, path))
        return {}

    def _skip(self, what: str, node: Node) -> None:
        self.unfollowed.append((f"include:{what}", node))


def read_text(reader: Reader, path: Path, file: str) -> str | None:
    """Return a file's text; None, with a problem, where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        reader.problems.append(Problem(file, line, 1, "the file is not UTF-8 text", "save it as UTF-8"))
    except (OSError, ValueError) as error:
        mend = "name the file with --file, or change to the directory that holds it"
        words = str(getattr(error, "strerror", None) or error)
        reader.problems.append(Problem(file, 1, 1, words, mend))
    return None


def repository(file: Path) -> Path:
    """Return the root of the repository that holds a file: the nearest directory with .git, else the file's own."""
    try:
        above = file.absolute().parents
        return next((each for each in above if (each / ".git").exists()), above[0])
    except (OSError, ValueError, IndexError):
        return file.parent


def shown(path: Path) -> str:
    """Return a path as a person would type it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(path)


def _several(node: Node) -> list[Node]:
    return node.items if isinstance(node, Sequence) and not node.explicit else [node]


def _is_file(root: Path, location: str) -> bool:
    try:
        path = root / location
        return path.is_file() and path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):  # a name too long, a NUL, a circle of links
        return False


def _matching(root: Path, pattern: str) -> list[str]:
    """Return the files of a glob as GitLab reads it: `*` stays within a directory, `**` is anything, `/` included."""
    words = {"**": ".*", "*": "[^/]*"}
    parts = (words.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*)", pattern))
    matches = re.compile("".join(parts), re.DOTALL)
    found: list[str] = []
    start = pattern.partition("*")[0].rpartition("/")[0]
    for directory, below, files in walk(root / start if _is_path(start) else ""):
        below[:] = [each for each in below if each != ".git"]
        locations = ((Path(directory) / name).relative_to(root).as_posix() for name in files)
        found += [each for each in locations if matches.fullmatch(each) and _is_file(root, each)]
    return sorted(found, key=fsencode)  # git's own order


def _is_path(location: str) -> bool:
    return location.isprintable() and ".." not in location.split("/")
