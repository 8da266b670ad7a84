"""The RSA keys with which the rehearsal's Entra and GitLab sign: kept in the store, published as a JWKS."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm

from .store import Store

Owner = Literal["entra", "gitlab"]


@dataclass(frozen=True)
class SigningKey:
    """A private key and its identifier, as the `kid` of what it signs."""

    kid: str
    private: RSAPrivateKey

    def sign(self, claims: dict[str, Any], headers: dict[str, Any] | None = None) -> str:
        """Return the claims as an RS256 JWT."""
        return jwt.encode(claims, self.private, "RS256", {"kid": self.kid, **(headers or {})})

    def public_jwk(self) -> dict[str, Any]:
        """Return the public half as a JSON Web Key (RFC 7517)."""
        jwk = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        return {"kty": jwk["kty"], "use": "sig", "alg": "RS256", "kid": self.kid, "n": jwk["n"], "e": jwk["e"]}


def create(store: Store, owner: Owner) -> None:
    """Generate the owner's key and keep it (first start only)."""
    private = generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = Hash(SHA256())
    digest.update(public)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    store.put("key", owner, {"kid": digest.finalize().hex()[:40], "pem": pem.decode()})


def signing_key(store: Store, owner: Owner) -> SigningKey:
    """Return the owner's key.

    Raises LookupError in a store that was not seeded.
    """
    document = store.get("key", owner)
    if document is None:
        raise LookupError(f"the store holds no key of {owner}")
    return _load(document["kid"], document["pem"])


@cache
def _load(kid: str, pem: str) -> SigningKey:
    private = load_pem_private_key(pem.encode(), None)
    if not isinstance(private, RSAPrivateKey):
        raise TypeError("the store's signing keys are RSA keys")
    return SigningKey(kid, private)
