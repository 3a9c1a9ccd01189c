"""A second visitor's reading, idle and while another one trains. `python -m benchmarks.reading_during_run`

Over HTTP on this machine, by the request that the pad sends as ink lands, in turns: idle, running, idle, running, ...
"""

from __future__ import annotations

import threading
import time

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.visitor import Visitor, running_app
from mnist_core import load_pen_digits

TURNS, READINGS = 4, 250
PAUSE = 0.02  # s: nobody draws faster than the pad asks


def main() -> None:
    digits = load_pen_digits("dev").strokes
    drawings = [[stroke.tolist() for stroke in digits[i]] for i in range(READINGS)]
    idle, busy = [], []
    with running_app() as (url, _):
        trainer, reader = Visitor(url), Visitor(url)
        for _ in trainer.start(Epochs=1):
            pass
        measure(reader, drawings)  # the first readings warm everything up
        for _ in range(TURNS):
            idle += measure(reader, drawings)
            busy += while_training(trainer, reader, drawings)
        trainer.leave()
        reader.leave()
    print(f"{describe_machine()}; {len(idle)} readings each, in {TURNS} turns\n")
    print("| a second visitor's reading, over HTTP | p50, ms | p95, ms |\n|---|---:|---:|")
    for name, seconds in (("nobody trains", idle), ("while a run of Recommended is on", busy)):
        median, p95 = 1000 * np.percentile(seconds, [50, 95])
        print(f"| {name} | {median:.1f} | {p95:.1f} |")


def measure(reader: Visitor, drawings: list) -> list[float]:
    """Seconds of each reading."""
    waits = []
    for strokes in drawings:
        begun = time.perf_counter()
        reader.read(strokes)
        waits.append(time.perf_counter() - begun)
        time.sleep(PAUSE)
    return waits


def while_training(trainer: Visitor, reader: Visitor, drawings: list) -> list[float]:
    """The same while the other one's run is learning, from its first step on."""
    learning = threading.Event()

    def watch() -> None:
        for text in trainer.start(Epochs=2000):
            if text.startswith("Epoch"):
                learning.set()

    thread = threading.Thread(target=watch)
    thread.start()
    learning.wait(60)
    waits = measure(reader, drawings)
    trainer.stop()
    thread.join()
    return waits


if __name__ == "__main__":
    main()
