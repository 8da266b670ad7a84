"""A CI configuration after GitLab's order: includes merged, then `extends:`, then `!reference` (docs of both)."""

from difflib import get_close_matches

from .document import REFERENCE, TAG, Mapping, Node, Scalar, Sequence
from .nodes import MERGED, Entries, Reader, absent

_DEEPEST = 11  # GitLab docs, 'extends': at most eleven levels of inheritance


class Config:
    """The top of a configuration; what is asked of it becomes whole: a job with all that it extends, a reference.

    `complete` is false where an include could not be followed, so that what is missing may be in there.
    """

    def __init__(self, reader: Reader, top: Entries, *, complete: bool) -> None:
        self.top, self.complete = top, complete
        self._reader = reader
        self._whole: dict[str, tuple[Entries, int]] = {}
        self._open: list[str] = []
        reader.follow = self.follow

    def job(self, name: str) -> Entries:
        """Return the entries of a top key with those of all that it extends beneath them."""
        return self._extended(name)[0]

    def follow(self, node: Node) -> Node | None:
        """Return what a `!reference` stands for, through further ones; None, with a problem, where there is nothing."""
        found: Node | None = node
        seen: list[Node] = []
        while found is not None and found.tag == REFERENCE:
            if found in seen:
                self._reader.complain(node, "!reference leads back to itself", "break the circle")
                return None
            seen.append(found)
            found = self._at(found)
        return found

    def _at(self, reference: Node) -> Node | None:
        path = _path(reference)
        if not path:
            mend = "write !reference [job, key, …]"
            self._reader.complain(reference, "!reference must be a list of texts", mend)
            return None
        entries, found = self.top, None
        for depth, key in enumerate(path):
            found = entries.get(key)
            if depth == 0 and isinstance(found, Mapping):
                entries = self.job(key)
                found = Mapping(found.file, found.line, found.column, None, read=entries)
            elif isinstance(found, Mapping):
                entries = self._reader.entries(found, key)
            elif depth < len(path) - 1:
                found = None
                break
        if absent(found) or _is_false(found):
            words = f"!reference [{', '.join(path)}] is not to be found (GitLab finds no null and no false either)"
            self._reader.complain(reference, words, self._mend(path[0]))
            return None
        return found

    def _extended(self, name: str) -> tuple[Entries, int]:
        if name in self._whole:
            return self._whole[name]
        self._open.append(name)
        own = self._reader.entries(self.top[name], name)
        merged, level = Entries(), 0
        for parent, node in self._parents(own, name):
            if parent not in self.top:
                words = f"{name} extends {parent}, which is not in this file"
                self._reader.complain(
                    node, words if self.complete else f"{words} or what it includes", self._mend(parent)
                )
            elif parent in self._open:
                circle = " → ".join([*self._open[self._open.index(parent) :], parent])
                self._reader.complain(node, f"{name} extends itself: {circle}", "break the circle")
            else:
                entries, below = self._extended(parent)
                level = max(level, below + 1)
                merged = self._reader.merged(merged, entries)
                if below + 1 == _DEEPEST + 1:
                    self._reader.complain(node, f"{name} extends more than {_DEEPEST} levels", "flatten them")
        self._open.pop()
        self._whole[name] = self._reader.merged(merged, own), level
        return self._whole[name]

    def _parents(self, own: Entries, name: str) -> list[tuple[str, Node]]:
        node, what = own.get("extends"), f"{name}.extends"
        nodes = node.items if isinstance(node, Sequence) and not node.explicit else [node] if node else []
        found: list[tuple[str, Node]] = []
        for each in nodes:
            if each.tag == REFERENCE:
                self._reader.complain(each, f"{what} cannot be a !reference", "name what it extends")
            elif (text := self._reader.text(each, what)) is not None:
                found.append((text, each))
        return found

    def _mend(self, name: str) -> str:
        if name in self.top or not self.complete:
            return MERGED
        close = get_close_matches(name, self.top, 1)
        return f"write {close[0]}; or {MERGED}" if close else MERGED


def _is_false(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.tag == f"{TAG}bool" and node.value.lower() in ("false", "no", "off")


def _path(node: Node) -> list[str]:
    items = node.items if isinstance(node, Sequence) else []
    texts = [item.value for item in items if isinstance(item, Scalar) and item.tag == f"{TAG}str"]
    return texts if len(texts) == len(items) else []
