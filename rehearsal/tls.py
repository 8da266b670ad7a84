"""The throw-away certificate authority, and the one certificate of all played names."""

import ssl

import trustme

from .store import Document, Store


def authority(store: Store) -> trustme.CA:
    """Return the state directory's CA, made on first use: a client keeps trusting it after a restart."""
    kept = store.get_or_make("key", "ca", _make)
    return trustme.CA.from_pem(kept["certificate"].encode(), kept["pem"].encode())


def server_context(ca: trustme.CA, names: tuple[str, ...]) -> ssl.SSLContext:
    """Return a server's TLS context with a new certificate for the names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(*names).configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - also takes pyOpenSSL's
    return context


def _make() -> Document:
    ca = trustme.CA(organization_name="Rehearsal, throw-away")
    return {"certificate": ca.cert_pem.bytes().decode(), "pem": ca.private_key_pem.bytes().decode()}
