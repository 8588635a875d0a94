"""What became of many recordings, at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from quoth.cli.exits import ExitStatus
from quoth.formats.paragraphs import clock


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recording.

    Args:
        name: of the recording.
        status: as the command would end with if it were the only one.
        told: `done`, `skipped` or what was wrong.
        seconds: of audio; 0 where it was not transcribed.
        wall: seconds it took.
    """

    name: str
    status: ExitStatus
    told: str
    seconds: float = 0.0
    wall: float = 0.0


def show_summary(results: Sequence[Result], console: Console) -> None:
    """Print a line for each recording and one for all, if there is more than one."""
    if len(results) <= 1:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("recording", overflow="fold")
    for column in ("audio", "took", "RTFx"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for result in results:
        table.add_row(Text(result.name), *_figures(result.seconds, result.wall), Text(result.told))
    seconds, wall = (sum(getattr(each, name) for each in results) for name in ("seconds", "wall"))
    table.add_row("all", *_figures(seconds, wall), _counts(results), style="bold")
    console.print(table)


def _figures(seconds: float, wall: float) -> tuple[str, str, str]:
    if not seconds or not wall:
        return "-", "-", "-"
    return clock(seconds), clock(wall), f"{seconds / wall:.1f}"


def _counts(results: Sequence[Result]) -> str:
    done = sum(each.status is ExitStatus.OK and each.told == "done" for each in results)
    failed = sum(each.status is not ExitStatus.OK for each in results)
    counts = {"done": done, "skipped": len(results) - done - failed, "failed": failed}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)
