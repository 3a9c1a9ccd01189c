"""Training throughput beside what people would use instead. `python -m benchmarks.training`

Needs `pip install -r benchmarks/requirements.txt`; for one core, `taskset -c 0 python -m benchmarks.training`. Each
loop of `benchmarks.loops` runs in a process of its own, with its data ready and its graph built, and they take turns;
the weights after the first 50 steps must agree. The floor is what the processor would do if a step were nothing but
its matrix products, at the speed of one large product in the same run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks.loops import CORES, LOOPS, PICTURES
from benchmarks.machine import describe_machine
from benchmarks.turns import Contender, ended_afterwards

BATCHES = (32, 128, 512)
TURNS = 7
SECONDS = 1.0  # about one turn's length; loops that get through all the pictures sooner have shorter ones
CHECKED_STEPS = 50
TRIAL_PICTURES = 6_400
MFLOP = 1.007  # of one picture: both products of the backward pass included, but for the pictures' own gradient
_FLOOR_SIZE = 1024


def main() -> None:
    columns = [measure(batch_size) for batch_size in BATCHES]
    print(f"{describe_machine()}; {CORES} used; medians of {TURNS} turns of a second or {PICTURES:,} pictures\n")
    print("| images/s (ours is so many times as fast) | " + " | ".join(f"batch {size}" for size in BATCHES) + " |")
    print("|---|" + "---:|" * len(BATCHES))
    for name in (*LOOPS, "floor"):
        print(f"| {name} | " + " | ".join(_cell(name, *column) for column in columns) + " |")


def _cell(name: str, speeds: dict[str, float], variants: dict[str, str]) -> str:
    if name == "floor":
        return f"{speeds[name]:,.0f}, of which ours is {speeds['ours'] / speeds[name]:.0%}"
    ratio = "" if name == "ours" else f" ({speeds['ours'] / speeds[name]:.1f})"
    variant = f", {variants[name]}" if variants[name] else ""
    return f"{speeds[name]:,.0f}{ratio}{variant}"


def measure(batch_size: int) -> tuple[dict[str, float], dict[str, str]]:
    """Pictures per second of each loop and of the floor; and which variant of each loop it was."""
    steps = PICTURES // batch_size
    variants = {name: fastest_variant(name, batch_size) for name in LOOPS}
    contenders = {name: Contender(timed, name, variant, batch_size) for name, variant in variants.items()}
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    floors = []
    with ended_afterwards(contenders):
        check({name: contender.turn(CHECKED_STEPS)[1] for name, contender in contenders.items()})
        lengths = {name: length(contender, steps) for name, contender in contenders.items()}
        floor = contenders["floor"] = Contender(multiply)
        for _ in range(TURNS):
            for name in LOOPS:
                speeds[name].append(lengths[name] * batch_size / contenders[name].turn(lengths[name])[0])
            floors.append(floor.turn())
    medians = {name: median(of_turns) for name, of_turns in speeds.items()}
    return medians | {"floor": max(floors) / (MFLOP * 1e6)}, variants


def length(contender: Contender, most: int) -> int:
    """How many steps take it about a second, the first turn being only a warm-up; at most `most`."""
    few = max(most // 20, 1)
    contender.turn(few)
    return min(most, round(few * SECONDS / contender.turn(few)[0]))


def fastest_variant(name: str, batch_size: int) -> str:
    """The variant of a loop that a short trial finds to be fastest."""
    names = LOOPS[name][1]
    if len(names) == 1:
        return next(iter(names))
    trials = {}
    for variant in names:
        with ended_afterwards({name: Contender(timed, name, variant, batch_size)}) as contenders:
            steps = TRIAL_PICTURES // batch_size
            trials[variant] = min(contenders[name].turn(steps)[0] for _ in range(4))
    return min(trials, key=lambda variant: trials[variant])


def check(results: dict[str, list[np.ndarray]]) -> None:
    """Raises RuntimeError where a loop has come to other weights than ours: it would have done other work."""
    for name, arrays in results.items():
        for theirs, own in zip(arrays, results["ours"]):
            if not np.allclose(theirs, own, rtol=1e-3, atol=1e-4):
                raise RuntimeError(f"{name} did other work: its weights differ by {np.abs(theirs - own).max():.2g}.")


def timed(name: str, variant: str, batch_size: int) -> Callable[[int], tuple[float, list[np.ndarray]]]:
    """In a contender's process: seconds that a number of steps take, and the weights after them."""
    prepare, variants = LOOPS[name]
    steps = prepare(batch_size, *variants[variant])

    def turn(count: int) -> tuple[float, list[np.ndarray]]:
        begun = time.perf_counter()
        arrays = steps(count)
        return time.perf_counter() - begun, arrays

    return turn


def multiply() -> Callable[[], Any]:
    """In a process of its own: how many floating-point operations a second a large product does, at best."""
    matrix = np.random.default_rng(0).random((_FLOOR_SIZE, _FLOOR_SIZE), np.float32)

    def turn() -> float:
        times = []
        for _ in range(20):
            begun = time.perf_counter()
            matrix @ matrix
            times.append(time.perf_counter() - begun)
        return 2 * _FLOOR_SIZE**3 / min(times)

    return turn


if __name__ == "__main__":
    main()
