"""The rehearsal as one process: TLS hosts and tunnel on a thread of their own, for as long as a `with` lasts."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from . import app, environment, state, tls, tunnel
from .cloud import Cloud, open_cloud
from .entra.issuer_keys import IssuerKeys
from .environment import Plugins
from .store import Store


@dataclass(frozen=True)
class Running:
    """A rehearsal that answers: its environment for clients, its cloud, the calls it could not play."""

    environment: dict[str, str] = field(repr=False)
    cloud: Cloud
    unplayed: Counter[str]


@contextmanager
def running(directory: Path, *, fresh: bool = False, plugins: Plugins = "ours") -> Generator[Running]:
    """Run a rehearsal on the state directory (made if need be; emptied first if `fresh`) until the block ends.

    Raises state.StateError for a directory that is in use or not a rehearsal's.
    """
    directory = directory.resolve()
    bundle, shell = directory / "ca.pem", state.environment_file(directory)
    with (
        state.held(directory, fresh=fresh),
        closing(Store(directory)) as served,
        closing(Store(directory)) as ours,
        _listener() as listener,
    ):
        # The block has a connection of its own: a transaction there must not mix with the served requests.
        cloud = open_cloud(ours)
        port, unplayed = listener.getsockname()[1], Counter[str]()
        (directory / "pulumi-state").mkdir(exist_ok=True)
        ca = tls.authority(ours)
        state.write_private(bundle, ca.cert_pem.bytes().decode())
        variables = environment.variables(directory, cloud, port, bundle, plugins)
        state.write_private(shell, environment.exports(variables))
        service = app.build(replace(cloud, store=served), IssuerKeys(port, bundle), unplayed)
        try:
            with _thread(partial(tunnel.serve, listener, service, tls.server_context(ca, app.NAMES), app.played)):
                yield Running(variables, cloud, unplayed)
        finally:
            shell.unlink(missing_ok=True)


def _listener() -> socket.socket:
    # Without IPPROTO_TCP asyncio would not set TCP_NODELAY: 40 ms more on most answers. It listens from the start, so
    # that no client can come too early.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.settimeout(0)
    return listener


@contextmanager
def _thread(serve: Callable[[], Coroutine[Any, Any, None]]) -> Generator[None]:
    stopping = threading.Event()

    async def until_stopped() -> None:
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(serve())
            await asyncio.to_thread(stopping.wait)
            serving.cancel()

    thread = threading.Thread(target=asyncio.run, args=(until_stopped(),), name="rehearsal")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
