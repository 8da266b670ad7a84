"""The state directory: whose it is, who uses it, and how it starts anew."""

import fcntl
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_LOCK = "rehearsal.lock"


class StateError(Exception):
    """A state directory that cannot be used; the message says why and what to do."""


def prepare(state: Path) -> None:
    """Make the directory, or check that it is a rehearsal's.

    Raises StateError for one that cannot be made or written, and for one with other content: `--fresh` must never
    delete somebody's files.
    """
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        foreign = any(state.iterdir()) and not (state / _LOCK).exists()
        if not foreign:
            (state / _LOCK).touch(mode=0o600)
    except OSError as error:
        reason = f"{state} cannot be used: {error.strerror}."
        raise StateError(f"{reason} Choose another directory with --state.") from error
    if foreign:
        raise StateError(f"{state} holds files that are not a rehearsal's. Choose an empty or new one with --state.")


@contextmanager
def held(state: Path, *, fresh: bool = False) -> Generator[None]:
    """Hold the directory for one rehearsal, emptied first if `fresh`.

    Raises StateError while another process holds it, and for a directory that is not a rehearsal's.
    """
    prepare(state)
    with (state / _LOCK).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateError(
                f"A rehearsal already runs on {state}. Join it with `. {environment_file(state)}`, stop it, "
                "or choose another directory with --state."
            ) from error
        if fresh:
            _empty(state)
        yield


def environment_file(state: Path) -> Path:
    """Return the file that a shell sources to join the rehearsal that runs on the directory."""
    return state / "environment.sh"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text)


def _empty(state: Path) -> None:
    for entry in state.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != _LOCK:
            entry.unlink()
