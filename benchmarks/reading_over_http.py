"""Readings over HTTP, by the request that the pad sends as ink lands: 1, 10 and 50 visitors, idle and during a run."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict

import numpy as np

from benchmarks.machine import describe_machine
from tests.support.crowd import Crowd, Waits
from tests.support.visitor import Visitor, running_app

VISITORS = (1, 10, 50)
STATES = ("nobody trains", "a run is on")
TURNS, SECONDS = 2, 8.0  # s: how long they draw in each turn


def measure() -> None:
    """Measure in turns and print the table."""
    waits: dict[tuple[int, str], Waits] = defaultdict(Waits)
    with running_app() as (url, _):
        trainer, drawing = Visitor(url), [Visitor(url) for _ in range(max(VISITORS))]
        with trainer.run_under_way(), Crowd(drawing):
            time.sleep(2)  # the first readings and the first run warm everything up
        for turn in range(TURNS):
            for state in STATES:
                with trainer.run_under_way() if state == STATES[1] else contextlib.nullcontext():
                    for count in VISITORS:
                        with Crowd(drawing[:count], turn) as crowd:
                            time.sleep(SECONDS)
                        waits[count, state].add(crowd.waits)
        for visitor in [trainer, *drawing]:
            visitor.leave()
    print(f"{describe_machine()}; {TURNS} turns of {SECONDS:.0f} s each\n")
    print("| visitors drawing at once, over HTTP | readings/s | request to answer, p50, ms | p95, ms "
          "| end of a stroke to its reading, p50, ms | p95, ms | the visitors' own share of a core, % |")  # fmt: skip
    print("|---|" + 6 * "---:|")
    for state in STATES:
        for count in VISITORS:
            print(_row(f"{count}, {state}", waits[count, state]))


def _row(name: str, waits: Waits) -> str:
    answer_50, answer_95 = 1000 * np.percentile(waits.answers, [50, 95])
    stroke_50, stroke_95 = 1000 * np.percentile(waits.strokes, [50, 95])
    rate, share = len(waits.answers) / waits.seconds, 100 * waits.processor / waits.seconds
    milliseconds = f"{answer_50:.1f} | {answer_95:.1f} | {stroke_50:.0f} | {stroke_95:.0f}"
    return f"| {name} | {rate:.0f} | {milliseconds} | {share:.0f} |"
