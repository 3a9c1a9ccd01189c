"""An hour of people who draw, retrain, teach, come and go: does anything grow? `python -m benchmarks.soak`

50 visitors draw at a hand's pace; two of them stay for a moment only, and others come. 5 more retrain, one at a time
since the machine is given to one run at a time: each trains, sometimes stops and keeps, downloads, looks, teaches,
uploads what they downloaded, deletes what is too much, and starts again. Exits with 1 when there was an error, or when
memory, latency, open files or threads grow. Of memory, both are told: live, what the C library has given out and not
got back, and resident, what the system has given the process.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import math
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from benchmarks.machine import describe_machine
from tests.support.crowd import Crowd
from tests.support.retrainer import Retrainer
from tests.support.visitor import Visitor, memory, running_app

MINUTES, DRAWING, COMING, RETRAINING = 60.0, 50, 2, 5
KEPT = 1  # runs of each who retrains
ONE = [[[0.5, 0.2], [0.5, 0.8]]]  # a drawing
STAY = 20.0  # s, of those who come and go
SAMPLE = 1.0  # s
WARM_UP = 0.25  # of the time, at least
MEGABYTES = 0.2  # that live and resident memory may grow in a minute, after the warm-up: a line through it
MORE = 12  # open files, and threads, that there may be more of
JUDGED_FROM = 15.0  # minutes: in less, one run's memory, or other work on the machine, is taken for growth
TEACH_EVERY, UPLOAD_EVERY = 5, 31  # rounds; an address may upload 300 MB an hour, a run has 1 to 3


_HEAD = "| minute | live | resident, MB | p50 | p95, ms | errors | files | threads | runs | taught | came, went |"


@dataclass
class Sample:
    """The app at one moment: seconds since the beginning, MB, counts, and answers that the crowd has had so far."""

    seconds: float
    resident: float
    live: float
    descriptors: int
    threads: int
    answers: int


@dataclass
class Record:
    """All that was seen.

    Attributes:
        samples: one a second.
        answers: from request to answer, in seconds, in their order.
        runs: that went to their end.
        teaching_jobs: that went to their end.
        came: visitors who came and went.
        settled: seconds after which each who retrains had all the runs that they keep; inf when they never had.
        errors: in words.
        files: left in the app's temporary folder when it had ended.
    """

    samples: list[Sample] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    runs: int = 0
    teaching_jobs: int = 0
    came: int = 0
    settled: float = math.inf
    errors: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--visitors", type=int, default=DRAWING, help="who draw; default: %(default)s")
    minutes, visitors = (options := parser.parse_args()).minutes, options.visitors
    print(f"{describe_machine()}; {visitors} visitors drawing, {RETRAINING} retraining, {minutes:g} minutes\n")
    print(f"{_HEAD}\n|---|{'---:|' * (_HEAD.count('|') - 2)}")
    record = soak(minutes, visitors, tell=True)
    print()
    faults = [*record.errors, *left(record), *(growth(record) + slower(record) if minutes >= JUDGED_FROM else ())]
    for line in [*figures(record), *(f"FAULT: {fault}" for fault in faults)]:
        print(line)
    return 1 if faults else 0


def soak(minutes: float, visitors: int = DRAWING, *, tell: bool = False) -> Record:
    """Run the app and the people; with `tell`, a row of the table each minute."""
    record = Record()
    with tempfile.TemporaryDirectory() as name:
        log, live, temporary = (Path(name) / part for part in ("log", "live", "temporary"))
        temporary.mkdir()
        environment = {"TMPDIR": str(temporary), "MEMORY_FILE": str(live)}
        app = running_app("-m", "benchmarks.app_with_memory", stderr=log.open("wb"), **environment)
        with app as (url, pid):
            with people(url, visitors, record) as crowd:
                _watch(pid, live, 60 * minutes, crowd, record, tell)
            record.answers = crowd.waits.answers
        if "Traceback" in log.read_text(encoding="utf-8"):
            record.errors.append("the app: " + log.read_text(encoding="utf-8")[-2000:])
        record.files = sorted(path.name for path in temporary.rglob("*") if path.is_file())
    return record


@contextlib.contextmanager
def people(url: str, visitors: int, record: Record) -> Iterator[Crowd]:
    """All of them, while the block lasts; gives those who draw the whole time."""
    stop = threading.Event()
    staying = [Visitor(url) for _ in range(visitors - COMING)]
    settled: dict[int, float] = {}
    threads = [threading.Thread(target=_retrain, args=(url, i, stop, record, settled)) for i in range(RETRAINING)]
    threads.append(threading.Thread(target=_come_and_go, args=(url, stop, record)))
    crowd = Crowd(staying)
    try:
        with crowd:
            for thread in threads:
                thread.start()
            yield crowd
            stop.set()
            for thread in threads:
                thread.join()
    except (OSError, RuntimeError, EOFError) as error:
        record.errors.append(f"drawing: {error!r}")
    finally:
        stop.set()
        for visitor in staying:
            visitor.leave()


def _come_and_go(url: str, stop: threading.Event, record: Record) -> None:
    while not stop.is_set():
        try:
            coming = [Visitor(url) for _ in range(COMING)]
            with Crowd(coming, seed=record.came):
                stop.wait(STAY)
            for visitor in coming:
                visitor.leave()
            record.came += COMING
        except (OSError, RuntimeError, EOFError, httpx.HTTPError) as error:
            record.errors.append(f"coming and going: {error!r}")
            stop.wait(1)


def _retrain(url: str, number: int, stop: threading.Event, record: Record, settled: dict[int, float]) -> None:
    chance = random.Random(number)
    visitor = Retrainer(url)
    begun = time.monotonic()
    kept: list[int] = []
    numbers, rounds = itertools.count(1), 0
    while not stop.is_set():
        rounds += 1
        try:
            kept.append(next(numbers))
            archive = _train(visitor, kept[-1], chance, stops=rounds % 5 == number)
            record.runs += 1
            if rounds % TEACH_EVERY == number % TEACH_EVERY:
                kept.append(next(numbers))
                visitor.teach(ONE, 1)
                record.teaching_jobs += 1
            if rounds % UPLOAD_EVERY == number:
                kept.append(next(numbers))
                visitor.upload(archive)
            visitor.look_at(kept[0])
            while len(kept) > KEPT:
                visitor.delete(kept.pop(0))
                settled[number] = settled.get(number, time.monotonic() - begun)
                record.settled = max(settled.values()) if len(settled) == RETRAINING else math.inf
        except (OSError, RuntimeError, httpx.HTTPError) as error:
            record.errors.append(f"retraining: {error!r}")
            stop.wait(1)
        stop.wait(chance.uniform(0, 1))
    visitor.leave()


def _train(visitor: Retrainer, number: int, chance: random.Random, *, stops: bool) -> bytes:
    """One run, which becomes that number; returns its archive. Raises RuntimeError when it does not end well."""
    pictures = chance.choice([6000, 6000, 6000, 60_000])
    settings = {"Epochs": chance.choice([1, 2]), "Training_images": pictures, "Seed": number}
    words = visitor.train_and_stop(**{**settings, "Epochs": 2000}) if stops else visitor.train(**settings)
    if not words.startswith(("Done", "Stopped")):
        raise RuntimeError(f"the run ended with: {words}")
    archive = visitor.download(number)
    if not archive.startswith(b"PK"):
        raise RuntimeError("the download is no archive")
    return archive


def _watch(  # noqa: PLR0917
    pid: int, live: Path, seconds: float, crowd: Crowd, record: Record, tell: bool
) -> None:
    begun, told = time.monotonic(), -1.0
    while (now := time.monotonic() - begun) < seconds:
        record.samples.append(
            Sample(
                now,
                memory(pid),
                float(live.read_text(encoding="utf-8")),
                len(list(Path(f"/proc/{pid}/fd").iterdir())),
                len(list(Path(f"/proc/{pid}/task").iterdir())),
                len(crowd.waits.answers),
            )
        )
        if tell and now // 60 > told:
            told = now // 60
            _row(crowd, record)
        time.sleep(SAMPLE)
    if tell:
        _row(crowd, record)


def _row(crowd: Crowd, record: Record) -> None:
    last = record.samples[-1]
    before = next(sample for sample in record.samples if sample.seconds > last.seconds - 60 - SAMPLE)
    answers = [1000 * seconds for seconds in crowd.waits.answers[before.answers : last.answers]]
    p50, p95 = np.percentile(answers, [50, 95]) if answers else (np.nan, np.nan)
    measured = [last.seconds / 60, last.live, last.resident, p50, p95]
    counts = [len(record.errors), last.descriptors, last.threads, record.runs, record.teaching_jobs, record.came]
    print("|", " | ".join([*(f"{figure:.1f}" for figure in measured), *map(str, counts)]), "|", flush=True)


def warm(record: Record) -> list[Sample]:
    """The samples after the warm-up: a quarter of the time, and until who retrain have what they keep; at most half."""
    end = record.samples[-1].seconds
    begin = min(max(WARM_UP * end, record.settled), end / 2)
    return [sample for sample in record.samples if sample.seconds >= begin]


def slope(record: Record, what: str) -> float:
    """MB a minute that "live" or "resident" memory grows after the warm-up: a line through the least of every ten s.

    The least, since each run takes some and gives it back.
    """
    samples = warm(record)
    tens = np.array([sample.seconds // 10 for sample in samples])
    least = [min(getattr(s, what) for s, ten in zip(samples, tens) if ten == each) for each in np.unique(tens)]
    return float(np.polyfit(np.unique(tens) / 6, least, 1)[0])


def growth(record: Record) -> list[str]:
    """What grew after the warm-up, in words."""
    samples = warm(record)
    middle, late = samples[: len(samples) // 2], samples[len(samples) // 2 :]
    found = []
    for what in ("live", "resident"):
        if slope(record, what) > MEGABYTES:
            found.append(
                f"{what} memory: {slope(record, what):+.2f} MB a minute after the warm-up, at most {MEGABYTES:g}"
            )
    for what in ("descriptors", "threads"):
        before, after = (max(getattr(sample, what) for sample in part) for part in (middle, late))
        if after > before + MORE:
            found.append(f"{what}: {before} at most, then {after}")
    return found


def left(record: Record) -> list[str]:
    """What is left behind, in words."""
    return [f"left in the temporary folder: {record.files}"] if record.files else []


def slower(record: Record) -> list[str]:
    """Whether answers took longer in the second half after the warm-up, in words."""
    samples = warm(record)
    first, middle, last = (samples[i].answers for i in (0, len(samples) // 2, -1))
    before, after = (1000 * np.percentile(record.answers[a:b], 95) for a, b in ((first, middle), (middle, last)))
    return [f"p95 was {before:.1f} ms, then {after:.1f} ms"] if after > 1.5 * before + 5 else []


def figures(record: Record) -> list[str]:
    """What was measured, in words."""
    samples = warm(record)
    p50, p95 = 1000 * np.percentile(record.answers[samples[0].answers :], [50, 95])
    return [
        f"after a warm-up of {samples[0].seconds / 60:.1f} minutes: {_range(record, 'live')}; "
        f"{_range(record, 'resident')}; p50 {p50:.1f} ms, p95 {p95:.1f} ms; {record.runs} runs, "
        f"{record.teaching_jobs} teaching jobs, {record.came} came and went, {len(record.errors)} errors",
    ]


def _range(record: Record, what: str) -> str:
    seen = [getattr(sample, what) for sample in warm(record)]
    return f"{what} {min(seen):.0f} to {max(seen):.0f} MB, {slope(record, what):+.2f} MB a minute"


if __name__ == "__main__":
    sys.exit(main())
