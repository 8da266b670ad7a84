"""The script of a proving job: tells, for each named variable, a digest of the secret that it stands for.

Run as `python -m proofs.inside_job SALT VARIABLE…`; prints JSON `{VARIABLE: {"form": "file"|"value", "digest": hex}}`.
A digest lets the proof compare value for value without the value ever being printed.
"""

import hashlib
import json
import os
import sys
from pathlib import Path


def digest(salt: str, value: bytes) -> str:
    """Return the salted SHA-256 of a value, in hex."""
    return hashlib.sha256(salt.encode() + value).hexdigest()


def describe(salt: str, content: str) -> dict[str, str]:
    """Tell the form and the digest of one variable's secret."""
    path = Path(content)
    if path.is_absolute() and path.is_file():
        return {"form": "file", "digest": digest(salt, path.read_bytes())}
    return {"form": "value", "digest": digest(salt, content.encode())}


if __name__ == "__main__":
    print(json.dumps({name: describe(sys.argv[1], os.environ.get(name, "")) for name in sys.argv[2:]}))
