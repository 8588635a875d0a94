"""A picture of what bench/gpu.py measured."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

COLOURS = {"fp16": "tab:green", "bf16": "tab:blue", "fp32": "tab:red"}
STYLES = ("-", "--", ":")
USERS = "o"
MB_PER_GB = 1000.0


def plot(report: dict[str, Any], target: Path) -> None:
    """Draw speed and memory over windows in a pass, and what the whole takes."""
    import matplotlib as mpl  # noqa: PLC0415 - not needed to measure

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, (speed, memory, whole) = plt.subplots(1, 3, figsize=(16, 4.8))
    rows = [row for row in report["rows"] if "error" not in row]
    has_vram = any(row["peak_vram_reserved_mb"] for row in rows)
    key = "peak_vram_reserved_mb" if has_vram else "peak_rss_mb"
    for (audio, precision), style, curve in curves(rows):
        batches = [row["batch"] for row in curve]
        look = {"color": COLOURS[precision], "linestyle": style, "marker": "."}
        speed.plot(batches, [row["rtfx"] for row in curve], label=f"{audio}, {precision}", **look)
        memory.plot(batches, [row[key] / MB_PER_GB for row in curve], **look)
    speed.set(ylabel="words alone: audio seconds per second", ylim=0)
    memory.set(ylabel=f"{'VRAM reserved' if has_vram else 'resident memory'} at most, GB", ylim=0)
    for axes in (speed, memory):
        axes.set(xlabel="windows in a pass at most", xscale="log")
        axes.set_xscale("log", base=2)
        axes.grid(alpha=0.3)
    if speed.get_legend_handles_labels()[0]:
        speed.legend(fontsize=7)
    bars = [row for row in rows if row.get("batch") is None]
    whole.barh([label(row) for row in bars], [row["wall_s"] for row in bars])
    whole.bar_label(whole.containers[0], fmt="%.3g s", padding=2, fontsize=7)
    whole.tick_params(axis="y", labelsize=7)
    whole.invert_yaxis()
    whole.margins(x=0.15)
    whole.set(xlabel="seconds, as users get it")
    machine = report["machine"]
    name = machine["gpu"] or f"{machine['processor']}, {machine['cores']} cores"
    model = report["model"] or "Parakeet of 0.6B random weights"
    figure.suptitle(f"{model} on NeMo, {name}, {report['date']}")
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    plt.close(figure)


def curves(
    rows: Sequence[dict[str, Any]],
) -> list[tuple[tuple[str, str], str, list[dict[str, Any]]]]:
    """Return audio and precision, a line style for the audio, and rows by rising batch."""
    swept = [row for row in rows if row["work"] == "words" and row["batch"] is not None]
    audios = list(dict.fromkeys(row["audio"] for row in swept))
    kinds = list(dict.fromkeys((row["audio"], row["precision"]) for row in swept))
    return [
        (
            kind,
            STYLES[audios.index(kind[0]) % len(STYLES)],
            sorted(
                (row for row in swept if (row["audio"], row["precision"]) == kind),
                key=lambda row: int(row["batch"]),
            ),
        )
        for kind in kinds
    ]


def label(row: dict[str, Any]) -> str:
    """Say in one line what a row is."""
    parts = [row["work"], row["audio"], row["precision"], row["diarizer"]]
    return ", ".join(part for part in parts if part)
