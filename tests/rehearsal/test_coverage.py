"""Each claim of rehearsal/COVERAGE.md names a test that exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
WITNESS = re.compile(r"`(tests/rehearsal/[\w/]+\.py)::(test_\w+)`")
HEADINGS = re.compile(r"\| *(call or rule|-+)[ |]")


def claims(text: str) -> list[list[str]]:
    """Return the cells of every table row that claims something."""
    rows = [line for line in text.splitlines() if line.startswith("|") and not HEADINGS.match(line)]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def flaws(text: str) -> Iterator[str]:
    """Yield a sentence for each claim that is not shown."""
    for cells in claims(text):
        witnesses = WITNESS.findall(cells[-1])
        if len(cells) != 3 or cells[1] not in ("full", "partial"):
            yield f"{cells[0]}: a claim has three cells, the second says full or partial"
        elif not witnesses:
            yield f"{cells[0]}: no witness"
        for path, name in witnesses:
            file = PROJECT / path
            if not file.exists() or not re.search(rf"^(async )?def {name}\(", file.read_text(), re.MULTILINE):
                yield f"{cells[0]}: {path}::{name} does not exist"


def test_every_claim_names_a_test_that_exists():
    text = (PROJECT / "rehearsal" / "COVERAGE.md").read_text()
    assert len(claims(text)) > 40
    assert list(flaws(text)) == []


@pytest.mark.parametrize(
    ("row", "flaw"),
    [
        ("| `GET /x` | full | |", "no witness"),
        ("| `GET /x` | full | trust me |", "no witness"),
        (
            "| `GET /x` | mostly | `tests/rehearsal/test_coverage.py::test_every_claim_names_a_test_that_exists` |",
            "full or",
        ),
        ("| `GET /x` | full | `tests/rehearsal/test_coverage.py::test_nothing` |", "does not exist"),
        ("| `GET /x` | full | `tests/rehearsal/test_nowhere.py::test_nothing` |", "does not exist"),
    ],
)
def test_a_claim_that_is_not_shown_is_found(row: str, flaw: str):
    (found,) = flaws(f"| call or rule | parity | witness |\n|---|---|---|\n{row}\n")
    assert flaw in found
