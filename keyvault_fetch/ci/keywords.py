"""Which words are jobs and which are keywords (GitLab docs, 'CI/CD YAML syntax reference'), and slips of them."""

from difflib import get_close_matches

from .document import Mapping, Node
from .nodes import MERGED, Entries, Reader

_NOT_JOBS = {
    "types",
    "include",
    "after_script",
    "stages",
    "variables",
    "image",
    "workflow",
    "cache",
    "before_script",
    "spec",
    "default",
    "services",
}
_NOT_DEFAULT = ("extends", "secrets", "variables")
_SHOWN = 20
_OURS = ("extends", "id_tokens", "inherit", "secrets", "variables")
_LOOK_ALIKES = ("services", "environment", "release", "needs")  # GitLab's own, never a slip of ours


def check_top(reader: Reader, document: Node, top: Entries, name: str, unfollowed: list[tuple[str, Node]]) -> None:
    """Complain where the name is no job's, and of what GitLab refuses in `default:`."""
    default = top.get("default")
    for key, node in (reader.entries(default, "default") if isinstance(default, Mapping) else Entries()).items():
        if key in _NOT_DEFAULT:
            mend = "write it in the job, or in a hidden job that it extends"
            reader.complain(node, f"default cannot hold {key} (GitLab refuses the file)", mend)
        elif key != "id_tokens" and get_close_matches(key, ["id_tokens"], cutoff=0.8):
            reader.complain(node, f"default has the unknown key {key}", f"write id_tokens: instead of {key}:")
    jobs = [key for key in top if key not in _NOT_JOBS and not key.startswith(".")]
    if name in jobs:
        return
    close = get_close_matches(name, jobs, 1)
    if name in top and name.startswith("."):
        reader.complain(top[name], f"{name} is a hidden job, which GitLab never runs", _another(close or jobs, name))
    elif name in top:
        reader.complain(top[name], f"{name} is a keyword, not a job", _another(jobs, name))
    elif unfollowed:
        what, node = unfollowed[0]
        reader.complain(node, f"there is no job {name} here, and {what} is not followed", MERGED)
    elif any("$[[" in key for key in top):
        reader.complain(document, f"there is no job {name} here, but one named by an input ($[[ … ]])", MERGED)
    elif close:
        reader.complain(document, f"there is no job {name}", f"did you mean --job {close[0]}?")
    else:
        reader.complain(document, f"there is no job {name}", _another(jobs, name))


def check_job(reader: Reader, job: Entries, name: str) -> None:
    """Complain of a key that looks like one of ours misspelt; GitLab refuses every key that it does not know."""
    for key, node in job.items():
        close = [] if key in _LOOK_ALIKES or key in _OURS else get_close_matches(key, _OURS, 1, cutoff=0.8)
        if close:
            reader.complain(node, f"{name} has the unknown key {key}", f"write {close[0]}: instead of {key}:")


def _another(jobs: list[str], name: str) -> str:
    others = [each for each in jobs if each != name]
    more = ["…"] if len(others) > _SHOWN else []
    return f"name one of its jobs: {', '.join(others[:_SHOWN] + more) or '(none)'}"
