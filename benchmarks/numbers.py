"""Whole numbers set from the pen digits of one writer each: how many are read right. `python -m benchmarks.numbers`"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.reading_in_process import time_each
from mnist_core import Classifier, PenDigits, ReadingBox, load_pen_digits, read_number, render_strokes

LENGTHS = (2, 3, 4, 5, 6)
HEIGHT_SPREAD = 0.12  # natural logarithm, standard deviation: how a writer's digits differ in height
BASELINE_SPREAD = 0.05  # of the height, standard deviation
GAPS = (-0.05, 0.05, 0.1, 0.2, 0.4, None)
COUNT = 1000  # numbers a row
PICTURE_SIDE = 1000  # pixels


@dataclass(frozen=True)
class Number:
    """A number as somebody might have written it.

    Attributes:
        text: its digits, as "2026".
        strokes: each (n, 2), in 0..1 of the pad.
        owners: which digit each stroke belongs to, counted from the left.
        height: of a digit of middling size, in 0..1 of the pad.
    """

    text: str
    strokes: list[np.ndarray]
    owners: list[int]
    height: float


def main() -> None:
    classifier = Classifier.load()
    digits = load_pen_digits("dev")
    print(f"{describe_machine()}; {COUNT} numbers of 2 to 6 digits a row, pen dev writers\n")
    print("| gap, % of a digit's height | strokes: read right, % | split right, % | pictures: read right, % |")
    print("|---|---:|---:|---:|")
    for gap in GAPS:
        numbers = list(set_numbers(digits, COUNT, gap))
        found = [read_number(classifier, number.strokes) for number in numbers]
        read = share(text_of(boxes) == number.text for boxes, number in zip(found, numbers))
        split = share(owners_of(boxes) == digit_strokes(number) for boxes, number in zip(found, numbers))
        random = np.random.default_rng(1)
        seen = share(text_of(read_number(classifier, picture(number, random))) == number.text for number in numbers)
        print(f"| {'-5 to 40' if gap is None else round(100 * gap)} | {read} | {split} | {seen} |", flush=True)
    print("\n| single digits | read as one digit, % |\n|---|---:|")
    for split_name in ("dev", "train"):
        single = share(len(read_number(classifier, strokes)) == 1 for strokes in load_pen_digits(split_name).strokes)
        print(f"| {split_name} writers, strokes | {single} |")
    drawn = (render_strokes([stroke * 0.6 + 0.2 for stroke in strokes]) for strokes in digits.strokes)
    print(f"| dev writers, pictures of 280 px | {share(len(read_number(classifier, shown)) == 1 for shown in drawn)} |")
    six = [number.strokes for number in set_numbers(digits, 300, None, seed=4) if len(number.text) == 6]
    p50, p95 = time_each(lambda strokes: read_number(classifier, strokes), six)
    print(f"\nSix digits as strokes, in process: p50 {p50:.2f} ms, p95 {p95:.2f} ms")


def share(right: Iterable[bool]) -> str:
    """Per cent, with one decimal more than a table of a thousand needs."""
    return f"{100 * float(np.mean(list(right))):.2f}"


def text_of(boxes: list[ReadingBox]) -> str:
    return "".join(str(box.digit) for box in boxes)


def owners_of(boxes: list[ReadingBox]) -> list[tuple[int, ...]]:
    return [box.strokes for box in boxes]


def digit_strokes(number: Number) -> list[tuple[int, ...]]:
    """What `owners_of` gives when the strokes are grouped right."""
    owners = np.array(number.owners)
    return [tuple(np.flatnonzero(owners == digit).tolist()) for digit in range(len(number.text))]


def picture(number: Number, random: np.random.Generator) -> np.ndarray:
    """Draw a number with a pen of 4 to 8% of a digit's height; gaps are between the middles of its lines.

    At gaps that are narrower than the pen, digits touch, and cannot be split.
    """
    width = random.uniform(0.04, 0.08) * number.height * PICTURE_SIDE
    return render_strokes(number.strokes, PICTURE_SIDE, max(width, 2.0))


def set_numbers(digits: PenDigits, count: int, gap: float | None, seed: int = 0) -> Iterator[Number]:
    """Set numbers of 2 to 6 digits, each from the digits of one writer.

    Args:
        digits: of several writers.
        count: of numbers.
        gap: between the digits' boxes, in heights of a digit; None: each from -0.05 to 0.4, as chance has it.
        seed: of all chance.
    """
    random = np.random.default_rng(seed)
    for _ in range(count):
        # Each digit is as likely as any other to come first; its writer gives the rest.
        first = random.integers(len(digits))
        others = np.flatnonzero((digits.writers == digits.writers[first]) & (np.arange(len(digits)) != first))
        chosen = [first, *random.choice(others, random.choice(LENGTHS) - 1, replace=False)]
        text = "".join(str(digits.labels[i]) for i in chosen)
        yield set_number(text, [digits.strokes[i] for i in chosen], gap, random)


def set_number(text: str, digits: list[list[np.ndarray]], gap: float | None, random: np.random.Generator) -> Number:
    """Put digits side by side, each of its own height and on its own line, and the whole somewhere on the pad."""
    placed: list[np.ndarray] = []
    owners: list[int] = []
    edge = 0.0
    for number, strokes in enumerate(digits):
        points = np.concatenate(strokes)
        low, size = points.min(axis=0), np.ptp(points, axis=0)
        # A flat digit is not blown up to the height of the others.
        scale = np.exp(random.normal(0, HEIGHT_SPREAD)) / max(size[1], 0.5)
        corner = np.array([edge, 1 + random.normal(0, BASELINE_SPREAD) - scale * size[1]])
        placed += [(stroke - low) * scale + corner for stroke in strokes]
        owners += [number] * len(strokes)
        edge += scale * size[0] + (random.uniform(-0.05, 0.4) if gap is None else gap)
    everything = np.concatenate(placed)
    low, size = everything.min(axis=0), np.ptp(everything, axis=0)
    scale = random.uniform(0.6, 0.9) / size.max()
    corner = 0.05 + random.uniform(0, 1, 2) * (0.9 - scale * size)
    return Number(text, [(stroke - low) * scale + corner for stroke in placed], owners, scale)


if __name__ == "__main__":
    main()
