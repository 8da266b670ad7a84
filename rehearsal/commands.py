"""What `serve` and `run` do."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from . import environment, state
from .environment import Plugins
from .plugins.install import install
from .server import Running, running

_NOT_FOUND, _NOT_EXECUTABLE, _BY_SIGNAL = 127, 126, 128


def serve(directory: Path, *, fresh: bool, plugins: Plugins) -> int:
    """Serve until SIGINT or SIGTERM; the environment goes to stdout as `export` lines. Return the exit code."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    with _started(directory, fresh=fresh, plugins=plugins) as rehearsal:
        print(environment.exports(rehearsal.environment), end="", flush=True)
        _tell(f"The rehearsal runs. In another shell: . {state.environment_file(directory)}   Ctrl-C stops it.")
        stop.wait()
    return 0


def run(directory: Path, command: list[str], *, fresh: bool, plugins: Plugins) -> int:
    """Run the command inside a rehearsal; return its exit code, as a shell gives it."""
    with _started(directory, fresh=fresh, plugins=plugins) as rehearsal:
        try:
            process = subprocess.Popen(command, env={**os.environ, **rehearsal.environment})
        except OSError as error:
            _tell(f"{command[0]} cannot be run: {error.strerror}.")
            return _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE
        with _signals_for(process):
            code = process.wait()
        return code if code >= 0 else _BY_SIGNAL - code


@contextmanager
def _started(directory: Path, *, fresh: bool, plugins: Plugins) -> Generator[Running]:
    with running(directory, fresh=fresh, plugins=plugins) as rehearsal:
        if plugins == "ours":
            install(Path(rehearsal.environment["PULUMI_HOME"]))
        try:
            yield rehearsal
        finally:
            for call, times in rehearsal.unplayed.items():
                _tell(f"The rehearsal was asked for a call it does not play: {call} ({times}x)")


@contextmanager
def _signals_for(process: subprocess.Popen[bytes]) -> Generator[None]:
    """Leave signals to the process: the terminal itself sends it Ctrl-C, the others are passed on."""

    def pass_on(number: int, _frame: object) -> None:
        if number != signal.SIGINT:
            process.send_signal(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, pass_on) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)
