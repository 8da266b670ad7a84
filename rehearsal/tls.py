"""The throw-away certificate authority, and the one certificate of all played names."""

import ssl
from pathlib import Path

import trustme

from .store import Store


def authority(store: Store) -> trustme.CA:
    """Return the state directory's CA, made on first use: a client keeps trusting it after a restart."""
    document = store.get("key", "ca")
    if document is not None:
        return trustme.CA.from_pem(document["certificate"].encode(), document["pem"].encode())
    ca = trustme.CA(organization_name="Rehearsal, throw-away")
    pem = ca.private_key_pem.bytes().decode()
    store.put("key", "ca", {"certificate": ca.cert_pem.bytes().decode(), "pem": pem})
    return ca


def bundle(state: Path) -> Path:
    """Return where clients find the CA certificate (SSL_CERT_FILE, REQUESTS_CA_BUNDLE)."""
    return state / "ca.pem"


def server_context(ca: trustme.CA, names: tuple[str, ...]) -> ssl.SSLContext:
    """Return a server's TLS context with a new certificate for the names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(*names).configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - also takes pyOpenSSL's
    return context
