"""A picture of what bench/http_load.py measured.

python bench/http_plot.py bench/results/http-2-cores.json
"""

import json
import sys
from pathlib import Path
from typing import Any

MET, MISSED = "tab:green", "tab:red"
MB = 1_000_000


def plot(report: dict[str, Any], target: Path) -> None:
    """Draw each number beside what was aimed for, latencies, and memory."""
    import matplotlib as mpl  # noqa: PLC0415 - not needed to measure

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, (speed, waits, memory) = plt.subplots(1, 3, figsize=(15, 4.5))
    runs = report["runs"]
    aims = [aim for aim in report["aims"] if aim["what"] == "per_s"]
    for place, aim in enumerate(aims):
        values = [one["per_s"] for one in runs[aim["run"]]["rounds"]]
        speed.bar(place, aim["measured"], color=MET if aim["is_met"] else MISSED, alpha=0.7)
        speed.plot([place] * len(values), values, "k.")
        speed.hlines(aim["at least"], place - 0.45, place + 0.45, "k", "dashed")
    speed.set_xticks(range(len(aims)), [aim["run"] for aim in aims])
    speed.set(ylabel="in a second; dots: rounds, dashes: aim", ylim=0)
    names = [name for name, one in runs.items() if one["load"]["size"] < MB]
    for offset, key in enumerate(("p50_ms", "p95_ms", "p99_ms")):
        values = [runs[name]["median"][key] for name in names]
        waits.bar([place + 0.25 * offset for place in range(len(names))], values, 0.24, label=key)
    waits.set_xticks([place + 0.25 for place in range(len(names))], names)
    waits.set(ylabel="ms", yscale="log")
    waits.axhline(100, color="k", linestyle="dashed")
    waits.legend()
    rows = [
        (f"{name}, round {number}", one)
        for name, run in runs.items()
        for number, one in enumerate(run["rounds"], start=1)
    ]
    labels = [label for label, _ in rows]
    memory.barh(labels, [one["rss_peak_mb"] for _, one in rows], alpha=0.5, label="at most")
    memory.barh(labels, [one["rss_before_mb"] for _, one in rows], 0.4, label="before")
    memory.invert_yaxis()
    memory.tick_params(axis="y", labelsize=7)
    memory.set(xlabel="memory of the server, MB")
    memory.legend(fontsize=7)
    machine = report["machine"]
    figure.suptitle(
        f"HTTP with engines that cost nothing, {machine['processor']}, {machine['cores']} cores "
        f"shared with the clients, load {report['load_before']:.0f} before, "
        f"fsync {report['fsync_ms']} ms, {report['date']}"
    )
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    source = Path(sys.argv[1])
    plot(json.loads(source.read_text()), source.with_suffix(".png"))
