"""The CONNECT proxy by which unmodified clients reach the played hosts, and no other host at all."""

import asyncio
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

Played = Callable[[str], bool]

_LONGEST_HEAD = 65_536
_PAUSE = 0.1  # seconds


async def serve(listener: socket.socket, app: ASGIApp, context: ssl.SSLContext, played: Played) -> None:
    """Be a proxy on the (non-blocking) listener until cancelled, and be every played host behind it.

    CONNECT to port 443 of a played host is followed by TLS and HTTP with `app`; anything else is refused. `context`
    holds the hosts' certificate, `played` tells of a host's name (lower case) whether it is played.
    """
    loop, connected = asyncio.get_running_loop(), ServerState()
    # An idle connection stays: one that is closed as a client uses it again would be an error of that client.
    config = Config(app, ws="none", lifespan="off", log_config=None, access_log=False, timeout_keep_alive=600)

    async def welcome(client: socket.socket) -> None:
        with suppress(OSError), ExitStack() as stack:
            stack.enter_context(client)
            refusal = _refusal(await _head(client), played)
            await loop.sock_sendall(client, refusal or b"HTTP/1.1 200 Connection established\r\n\r\n")
            if not refusal:
                stack.pop_all()  # from here on asyncio closes it
                await loop.connect_accepted_socket(lambda: _Http(config, connected, {}), client, ssl=context)

    try:
        async with asyncio.TaskGroup() as arriving:
            while True:
                try:
                    client, _ = await loop.sock_accept(listener)
                except OSError:  # no file descriptor is left: wait for a connection to end
                    await asyncio.sleep(_PAUSE)
                else:
                    arriving.create_task(welcome(client))
    finally:
        for connection in connected.connections:
            connection.transport.abort()


class _Http(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, but what a client sends is acknowledged at once.

    urllib3 leaves Nagle's algorithm on towards a proxy: a body would wait 40 ms for the delayed acknowledgement of its
    headers.
    """

    def data_received(self, data: bytes) -> None:
        if sys.platform == "linux":  # the option does not last: it is set again after each read
            self.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        super().data_received(data)


async def _head(client: socket.socket) -> str:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        received = await asyncio.get_running_loop().sock_recv(client, 4096)
        if not received or len(head) > _LONGEST_HEAD:
            raise ConnectionAbortedError("the client has left, or does not speak HTTP")
        head += received
    return head.decode("latin-1")


def _refusal(head: str, played: Played) -> bytes | None:
    method, authority = [*head.split(" ", 2), ""][:2]
    host, _, port = authority.rpartition(":")
    if method != "CONNECT":
        return _forbidden("The rehearsal's proxy only takes CONNECT: its hosts speak TLS.\n")
    if port != "443" or not played(host.lower()):
        return _forbidden(f"The rehearsal does not play {authority}, and lets nothing leave this machine.\n")
    return None


def _forbidden(text: str) -> bytes:
    headers = f"Content-Type: text/plain\r\nContent-Length: {len(text)}\r\nConnection: close"
    return f"HTTP/1.1 403 Forbidden\r\n{headers}\r\n\r\n{text}".encode("latin-1")
