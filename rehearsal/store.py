"""What the played services remember: JSON documents in one SQLite file."""

import json
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Store:
    """Documents by kind and key, durable before a write returns.

    A kind is a service's collection (`application`, `arm`, `secret` …); the key is unique in it. Documents of a kind
    come back in the order in which their keys were first written. One process may write while others read.
    """

    def __init__(self, directory: Path) -> None:
        path = directory / "cloud.sqlite"
        path.touch(mode=0o600)  # the signing keys are in it
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS documents (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
                UNIQUE (kind, key)
            );
            """
        )

    def get(self, kind: str, key: str) -> Document | None:
        """Return the document, or None where there is none."""
        row = self._db.execute("SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return json.loads(row[0]) if row else None

    def get_or_make(self, kind: str, key: str, make: Callable[[], Document]) -> Document:
        """Return the document, made and kept where there is none: once, whoever else asks at the same time."""
        found = self.get(kind, key)
        if found is None:
            with self.transaction():
                found = self.get(kind, key) or make()
                self.put(kind, key, found)
        return found

    def put(self, kind: str, key: str, document: Document) -> None:
        """Write the document, over an older one of the same key."""
        self._db.execute(
            "INSERT INTO documents (kind, key, body) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key, json.dumps(document)),
        )

    def delete(self, kind: str, key: str) -> bool:
        """Remove the document; tell whether there was one."""
        return self._db.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key)).rowcount > 0

    def all(self, kind: str, prefix: str = "") -> list[Document]:
        """Return the kind's documents whose key begins with the prefix."""
        # A range, for the index to serve: the byte FF comes after every character of UTF-8.
        rows = self._db.execute(
            "SELECT body FROM documents WHERE kind = :kind AND key >= :prefix AND key < :prefix || CAST(x'FF' AS TEXT)"
            " ORDER BY sequence",
            {"kind": kind, "prefix": prefix},
        )
        return json.loads(f"[{','.join(body for (body,) in rows)}]")  # parsed at one go: twice as fast

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Make the writes inside one: all are kept, or none."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
