"""Ten visitors and one flooder: does anybody notice? `python -m benchmarks.flood`

Ten visitors draw, at the pace of a hand, one more opens the page and retrains, again and again, and one client asks for
readings as fast as it can over 100 connections: by the request that the pad sends, with and without a page of its own,
and at the named endpoint. Once more without the limits, for comparison. All take turns, in one run.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx
import numpy as np

from benchmarks.machine import describe_machine
from tests.support.crowd import Crowd, Waits
from tests.support.flooder import CONNECTIONS, ENDPOINT, OWN_PAGE, PAD, flooding
from tests.support.visitor import Visitor, running_app

VISITORS, TURNS, SECONDS = 10, 3, 6.0
NOBODY = "nobody"
WAYS = (NOBODY, PAD, OWN_PAGE, ENDPOINT)
APPS: dict[str, tuple[str, ...]] = {"with limits": (), "without": ("-m", "benchmarks.app_without_limits")}
SHORT = {"Epochs": 2}


@dataclass
class Figures:
    """What was seen while one client flooded one app."""

    waits: Waits = field(default_factory=Waits)
    flooder: Counter[str] = field(default_factory=Counter)
    runs: list[float] = field(default_factory=list)  # seconds from Start to the end
    failed_runs: int = 0


def main() -> None:
    figures = {(app, way): Figures() for app in APPS for way in WAYS}
    with contextlib.ExitStack() as running:
        urls = {app: running.enter_context(running_app(*command))[0] for app, command in APPS.items()}
        visitors = {app: [Visitor(url) for _ in range(VISITORS)] for app, url in urls.items()}
        for url in urls.values():
            retrain(url, 1, Figures())  # the first run takes longer
        for turn in range(TURNS):
            for way in WAYS:
                for app, url in urls.items():
                    with contextlib.ExitStack() as flooder:
                        counts = flooder.enter_context(flooding(url, way)) if way != NOBODY else Counter[str]()
                        watch(url, visitors[app], turn, figures[app, way])
                    figures[app, way].flooder += counts
        for visitor in [each for app in APPS for each in visitors[app]]:
            visitor.leave()
    show(figures)


def watch(url: str, visitors: list[Visitor], turn: int, figures: Figures) -> None:
    """Let all draw and one more retrain, for SECONDS."""
    with Crowd(visitors, turn, is_patient=True) as crowd:
        retrain(url, SECONDS, figures)
    figures.waits.add(crowd.waits)


def retrain(url: str, seconds: float, figures: Figures) -> None:
    """Open the page and press Start until so many seconds are over; wait for the run's end each time."""
    end = time.perf_counter() + seconds
    visitor: Visitor | None = None
    while (began := time.perf_counter()) < end:
        try:
            visitor = visitor or Visitor(url)
            *_, text = visitor.start(**SHORT)
            if not text.startswith("Done"):
                raise ValueError(text)
            figures.runs.append(time.perf_counter() - began)
        except (httpx.HTTPError, ValueError, LookupError):
            figures.failed_runs += 1
            time.sleep(0.2)
    if visitor:
        visitor.leave()


def show(figures: dict[tuple[str, str], Figures]) -> None:
    crowd = f"{VISITORS} visitors who draw and one who retrains, {CONNECTIONS} connections of the flooder"
    print(f"{describe_machine()}; {crowd}, {TURNS} turns of {SECONDS:.0f} s each\n")
    columns = (
        "who floods", "visitors' readings/s", "request to answer, p50, ms", "p95, ms", "without a reading",
        "runs done", "failed", "from Start to end, median, s", "flooder's readings/s", "its refusals/s",
    )  # fmt: skip
    print("| " + " | ".join(columns) + " |\n|---|" + "---:|" * (len(columns) - 1))
    for (app, way), found in figures.items():
        p50, p95 = 1000 * np.percentile(found.waits.answers, [50, 95])
        seconds = found.waits.seconds
        median = f"{np.median(found.runs):.1f}" if found.runs else "none"
        cells = [
            f"{way}, {app}", f"{len(found.waits.answers) / seconds:.0f}", f"{p50:.1f}", f"{p95:.1f}",
            str(found.waits.failed), str(len(found.runs)), str(found.failed_runs), median,
            *(f"{found.flooder[kind] / seconds:,.0f}" for kind in ("readings", "refused")),
        ]  # fmt: skip
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
