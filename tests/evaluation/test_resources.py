import subprocess
import sys
from time import process_time

from quoth.evaluation.resources import CostMeter

BUSY = "import time\nwhile time.process_time() < 0.3: pass"
BIG = "import time; content = b'x' * 150_000_000; time.sleep(0.4)"


def test_processor_time_of_this_process_counts() -> None:
    with CostMeter() as meter:
        until = process_time() + 0.2
        while process_time() < until:
            pass
    assert 0.15 <= meter.cost.cpu_seconds < 1.0
    assert meter.cost.wall_seconds >= 0.19


def test_processor_time_of_an_ended_child_counts() -> None:
    with CostMeter() as meter:
        subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert 0.29 <= meter.cost.cpu_seconds < 2.0


def test_processor_time_of_a_child_still_running_counts() -> None:
    script = f"{BUSY}\nprint('done', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        with CostMeter() as meter:
            assert child.stdout is not None
            child.stdout.readline()
        child.communicate(b"\n")
    assert 0.2 <= meter.cost.cpu_seconds < 2.0


def test_memory_of_children_adds_to_the_peak() -> None:
    with CostMeter() as alone:
        pass
    with CostMeter() as meter:
        subprocess.run([sys.executable, "-c", BIG], check=True)
    assert meter.cost.peak_rss_bytes > alone.cost.peak_rss_bytes + 140_000_000
