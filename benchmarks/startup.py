"""From `python app.py` to the first reading, and how much memory the app needs. `python -m benchmarks.startup`

The first reading is the request that the pad sends as ink lands, over HTTP on this machine, by a visitor who opens the
page as soon as the app listens.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median

from benchmarks.machine import describe_machine
from tests.support.visitor import ROOT, Visitor, memory, running_app

STARTS = 7
VISITORS = 200
RUNS = 10  # a visitor may keep 12
SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]

_IMPORT = """
import time, ui.page
from tests.support.visitor import memory
from os import getpid
before, begun = memory(getpid()), time.perf_counter()
import tensorflow
print(time.perf_counter() - begun, memory(getpid()) - before)
"""


@dataclass(frozen=True)
class Start:
    """One start: seconds until the app listened, seconds until the first reading, MB after it."""

    listening: float
    first_reading: float
    memory: float


def main() -> None:
    start()  # warms the disk
    starts = [start() for _ in range(STARTS)]
    per_visitor = measure_visitors()
    runs = measure_runs()
    import_seconds, import_memory = measure_import()
    later = median(seconds for seconds, _ in runs[1:])
    first_runs_memory = runs[0][1] - median(each.memory for each in starts)
    print(
        f"{describe_machine()}; medians of {STARTS} starts, {VISITORS} visitors, {RUNS} runs of Recommended, 1 epoch\n"
    )
    print("| from `python app.py`, disk warm | s |\n|---|---:|")
    print(f"| until it listens | {median(each.listening for each in starts):.2f} |")
    print(f"| until the first reading | {median(each.first_reading for each in starts):.2f} |")
    print(f"| the slowest of these starts | {max(each.first_reading for each in starts):.2f} |")
    print(f"| later, `import tensorflow` in the first run | {import_seconds:.2f} |")
    print(f"| the first run, from Start to its end | {runs[0][0]:.2f} |")
    print(f"| a later run, from Start to its end | {later:.2f} |\n")
    print("| resident memory | MB |\n|---|---:|")
    print(f"| after the first reading | {median(each.memory for each in starts):.0f} |")
    print(f"| each visitor who has drawn and keeps the page open | {per_visitor:.2f} |")
    print(f"| the first run, once: TensorFlow, MNIST, the graph | {first_runs_memory:.0f} |")
    print(f"| of that, `import tensorflow` | {import_memory:.0f} |")
    print(f"| each later run that a visitor keeps | {(runs[-1][1] - runs[0][1]) / (len(runs) - 1):.1f} |")


def start() -> Start:
    begun = time.perf_counter()
    with running_app() as (url, pid):
        listening = time.perf_counter() - begun
        visitor = Visitor(url)
        visitor.read(SEVEN)
        first_reading = time.perf_counter() - begun
        visitor.leave()
        return Start(listening, first_reading, memory(pid))


def measure_visitors() -> float:
    """MB of memory for each visitor who opens the page, draws and stays."""
    with running_app() as (url, pid):
        visitors = [Visitor(url)]
        visitors[0].read(SEVEN)
        before = memory(pid)
        for _ in range(VISITORS):
            visitors.append(Visitor(url))
            visitors[-1].read(SEVEN)
        after = memory(pid)
        for visitor in visitors:
            visitor.leave()
    return (after - before) / VISITORS


def measure_runs() -> list[tuple[float, float]]:
    """Of each of a visitor's runs: seconds from Start to its end, and MB of memory after it."""
    measured = []
    with running_app() as (url, pid):
        visitor = Visitor(url)
        for _ in range(RUNS):
            begun = time.perf_counter()
            *_, text = visitor.start(Epochs=1)
            if not text.startswith("Done"):
                raise RuntimeError(f"The run did not end well: {text}")
            measured.append((time.perf_counter() - begun, memory(pid)))
        visitor.leave()
    return measured


def measure_import() -> tuple[float, float]:
    """Seconds and MB that importing TensorFlow takes where the page is there already."""
    answer = subprocess.run(
        [sys.executable, "-c", _IMPORT], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    seconds, megabytes = map(float, answer.stdout.split())
    return seconds, megabytes


if __name__ == "__main__":
    main()
