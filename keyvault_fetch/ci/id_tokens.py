"""`id_tokens:` of a job, or of `default:` where it inherits that (GitLab docs, 'id_tokens' and 'inherit:default')."""

from .document import Node, Sequence
from .nodes import Entries, Reader, absent


def read(reader: Reader, top: Entries, job: Entries, name: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the variables of a job's ID tokens in their order, and warnings of audiences that Entra does not take."""
    what, warnings = f"{name}.id_tokens", list[str]()
    tokens = reader.present(_node(reader, top, job), what)
    for variable, token in tokens.items():
        entries = reader.entries(token, f"{what}.{variable}")
        reader.only(entries, ("aud",), f"{what}.{variable}")
        audiences = _audiences(reader, entries.get("aud"), token, f"{what}.{variable}.aud")
        if audiences != 1:
            warnings.append(f"{what}.{variable}.aud lists {audiences} audiences; Entra takes a token with exactly one")
    return tuple(tokens), warnings


def _node(reader: Reader, top: Entries, job: Entries) -> Node | None:
    own = job.get("id_tokens")
    if not absent(own) or not _inherits(reader, reader.present(job.get("inherit"), "inherit").get("default")):
        return own
    return reader.present(top.get("default"), "default").get("id_tokens")


def _inherits(reader: Reader, node: Node | None) -> bool:
    what = "inherit.default"
    if isinstance(node, Sequence):
        return "id_tokens" in [reader.text(item, what) for item in reader.items(node, what)]
    return reader.flag(node, what, default=True)


def _audiences(reader: Reader, node: Node | None, token: Node, what: str) -> int:
    """Return how many audiences there are, each checked to be a text."""
    node = reader.follow(node) if node and node.tag.startswith("!") else node
    if not isinstance(node, Sequence):
        reader.required(node, token, what, "add aud: the audience that Entra trusts")
        return 1
    return len([reader.text(item, what) for item in reader.items(node, what)])
