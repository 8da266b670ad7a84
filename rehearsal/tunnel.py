"""The CONNECT proxy by which unmodified clients reach the played hosts, and no other host at all."""

import asyncio
import socket
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress

_HEAD_LIMIT = 16 * 1024
_CHUNK = 64 * 1024


class Tunnel:
    """A proxy on loopback: CONNECT to port 443 of a played host leads to `port`, anything else is refused.

    `played` tells whether a host name (lower case) is played. TCP_NODELAY is set on every socket: without it most
    answers wait 40 ms for the client's delayed acknowledgement. What a client sends is acknowledged at once: urllib3
    leaves Nagle's algorithm on towards a proxy, so that a body waits as long for the acknowledgement of its headers.
    """

    def __init__(self, port: int, played: Callable[[str], bool]) -> None:
        self._target = port
        self._played = played
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, preferred_port: int = 0) -> int:
        """Listen on the preferred port, or on another where it is taken; return the port."""
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", preferred_port, limit=_HEAD_LIMIT)
        except OSError:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_HEAD_LIMIT)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop what is connected."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker: a coroutine runs in a task
        self._connections.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._connect(reader, writer)
        finally:
            self._connections.discard(task)
            await _closed(writer)

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return
        method, _, rest = head.decode("latin-1").partition(" ")
        authority = rest.partition(" ")[0]
        refusal = self._refusal(method, authority)
        if refusal:
            writer.write(_answer("403 Forbidden", refusal))
            await writer.drain()
            return
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            _no_delay(writer)
            _no_delay(upstream)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pump(reader, upstream, writer), _pump(upstream_reader, writer, upstream))
        finally:
            await _closed(upstream)

    def _refusal(self, method: str, authority: str) -> str | None:
        host, _, port = authority.rpartition(":")
        if method != "CONNECT":
            return "The rehearsal's proxy only takes CONNECT: its hosts speak TLS.\n"
        if port != "443" or not self._played(host.lower()):
            return f"The rehearsal does not play {authority}, and lets nothing leave this machine.\n"
        return None


def _answer(status: str, text: str) -> bytes:
    body = text.encode()
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode() + body


def _no_delay(writer: StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _acknowledge(writer: StreamWriter) -> None:
    if sys.platform == "linux":  # the option does not last: it is set again after each read
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


async def _pump(reader: StreamReader, writer: StreamWriter, back: StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            _acknowledge(back)
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def _closed(writer: StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError, asyncio.CancelledError):
        await writer.wait_closed()
