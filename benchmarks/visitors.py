"""Many visitors start, stop and leave in random order; does anything stay? `python -m benchmarks.visitors`

Each visitor opens the page over HTTP, presses Start, watches, then waits for the end, presses Stop or leaves the page;
and another one comes. Afterwards one more visitor must get a run at once, and the app's memory is told.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections import Counter

import httpx

from benchmarks.machine import describe_machine
from tests.support.visitor import Visitor, memory, running_app

VISITORS = 20
GRACE = 300  # s: how long the app keeps the runs of a visitor who has left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    seconds = parser.parse_args().seconds
    seen: Counter[str] = Counter()
    with running_app() as (url, pid):
        last_visit(url)
        before = memory(pid)
        peak = crowd(url, pid, time.monotonic() + seconds, seen)
        free_after = last_visit(url)
        after = memory(pid)
        time.sleep(GRACE + 5)
        last_visit(url)
        freed = memory(pid)
    print(f"{describe_machine()}; {VISITORS} visitors at a time for {seconds:.0f} s: "
          + ", ".join(f"{count} {what}" for what, count in sorted(seen.items())) + "\n")  # fmt: skip
    print("| | |\n|---|---:|")
    print(f"| one more visitor's short run, from Start to its end, s | {free_after:.1f} |")
    print(f"| memory after one run, before the crowd, MB | {before:.0f} |")
    print(f"| at most during it, MB | {peak:.0f} |")
    print(f"| right after it, MB | {after:.0f} |")
    print(f"| {GRACE} s later, when what they left has been freed, MB | {freed:.0f} |")


def crowd(url: str, pid: int, until: float, seen: Counter[str]) -> float:
    """Let visitors come and go until then; returns the most memory seen, in MB."""
    threads = [
        threading.Thread(target=come_and_go, args=(url, random.Random(seed), until, seen)) for seed in range(VISITORS)
    ]
    for thread in threads:
        thread.start()
    peak = 0.0
    while any(thread.is_alive() for thread in threads):
        peak = max(peak, memory(pid))
        time.sleep(0.5)
    return peak


def come_and_go(url: str, chance: random.Random, until: float, seen: Counter[str]) -> None:
    while time.monotonic() < until:
        try:
            seen[visit(url, chance)] += 1
        except (httpx.HTTPError, LookupError) as error:
            seen[f"errors ({type(error).__name__})"] += 1
        time.sleep(chance.uniform(0, 2))


def visit(url: str, chance: random.Random) -> str:
    """One visit; returns what came of it."""
    visitor = Visitor(url)
    patience = time.monotonic() + chance.uniform(0.5, 15)
    wish = chance.choice(["stops", "leaves", "waits"])
    result, stopped = "ended without a word", False
    for text in visitor.start(Epochs=chance.choice([1, 2, 5])):
        result = text
        if wish != "waits" and time.monotonic() > patience and not stopped:
            if wish == "leaves":
                visitor.leave()
                return "left"
            visitor.stop()
            stopped = True
    visitor.leave()
    for start, what in (("Done", "done"), ("Stopped", "stopped"), ("The queue is full", "found the queue full")):
        if result.startswith(start):
            return what
    return f"told {result[:40]!r}"


def last_visit(url: str) -> float:
    """Seconds of a short run from Start to its end, when nobody else is there."""
    visitor = Visitor(url)
    begun = time.monotonic()
    *_, text = visitor.start(Epochs=1)
    visitor.leave()
    if not text.startswith("Done"):
        raise RuntimeError(f"A slot is stuck: {text}")
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
