"""The providers' HTTPS client: its tokens, and a service that is busy."""

import ssl
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import trustme

from rehearsal.plugins.azure_native import ARM
from rehearsal.plugins.azuread import GRAPH
from rehearsal.plugins.client import Client, Credentials

STATUSES = (429, 503, 200)


class Busy(BaseHTTPRequestHandler):
    """A service that gives the STATUSES in turn."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        status = STATUSES[len(self.asked)]
        self.asked.append(self.headers["Authorization"])
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@pytest.fixture
def busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """The URL of a service that is busy twice, by TLS on loopback."""
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType] pyOpenSSL is optional
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/"
        server.shutdown()


class SignedIn(Client):
    def __init__(self) -> None:
        super().__init__(Credentials("tenant", "client", "secret", "subscription"))

    def token(self, url: str) -> str:  # noqa: ARG002
        return "token"


def test_a_busy_service_is_asked_again(busy: str):
    SignedIn().call("POST", busy, {})
    assert Busy.asked == ["Bearer token"] * 3


@pytest.mark.usefixtures("environment")
def test_a_token_serves_until_shortly_before_its_end():
    times = [0.0]
    client = Client(Credentials.of({}), now=lambda: times[0])
    first, graph = client.token(ARM), client.token(GRAPH)
    assert first != graph
    times[0] += 3000
    assert client.token(f"{ARM}/subscriptions") == first
    times[0] += 550
    assert client.token(ARM) != first


@pytest.mark.usefixtures("environment")
def test_the_providers_configuration_comes_before_the_environment():
    config = {"tenantId": "t", "clientId": "c", "clientSecret": "s"}
    credentials = Credentials.of(config)
    assert (credentials.tenant, credentials.client_id, credentials.client_secret) == ("t", "c", "s")
    assert credentials.subscription == Credentials.of({}).subscription


def test_credentials_do_not_show_their_secret():
    assert "hidden" not in repr(Credentials("tenant", "client", "hidden", "subscription"))
