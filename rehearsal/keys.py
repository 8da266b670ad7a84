"""The RSA keys with which the rehearsal's Entra and GitLab sign: kept in the store, published as a JWKS."""

import json
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.algorithms import RSAAlgorithm

from .store import Document, Store


@dataclass(frozen=True)
class SigningKey:
    """A private key and its identifier, as the `kid` of what it signs."""

    kid: str
    private: RSAPrivateKey

    def sign(self, claims: dict[str, Any], headers: dict[str, Any] | None = None) -> str:
        """Return the claims as an RS256 JWT."""
        # Not jwt.encode: a rehearsal also signs what no issuer should.
        payload = json.dumps(claims).encode()
        return jwt.api_jws.encode(payload, self.private, "RS256", {"kid": self.kid, **(headers or {})})

    def jwks(self) -> dict[str, Any]:
        """Return the public half as a JSON Web Key Set (RFC 7517)."""
        numbers = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": numbers["n"], "e": numbers["e"]}
        return {"keys": [jwk]}


def signing_key(store: Store, owner: Literal["entra", "gitlab"]) -> SigningKey:
    """Return the owner's key, made on first use."""
    return _load(**store.get_or_make("key", owner, _make))


def _make() -> Document:
    pem = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"kid": secrets.token_hex(20), "pem": pem.decode()}


@cache
def _load(kid: str, pem: str) -> SigningKey:
    # Our own key: to prove it anew takes longer than all else that a token needs.
    private = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(private, RSAPrivateKey)  # noqa: S101 - for the type checker
    return SigningKey(kid, private)
