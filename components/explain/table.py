"""The answers to jobs as a person reads them, a table for each project, and as programs do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from components.explain.answers import Answer, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.settings.stack import Settings

__all__ = ["as_json", "show"]

_WIDE: Final = 150
"""Columns of a terminal from which on a subject fits beside the rest."""

_NARROW: Final = 110
"""Columns of a terminal below which every column is narrow."""


def show(answers: Sequence[Answer], settings: Settings) -> None:
    """Print a table for each project. Where there is room the subjects stand in a column of their own."""
    console = Console(highlight=False)
    wide, narrow = console.width >= _WIDE, console.width < _NARROW
    for path in dict.fromkeys(answer.project.path for answer in answers):
        rows = [answer for answer in answers if answer.project.path == path]
        table = Table(title=_title(rows[0]), title_justify="left", title_style="bold", box=box.ROUNDED, show_lines=True)
        table.add_column("Job", max_width=18 if narrow else 30, overflow="fold")
        table.add_column("May read", max_width=26 if narrow else 40, overflow="fold")
        table.add_column("Why", overflow="fold")
        if wide:
            table.add_column("Subject (sub)", overflow="fold")
        for answer in rows:
            table.add_row(*_cells(answer, settings, wide=wide))
        console.print(table)


def _cells(answer: Answer, settings: Settings, *, wide: bool) -> list[Text]:
    trusted = answer.prediction.credential is not None
    nothing = "nothing with this role" if trusted else "nothing"
    may_read = "\n".join("\n· ".join([one.vault, *one.words]) for one in answer.may_read)
    subject = shown(answer.prediction.subject, settings)
    why = Text(shown(answer.why, settings))
    job = Text(answer.asked.label)
    reads = Text(may_read or nothing, "green" if may_read else "red")
    if wide:
        return [job, reads, why, Text(subject, "dim")]
    # A subject is longer than most columns: it is parted where a person reads it best.
    folded = subject.replace(":ref", "\n:ref", 1)
    return [job, reads, why.append(f"\n{folded}", "dim")]


def _title(answer: Answer) -> str:
    project = answer.project
    identity = {"application": "an application of its own", "shared": "the shared application"}
    return f"{project.path} · {identity.get(project.identity, 'a managed identity')} · {project.role}"


def as_json(answer: Answer, settings: Settings) -> dict[str, Any]:
    """Return an answer as JSON has it, for programs."""
    found, job = answer.prediction, answer.asked.job
    return {
        "project": answer.project.path,
        "job": answer.asked.label,
        "runs_in": job.project_path,
        "ref_type": job.ref_type,
        "ref": job.ref,
        "ref_protected": job.ref_protected,
        "environment_protected": job.environment_protected,
        "deployment_tier": job.deployment_tier or None,
        "sub": shown(found.subject, settings),
        "trusted": found.credential is not None,
        "credential": found.credential.name if found.credential else None,
        "code": f"AADSTS{found.code}" if found.code else None,
        "why": shown(answer.why, settings),
        "identity": answer.project.identity,
        "role": answer.project.role,
        # No names: every secret of the vault.
        "may_read": [{"vault": one.vault, "secrets": list(one.secrets) or None} for one in answer.may_read],
    }
