"""One view of how far everything is, on standard error: all recordings, and stages of this one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.text import Text

from quoth.domain.errors import Cancelled
from quoth.domain.progress import Stage, StageProgress

LABELS = {
    Stage.DECODE: "decoding",
    Stage.DETECT_SPEECH: "finding speech",
    Stage.TRANSCRIBE: "recognising words",
    Stage.DIARIZE: "telling speakers apart",
}
MINUTE = 60


class ProgressView:
    """Shows the stages of the recording at work, and how many of how many are done.

    Args:
        console: where to.
        stopped: set when the command was told to stop; the next report then raises.
        count: recordings there are; with more than one a bar for all of them is shown.
        total_bytes: how large they are together, by which that bar advances.
    """

    def __init__(
        self, console: Console, stopped: threading.Event, count: int = 1, total_bytes: int = 0
    ) -> None:
        self._console = console
        self._stopped = stopped
        self._count = count
        self._total_bytes = max(1, total_bytes)
        self._done_bytes = 0
        self._done = 0
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[remaining]}"),
            console=console,
            transient=True,
        )
        self._all: TaskID | None = None

    def __enter__(self) -> Self:
        """Show the bars to come."""
        self._bars.start()
        if self._count > 1:
            self._all = self._bars.add_task(self._label(), total=1.0, remaining="")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Take the bars away."""
        self._bars.stop()

    @contextmanager
    def recording(
        self, name: str, size_bytes: int = 0
    ) -> Iterator[Callable[[StageProgress], None]]:
        """Show the stages of one recording while the context lasts; give what they report to.

        What is given raises `Cancelled` once the command was told to stop.
        """
        tasks: dict[Stage, TaskID] = {}

        def observe(progress: StageProgress) -> None:
            if self._stopped.is_set():
                raise Cancelled
            self._show(progress, tasks)
            self._advance(progress.fraction * size_bytes)

        self._console.print(Text(name, style="bold"))
        try:
            yield observe
        finally:
            for task in tasks.values():
                self._bars.remove_task(task)
            self._done += 1
            self._done_bytes += size_bytes
            self._advance(0.0)

    def _show(self, progress: StageProgress, tasks: dict[Stage, TaskID]) -> None:
        if progress.stage not in tasks:
            label = f"  {LABELS[progress.stage]:<23}"
            tasks[progress.stage] = self._bars.add_task(label, total=1.0, remaining="")
        is_done = progress.stage_fraction >= 1
        self._bars.update(
            tasks[progress.stage],
            completed=progress.stage_fraction,
            remaining="" if is_done or progress.remaining is None else _left(progress.remaining),
        )

    def _advance(self, bytes_of_this: float) -> None:
        if self._all is not None:
            fraction = min(1.0, (self._done_bytes + bytes_of_this) / self._total_bytes)
            self._bars.update(self._all, completed=fraction, description=self._label())

    def _label(self) -> str:
        return f"{self._done} of {self._count} recordings".ljust(25)


def _left(seconds: float) -> str:
    if seconds < MINUTE:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / MINUTE)} min left"
