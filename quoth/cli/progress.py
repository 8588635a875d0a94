"""Progress bars, one for each stage, on standard error."""

import threading
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


class ProgressBars:
    """Shows the stages of one recording, and ends its work when told to stop."""

    def __init__(self, console: Console, name: str, stopped: threading.Event) -> None:
        self._console = console
        self._name = name
        self._stopped = stopped
        self._tasks: dict[Stage, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[remaining]}"),
            console=console,
            transient=True,
        )

    def __enter__(self) -> Self:
        """Show the name of the recording and the bars to come."""
        self._console.print(Text(self._name, style="bold"))
        self._bars.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Take the bars away."""
        self._bars.stop()

    def __call__(self, progress: StageProgress) -> None:
        """Show a report.

        Raises:
            Cancelled: if the command was told to stop.
        """
        if self._stopped.is_set():
            raise Cancelled
        if progress.stage not in self._tasks:
            label = f"  {LABELS[progress.stage]:<23}"
            self._tasks[progress.stage] = self._bars.add_task(label, total=1.0, remaining="")
        is_done = progress.stage_fraction >= 1
        self._bars.update(
            self._tasks[progress.stage],
            completed=progress.stage_fraction,
            remaining="" if is_done or progress.remaining is None else _left(progress.remaining),
        )


def _left(seconds: float) -> str:
    if seconds < MINUTE:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / MINUTE)} min left"
