"""Ten visitors who draw beside one who asks for everything: what do they wait for?"""

from __future__ import annotations

import time
from collections import Counter

import numpy as np

from benchmarks.greedy import Greedy
from tests.support.crowd import Crowd, Waits
from tests.support.visitor import Visitor, running_app

VISITORS, TURNS, SECONDS, SHORT = 10, 3, 8.0, 4.0
NOBODY = "nobody else"
COLUMNS = ("beside whom they draw", "readings/s", "p50, ms", "p95, ms", "max, ms", "without a reading",
           "its requests answered", "refused", "with an error")  # fmt: skip
Found = dict[str, tuple[Waits, Counter[str]]]


def measure(only: list[str], *, each: bool) -> list[list[str]]:
    """The table's rows.

    Args:
        only: what the greedy one asks for; empty for everything.
        each: whether they also ask for one thing after the other.
    """
    found: Found = {}
    with running_app() as (url, _), Greedy(url) as greedy:
        visitors = [Visitor(url) for _ in range(VISITORS)]
        names = only or greedy.names
        for turn in range(TURNS):
            _watch(NOBODY, visitors, turn, SECONDS, found)
            with greedy.asking(names) as counts:
                _watch("everything", visitors, turn, SECONDS, found)
            found["everything"][1].update(counts)
        for name in names if each else ():
            with greedy.asking([name]) as counts:
                _watch(name, visitors, 0, SHORT, found)
            found[name][1].update(counts)
        for visitor in visitors:
            visitor.leave()
    return [_row(name, *seen) for name, seen in found.items()]


def _watch(name: str, visitors: list[Visitor], turn: int, seconds: float, found: Found) -> None:
    with Crowd(visitors, turn, is_patient=True) as crowd:
        time.sleep(seconds)
    found.setdefault(name, (Waits(), Counter()))[0].add(crowd.waits)


def _row(name: str, waits: Waits, counts: Counter[str]) -> list[str]:
    p50, p95, most = 1000 * np.percentile(waits.answers or [np.inf], [50, 95, 100])
    kinds: Counter[str] = Counter()
    for what, count in counts.items():
        kind = what.rpartition(": ")[2]
        kinds[kind if kind in {"answered", "refused"} else "error"] += count
    return [
        name, f"{len(waits.answers) / waits.seconds:.0f}", f"{p50:.1f}", f"{p95:.1f}", f"{most:.0f}",
        str(waits.failed), *(f"{kinds[kind]:,}" for kind in ("answered", "refused", "error")),
    ]  # fmt: skip
