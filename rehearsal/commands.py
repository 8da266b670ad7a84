"""What `serve` and `run` do."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from .environment import Plugins, exports
from .plugins.install import install, install_official
from .server import Running, running
from .state import environment_file

_CANNOT_RUN, _BY_SIGNAL = 127, 128


def serve(*, state: Path, fresh: bool, plugins: Plugins) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP; the environment goes to stdout as `export` lines. Return the exit code."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    with _started(state, fresh=fresh, plugins=plugins) as rehearsal:
        print(exports(rehearsal.environment), end="", flush=True)
        _tell(f"The rehearsal runs. In another shell: . {environment_file(state)}   Ctrl-C stops it.")
        stop.wait()
    return 0


def run(command: list[str], *, state: Path, fresh: bool, plugins: Plugins) -> int:
    """Run the command inside a rehearsal; return its exit code, as a shell gives it."""
    process: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _frame: object) -> None:
        if process is None:
            sys.exit(_BY_SIGNAL + number)
        if number != signal.SIGINT:  # Ctrl-C reaches the command from the terminal itself
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    with _started(state, fresh=fresh, plugins=plugins) as rehearsal:
        try:
            process = subprocess.Popen(command, env={**os.environ, **rehearsal.environment})
        except OSError as error:
            _tell(f"{command[0]} cannot be run: {error.strerror}.")
            return _CANNOT_RUN
        code = process.wait()
        return code if code >= 0 else _BY_SIGNAL - code


@contextmanager
def _started(state: Path, *, fresh: bool, plugins: Plugins) -> Generator[Running]:
    if plugins == "official":
        install_official()  # before the rehearsal lets nothing leave this machine
    with running(state, fresh=fresh, plugins=plugins) as rehearsal:
        if plugins == "ours":
            install(Path(rehearsal.environment["PULUMI_HOME"]))
        try:
            yield rehearsal
        finally:
            for call, times in rehearsal.unplayed.items():
                _tell(f"The rehearsal was asked for a call it does not play: {call} ({times}x)")


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)
