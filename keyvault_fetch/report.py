"""What a person, or a program, is told of a job's secrets. Values are never part of it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

from .ci.nodes import Problem
from .job import OURS
from .outcome import ExitCode, Failure, Notice, Outcome, exit_code
from .service_error import printable


@dataclass(frozen=True)
class Report:
    """Everything there is to tell; `others` are (variable, provider) of secrets that are not ours."""

    job: str
    outcomes: tuple[Outcome, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    warnings: tuple[Notice, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that tells of the worst."""
        return ExitCode.JOB if self.problems else exit_code(self.outcomes)


def to_json(report: Report) -> str:
    """Return the report as JSON (docstring of `_secret`; lists: warnings ({id, message}), problems, not_ours)."""
    document = {
        "job": report.job,
        "ok": report.exit_code == ExitCode.OK,
        "exit_code": int(report.exit_code),
        "secrets": [_secret(outcome) for outcome in report.outcomes],
        "warnings": [vars(notice) for notice in report.warnings],
        "problems": [vars(problem) for problem in report.problems],
        "not_ours": [{"variable": variable, "provider": provider} for variable, provider in report.others],
    }
    return json.dumps(document, indent=2)


def _secret(outcome: Outcome) -> dict[str, object]:
    """Return one secret's part: as asked, as resolved (length in characters), error and cause, warnings."""
    failure = outcome.failure
    return {
        "variable": outcome.wanted.variable,
        "name": outcome.wanted.name,
        "requested_version": outcome.wanted.version,
        "file": outcome.wanted.file,
        "resolved": failure is None,
        "version": outcome.version,
        "length": None if outcome.value is None else len(outcome.value),
        "error": vars(failure.error) if failure else None,
        "cause": {key: getattr(failure.cause, key) for key in ("id", "meaning", "mend")} if failure else None,
        "warnings": [vars(notice) for notice in outcome.notices],
    }


def write(report: Report, out: TextIO) -> None:
    """Write the report for people: a table on a terminal, plain lines elsewhere."""
    if report.outcomes and out.isatty():
        _write_table(report, out)
    else:
        out.writelines(f"{line}\n" for line in _rows(report))
    out.writelines(f"{line}\n" for line in _rest(report))


def _rows(report: Report) -> Iterator[str]:
    cells = [_cells(outcome) for outcome in report.outcomes]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cells(outcome: Outcome) -> tuple[str, ...]:
    wanted = outcome.wanted
    name = " ".join(printable(wanted.name).split())
    if outcome.failure:
        return "FAILED", wanted.variable, name, _title(outcome.failure), "", "", ""
    length = f"{len(outcome.value or '')} characters"
    form, warned = "file" if wanted.file else "value", ", ".join(notice.id for notice in outcome.notices)
    return "ok", wanted.variable, name, outcome.version or "", length, form, warned


def _write_table(report: Report, out: TextIO) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"Job {report.job}", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    headers = ("", "Variable", "Secret", "Version or error", "Length", "As", "Warning")
    shown = headers if any(outcome.notices for outcome in report.outcomes) else headers[:-1]
    for header in shown:
        table.add_column(header, overflow="fold")
    for outcome in report.outcomes:
        state, *cells = _cells(outcome)
        colour = "red" if outcome.failure else "yellow" if outcome.notices else "green"
        table.add_row(Text(state, colour), *map(Text, cells[: len(shown) - 1]))
    Console(file=out, highlight=False).print(table)


def warning_lines(report: Report) -> Iterator[str]:
    """Return a line for each warning: the job's, then each secret's."""
    yield from (f"warning: {printable(notice.message)}" for notice in report.warnings)
    for outcome in report.outcomes:
        yield from (f"warning: {outcome.wanted.variable} {notice.message}" for notice in outcome.notices)


def _rest(report: Report) -> Iterator[str]:
    yield from (f"{variable}: resolved by {provider}, not by {OURS}" for variable, provider in report.others)
    yield from warning_lines(report)
    for failure, variables in _grouped(report.outcomes):
        yield ""
        yield f"{', '.join(variables)}: {_title(failure)}"
        yield from (f"  {line}" for line in failure.error.message.splitlines())
        yield f"  means: {failure.cause.meaning}"
        first, *more = failure.cause.mend.splitlines()
        yield f"  mend:  {first}"
        yield from (f"         {line}" for line in more)
    yield from map(str, report.problems)
    if report.outcomes:
        resolved = sum(outcome.failure is None for outcome in report.outcomes)
        yield ""
        yield f"job {report.job}: {resolved} of {len(report.outcomes)} secrets resolved"


def _title(failure: Failure) -> str:
    status = f"HTTP {failure.error.status} " if failure.error.status else ""
    return f"{status}{failure.error.code}"


def _grouped(outcomes: Iterable[Outcome]) -> Iterable[tuple[Failure, list[str]]]:
    groups: dict[Failure, list[str]] = {}
    for outcome in outcomes:
        if outcome.failure:
            groups.setdefault(outcome.failure, []).append(outcome.wanted.variable)
    return groups.items()
