"""How long one reading takes in process: preprocessing, forward pass, and why."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine
from mnist_core import Classifier, load_pen_digits, render_strokes
from ui.draw.why.why import why_answer

DRAWINGS = 500
WARM_UP = 20


def measure() -> None:
    """Measure and print the table."""
    classifier = Classifier.load()
    random = np.random.default_rng(0)
    digits = load_pen_digits("dev").strokes
    strokes = [digits[i] for i in random.choice(len(digits), DRAWINGS, replace=False)]
    placed = [[points * 0.6 + 0.2 for points in digit] for digit in strokes]
    pictures = [render_strokes(digit, width=random.uniform(8, 24)) for digit in placed]
    images = [classifier.read(digit).image[None] for digit in strokes]

    def read_and_explain(drawing: Any) -> object:
        """As the page's answer has it: the ink, the three layers, and one other digit, in bytes and in words."""
        reading = classifier.read(drawing)
        return why_answer(classifier, reading, [(reading.digit + 1) % 10])

    print(f"{describe_machine()}; {DRAWINGS} drawings of pen dev writers\n")
    print("| one drawing, in process | p50, ms | p95, ms |\n|---|---:|---:|")
    for name, read, drawings in (
        ("strokes: preprocess and probabilities", classifier.read, strokes),
        ("picture of 280 px: preprocess and probabilities", classifier.read, pictures),
        ("strokes: the same with why, why not another, and layers", read_and_explain, strokes),
        ("picture of 280 px: the same with why, why not another, and layers", read_and_explain, pictures),
        ("probabilities alone", classifier.probabilities, images),
    ):
        p50, p95 = time_each(read, drawings)
        print(f"| {name} | {p50:.2f} | {p95:.2f} |")


def time_each(read: Callable[[Any], object], drawings: Sequence[Any]) -> tuple[float, float]:
    """Median and 95th percentile of the milliseconds that one call takes."""
    for drawing in drawings[:WARM_UP]:
        read(drawing)
    milliseconds = []
    for drawing in drawings:
        started = time.perf_counter()
        read(drawing)
        milliseconds.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.percentile(milliseconds, [50, 95])
    return float(p50), float(p95)
