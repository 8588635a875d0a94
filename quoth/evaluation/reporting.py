"""A report as JSON for programs and as a table for people."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from quoth.evaluation.measurement import Accuracy, FileResult, Report
from quoth.evaluation.scoring import ErrorRate

_HEADINGS = (
    "file",
    "audio s",
    "WER",
    "DER 0 / .25",
    "speakers",
    "cpWER / tcpWER",
    "wall s",
    "RTFx",
    "CPU s",
    "peak MB",
)
_NOTHING = "-"
_MEGABYTE = 1_000_000


def to_json(report: Report) -> str:
    """Return a report as JSON; rates in percent with what they are made of."""
    return json.dumps(document(report), ensure_ascii=False, indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """Return a report as plain values."""
    return {
        "date": report.date,
        "commit": report.commit,
        "engine": report.engine,
        "model": report.model,
        "machine": asdict(report.machine),
        "versions": report.versions,
        "pooled": _accuracy(report.pooled),
        "files": [_file(one) for one in report.files],
    }


def table(report: Report) -> str:
    """Return a report as a Markdown table whose columns line up."""
    rows = [_HEADINGS, *(_row(one) for one in report.files)]
    if len(report.files) > 1:
        rows.append(_total(report))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    rule = tuple("-" * width for width in widths)
    lines = [_line(row, widths) for row in (rows[0], rule, *rows[1:])]
    machine = f"{report.machine.processor}, {report.machine.cores} cores"
    if report.machine.gpu:
        machine += f", {report.machine.gpu}"
    return "\n".join([*lines, "", f"{report.engine} {report.model}; {machine}; {report.date}", ""])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return f"| {' | '.join(cells)} |"


def _row(one: FileResult) -> tuple[str, ...]:
    true = _NOTHING if one.speakers_true is None else str(one.speakers_true)
    return (
        one.name,
        f"{one.duration:.0f}",
        *_rates(one.accuracy, f"{one.speakers_found}/{true}"),
        f"{one.cost.wall_seconds:.1f}",
        f"{one.rtfx:.1f}",
        f"{one.cost.cpu_seconds:.1f}",
        f"{one.cost.peak_rss_bytes / _MEGABYTE:.0f}",
    )


def _total(report: Report) -> tuple[str, ...]:
    right = sum(one.speakers_found == one.speakers_true for one in report.files)
    known = sum(one.speakers_true is not None for one in report.files)
    wall = sum(one.cost.wall_seconds for one in report.files)
    duration = sum(one.duration for one in report.files)
    return (
        "all, pooled",
        f"{duration:.0f}",
        *_rates(report.pooled, f"{right} of {known} right"),
        f"{wall:.1f}",
        f"{duration / wall if wall else 0:.1f}",
        f"{sum(one.cost.cpu_seconds for one in report.files):.1f}",
        f"{max(one.cost.peak_rss_bytes for one in report.files) / _MEGABYTE:.0f}",
    )


def _rates(accuracy: Accuracy, speakers: str) -> tuple[str, ...]:
    return (
        _percent(accuracy.wer),
        f"{_percent(accuracy.der)} / {_percent(accuracy.der_with_collar)}",
        speakers,
        f"{_percent(accuracy.cpwer)} / {_percent(accuracy.tcpwer)}",
    )


def _percent(rate: ErrorRate | None) -> str:
    return _NOTHING if rate is None or rate.percent is None else f"{rate.percent:.1f}"


def _file(one: FileResult) -> dict[str, Any]:
    return {
        "name": one.name,
        "duration": round(one.duration, 3),
        **_accuracy(one.accuracy),
        "speakers_found": one.speakers_found,
        "speakers_true": one.speakers_true,
        "wall_seconds": round(one.cost.wall_seconds, 3),
        "cpu_seconds": round(one.cost.cpu_seconds, 3),
        "peak_rss_bytes": one.cost.peak_rss_bytes,
        "rtfx": round(one.rtfx, 2),
        "warnings": list(one.warnings),
    }


def _accuracy(accuracy: Accuracy) -> dict[str, Any]:
    return {name: _rate(getattr(accuracy, name)) for name in Accuracy.__dataclass_fields__}


def _rate(rate: ErrorRate | None) -> dict[str, float | None] | None:
    if rate is None:
        return None
    percent = None if rate.percent is None else round(rate.percent, 2)
    return {"percent": percent, "errors": round(rate.errors, 3), "total": round(rate.total, 3)}
