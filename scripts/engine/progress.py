"""Progress of a long step: a bar on a terminal, a plain line every tenth elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class Steps:
    """Counts the steps of one task as they are done."""

    def __init__(self, title: str, total: int) -> None:
        self._title = title
        self._total = total
        self._done = 0
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        console = Console(stderr=True)
        self._bar = Progress(*columns, TimeElapsedColumn(), console=console) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=self._total)
        else:
            print(f"{self._title} …", flush=True)
        self._started = time.monotonic()
        return self

    def advance(self) -> None:
        """One more step is done."""
        self._done += 1
        if self._bar:
            self._bar.advance(self._task)
        elif 10 * self._done // self._total > 10 * (self._done - 1) // self._total:
            print(f"{self._title} … {10 * (10 * self._done // self._total)} %", flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            if error is None:
                self._bar.update(self._task, completed=self._total)
            self._bar.stop()
        elif error is None:
            print(f"{self._title}: done in {time.monotonic() - self._started:.0f} s", flush=True)
