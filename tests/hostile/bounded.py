"""What all hostile inputs must keep to: they are counted, bounded in memory, and refused in words.

How long they take is told and decides nothing, but for one that seems to have no end. It is processor time: other work
on the machine does not count, and what the threads of NumPy's libraries do beside does.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from mnist_core.shown import shown

ROOT = Path(__file__).parents[2]
MOST_MEGABYTES = 100.0
ENDLESS_SECONDS = 30.0
MOST_CHARACTERS = 600  # of a message

# The same inputs every time, unless a number asks for a long run.
EXAMPLES = os.environ.get("HOSTILE_EXAMPLES")
hostile = settings(
    max_examples=int(EXAMPLES or 150),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

_count = 0
_slowest: tuple[float, str] = 0.0, ""
_largest: tuple[float, str] = 0.0, ""

_FOLDERS = {str(ROOT), sys.prefix, sys.base_prefix, str(Path.home())} - {"/", "/usr", "/root"}
_NOT_FOR_STRANGERS = re.compile(
    r"Traceback|File \"|site-packages|\b[A-Z]\w*(?:Error|Exception)\b|" + "|".join(map(re.escape, _FOLDERS))
)


def tried(count: int = 1) -> None:
    """Count inputs."""
    global _count  # noqa: PLW0603
    _count += count


def count_tried() -> int:
    """How many inputs were tried so far."""
    return _count


def check_bounds(seconds: float, megabytes: float, what: str) -> None:
    """Hold what one input took to the bounds, and remember it if none took more."""
    global _slowest, _largest
    _slowest, _largest = max(_slowest, (seconds, what)), max(_largest, (megabytes, what))
    assert seconds < ENDLESS_SECONDS, what
    assert megabytes < MOST_MEGABYTES, f"{what}: {megabytes:.0f} MB"


def most_taken() -> str:
    """The most that one input took, in words."""
    (seconds, slow), (megabytes, large) = _slowest, _largest
    return f"at most {seconds:.2f} s of processor time ({slow}) and {megabytes:.0f} MB ({large})"


def check_words(text: str) -> None:
    """A message, or an answer, is in words, and tells nothing of the server's insides."""
    assert text.strip()
    found = _NOT_FOR_STRANGERS.search(text)
    assert found is None, f"{found} in {text[:300]}"


def refuses(function: Callable[..., Any], *arguments: Any, error: type[ValueError] = ValueError) -> bool:
    """Give a function one input. It may take it or raise that error, with a message; whether it refused is returned."""
    tried()
    try:
        function(*arguments)
    except error as refused:
        assert len(str(refused)) < MOST_CHARACTERS
        check_words(str(refused))
        return True
    return False


class Cost(NamedTuple):
    """What one input took: how it ended ("" or the message), seconds of processor time, MB beyond what was there."""

    outcome: str
    seconds: float
    megabytes: float


def memory(name: str, process: int | str = "self") -> float:
    """VmRSS or VmHWM, the most since it was last reset, of a process, in MB."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise OSError(f"Linux' /proc does not tell {name}.")


def reset_peak(process: int | str = "self") -> None:
    """Let VmHWM begin anew."""
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="utf-8")


def cost_of(function: Callable[[Any], Any], make: Callable[..., Any], *arguments: Any) -> Cost:
    """Give a function one input, made by another, in a process of its own; both are functions of a module."""
    tried()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mnist_core", "ui.visitor.drawings", "bounded"])
    ours, theirs = context.Pipe()
    child = context.Process(target=_measure, args=(theirs, function, make, arguments))
    child.start()
    theirs.close()
    try:
        return Cost(*ours.recv())
    finally:
        child.join()


def check_cost(function: Callable[[Any], Any], make: Callable[..., Any], *arguments: Any) -> str:
    """As `cost_of`, held to the bounds; returns the message, "" where the input was taken."""
    cost = cost_of(function, make, *arguments)
    named = ", ".join(getattr(argument, "__name__", shown(argument)) for argument in (make, *arguments))
    check_bounds(cost.seconds, cost.megabytes, f"{function.__name__}: {named}")
    if cost.outcome:
        check_words(cost.outcome)
        assert len(cost.outcome) < MOST_CHARACTERS
    return cost.outcome


def _measure(answer: Any, function: Callable[[Any], Any], make: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    value = make(*arguments)
    gc.collect()
    reset_peak()
    before, started, outcome = memory("VmRSS"), time.process_time(), ""
    try:
        function(value)
    except ValueError as error:
        outcome = str(error)
    answer.send((outcome, time.process_time() - started, memory("VmHWM") - before))


# Anything that JSON can hold, and more.
numbers = st.one_of(
    st.integers(),
    st.sampled_from([10**400, -(10**400), 2**63]),
    st.floats(),
    st.sampled_from([float("nan"), float("inf"), 1e300]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20), st.sampled_from(["\ud800", "x" * 1000]))
anything = st.recursive(
    scalars, lambda some: st.one_of(st.lists(some, max_size=5), st.dictionaries(st.text(max_size=8), some, max_size=4))
)


def nested(depth: int) -> list[Any]:
    """Lists in lists."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value
