"""The rehearsal as one process: TLS hosts and tunnel on a thread of their own, for as long as a `with` lasts."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import uvicorn

from . import app, environment, state, tls
from .cloud import Cloud
from .entra.issuer_keys import https_fetch
from .environment import Plugins
from .seed import identity, open_cloud
from .store import Store
from .tunnel import Tunnel


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
    with state.held(directory, fresh=fresh):
        cloud = open_cloud(directory)
        (directory / "pulumi-state").mkdir(exist_ok=True)
        # The block gets a connection of its own: a transaction there must not mix with the served requests.
        service = _Service(replace(cloud, store=Store(directory)), directory)
        try:
            port = service.start()
            variables = environment.variables(directory, identity(cloud.store), port, tls.bundle(directory), plugins)
            state.write_private(state.environment_file(directory), environment.exports(variables))
            yield Running(variables, cloud, service.unplayed.calls)
        finally:
            service.stop()
            state.environment_file(directory).unlink(missing_ok=True)
            cloud.store.close()


@dataclass
class _Service:
    """The thread that serves."""

    cloud: Cloud
    directory: Path
    unplayed: app.Unplayed = field(default_factory=app.Unplayed)
    _ready: Future[int] = field(default_factory=Future[int])
    _stopping: Callable[[], object] | None = None

    def start(self) -> int:
        """Return the tunnel's port once everything answers."""
        self._thread = threading.Thread(target=self._run, name="rehearsal")
        self._thread.start()
        return self._ready.result()

    def stop(self) -> None:
        """End the thread; its connections are dropped."""
        if self._stopping is not None:
            self._stopping()
        self._thread.join()
        self.cloud.store.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        ca = tls.authority(self.cloud.store)
        bundle = tls.bundle(self.directory)
        state.write_private(bundle, ca.cert_pem.bytes().decode())
        context = tls.server_context(ca, app.NAMES)
        # A socket bound without IPPROTO_TCP gets no TCP_NODELAY from asyncio: 40 ms more on most answers.
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
            listener.bind(("127.0.0.1", 0))
            tunnel = Tunnel(listener.getsockname()[1], app.played)
            port = await tunnel.start(self._last_port())
            self.cloud.store.put("setting", "proxy", {"port": port})
            played = app.build(self.cloud, https_fetch(port, bundle), self.unplayed)
            server = uvicorn.Server(
                uvicorn.Config(
                    played,
                    lifespan="off",
                    ws="none",
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    ssl_context_factory=lambda _config, _default: context,
                )
            )
            serving = asyncio.create_task(server.serve([listener]))
            while not (server.started or serving.done()):
                await asyncio.sleep(0.001)
            stopping, loop = asyncio.Event(), asyncio.get_running_loop()
            self._stopping = partial(loop.call_soon_threadsafe, stopping.set)
            self._ready.set_result(port)
            await stopping.wait()
            # Connections first: the server would wait for clients to take leave of theirs.
            await tunnel.stop()
            server.should_exit = True
            await serving

    def _last_port(self) -> int:
        # The same one after a restart where possible: shells that sourced the environment keep working.
        document = self.cloud.store.get("setting", "proxy")
        return document["port"] if document else 0
