"""Handing values to a command as GitLab Runner does: in private files, or in the command's environment alone."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from .outcome import Outcome

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Undeliverable(Exception):
    """The command cannot be started; carries the shell's exit code for it (126 or 127). Holds no value."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


def run(command: Sequence[str], outcomes: Iterable[Outcome], environ: Mapping[str, str]) -> int:
    """Run the command with the resolved secrets; return its exit code (128 + n when signal n ended it).

    `file` secrets lie in files (0600) of a directory of their own (0700) and their variables hold the paths; the
    directory is removed when the command ends, and when SIGTERM, SIGINT or SIGHUP comes, which the command gets too.
    Raises Undeliverable.
    """
    with _signals_passed_on() as children, _private_directory() as directory:
        delivered = dict(environ) | {each.wanted.variable: _deliver(each, directory) for each in outcomes}
        try:
            child = subprocess.Popen(command, env=delivered)
        except FileNotFoundError:
            raise Undeliverable(f"{command[0]}: command not found", 127) from None
        except OSError as error:
            raise Undeliverable(f"{command[0]}: {error.strerror}", 126) from None
        children.append(child)
        status = child.wait()
    return 128 - status if status < 0 else status


def _deliver(outcome: Outcome, directory: Path) -> str:
    variable, value = outcome.wanted.variable, outcome.value or ""
    try:
        content = value.encode()
    except UnicodeEncodeError:
        raise Undeliverable(f"the value of {variable} is not valid Unicode", 126) from None
    if not outcome.wanted.file:
        if "\0" in value:
            raise Undeliverable(f"the value of {variable} holds a NUL, which only a file can: set file: true", 126)
        return value
    path = directory / variable
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return str(path)


@contextmanager
def _private_directory() -> Generator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="keyvault-fetch-"))  # made with mode 0700
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


@contextmanager
def _signals_passed_on() -> Generator[list[subprocess.Popen[bytes]]]:
    """Yield a list for the child: with one in it a signal goes to it, without one it ends this process in order."""
    children: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if not children:
            sys.exit(128 + number)
        if number != signal.SIGINT or not sys.stdin.isatty():  # a terminal's Ctrl-C has reached the child already
            children[0].send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _SIGNALS}
    try:
        yield children
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
