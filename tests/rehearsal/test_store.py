import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.store import Store

# Writes documents for ever and says of each that it is kept, once `put` has returned.
WRITER = """
import sys
from pathlib import Path
from rehearsal.store import Store
store = Store(Path(sys.argv[1]))
for number in range(1_000_000):
    store.put("thing", str(number), {"number": number})
    print(number, flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> Generator[Store]:
    with closing(Store(tmp_path)) as store:
        yield store


def test_a_document_comes_back_as_it_was_put(store: Store):
    store.put("thing", "a", {"name": "ä", "none": None, "list": [1, "two"]})
    assert store.get("thing", "a") == {"name": "ä", "none": None, "list": [1, "two"]}


def test_the_file_is_its_owners_alone(store: Store, tmp_path: Path):
    store.put("key", "a", {})
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_kind_does_not_see_the_keys_of_another(store: Store):
    store.put("thing", "a", {"of": "thing"})
    assert store.get("other", "a") is None
    assert store.all("other") == []


def test_a_second_put_replaces_the_document_and_keeps_its_place(store: Store):
    for key in ("a", "b"):
        store.put("thing", key, {"key": key})
    store.put("thing", "a", {"key": "a", "changed": True})
    assert [document["key"] for document in store.all("thing")] == ["a", "b"]
    assert store.get("thing", "a") == {"key": "a", "changed": True}


def test_a_prefix_is_taken_letter_by_letter_not_as_a_pattern(store: Store):
    for key in ("a%/1", "ab/1", "a_/1"):
        store.put("thing", key, {"key": key})
    assert store.all("thing", "a%/") == [{"key": "a%/1"}]
    assert store.all("thing", "a_/") == [{"key": "a_/1"}]


@given(
    st.lists(st.text("a/é\0\uffff\U0010ffff", max_size=3), unique=True), st.text("a/é\0\uffff\U0010ffff", max_size=2)
)
def test_all_finds_the_keys_that_begin_with_the_prefix_in_the_order_of_writing(keys: list[str], prefix: str):
    with TemporaryDirectory() as directory, closing(Store(Path(directory))) as store, store.transaction():
        for key in keys:
            store.put("thing", key, {"key": key})
        assert [document["key"] for document in store.all("thing", prefix)] == [
            key for key in keys if key.startswith(prefix)
        ]


def test_a_document_is_made_once(store: Store):
    first = store.get_or_make("thing", "a", lambda: {"made": 1})
    assert store.get_or_make("thing", "a", lambda: {"made": 2}) == first == store.get("thing", "a")


def test_deleting_tells_whether_there_was_something(store: Store):
    store.put("thing", "a", {})
    assert store.delete("thing", "a")
    assert not store.delete("thing", "a")


def test_a_transaction_that_fails_keeps_nothing(store: Store):
    def failing() -> None:
        with store.transaction():
            store.put("thing", "a", {})
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        failing()
    assert store.get("thing", "a") is None


def test_another_connection_sees_what_was_put(store: Store, tmp_path: Path):
    store.put("thing", "a", {"seen": True})
    with closing(Store(tmp_path)) as other:
        assert other.get("thing", "a") == {"seen": True}


def test_a_killed_process_loses_nothing_that_it_was_told_is_kept(tmp_path: Path):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    with writer.stdout as kept:
        told = [kept.readline() for _ in range(50)]
        os.kill(writer.pid, signal.SIGKILL)
        told += [line for line in kept if line.endswith("\n")]
    writer.wait()
    with closing(Store(tmp_path)) as store:
        numbers = [document["number"] for document in store.all("thing")]
    assert numbers[: len(told)] == list(range(len(told)))
