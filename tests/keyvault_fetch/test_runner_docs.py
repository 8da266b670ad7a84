"""Each behaviour in docs/runner.md names a test that exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "runner.md"
WITNESS = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
HEADINGS = re.compile(r"\| *(Behaviour|The Runner|-+) *\|")


def behaviours(text: str) -> list[list[str]]:
    """Return the cells of every table row that tells of a behaviour."""
    rows = [line for line in text.splitlines() if line.startswith("|") and not re.match(HEADINGS, line)]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def flaws(text: str) -> Iterator[str]:
    """Yield a sentence for each behaviour without a source or a test."""
    for cells in behaviours(text):
        if len(cells) != 3 or not all(cells[:2]):
            yield f"{cells[0]}: a row has three cells, behaviour, source and test"
        witnesses = WITNESS.findall(cells[-1])
        if not witnesses:
            yield f"{cells[0]}: no test"
        for name, test in witnesses:
            file = HERE / name
            if not file.exists() or not re.search(rf"^def {test}\(", file.read_text(), re.MULTILINE):
                yield f"{cells[0]}: {name}::{test} does not exist"


def test_every_behaviour_of_the_runner_names_a_test_that_exists():
    text = PAGE.read_text()
    assert len(behaviours(text)) > 30
    assert list(flaws(text)) == []


def test_every_warning_that_the_page_names_is_one_of_ours_and_none_is_left_out():
    product = HERE.parents[1] / "keyvault_fetch"
    source = "".join((product / f"{name}.py").read_text() for name in ("notices", "runner_settings"))
    ours = set(re.findall(r'Notice\(\s*"([a-z-]+)"', source)) - {"ci-file"}
    told = {
        name for ids in re.findall(r"we warn \(([^)]+)\)", PAGE.read_text()) for name in re.findall(r"`(.+?)`", ids)
    }
    assert told == ours


@pytest.mark.parametrize(
    ("row", "flaw"),
    [
        ("| It sings | the score | |", "no test"),
        ("| It sings | the score | `test_runner_docs.py::test_nothing` |", "does not exist"),
        ("| It sings | the score | `test_nowhere.py::test_nothing` |", "does not exist"),
        (f"| It sings | | `{Path(__file__).name}::test_a_behaviour_that_is_not_shown_is_found` |", "three cells"),
    ],
)
def test_a_behaviour_that_is_not_shown_is_found(row: str, flaw: str):
    (found,) = flaws(f"| Behaviour | Source | Our test |\n|---|---|---|\n{row}\n")
    assert flaw in found
