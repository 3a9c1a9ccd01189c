"""How the weights in digit_grouping.py were found, on train writers. `python -m benchmarks.fit_grouping`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from benchmarks.numbers import set_numbers
from mnist_core import load_pen_digits, preprocess_strokes
from mnist_core.inference.digit_detector import shipped_detector
from mnist_core.inference.digit_grouping import boundary_measures, candidate_groups, line_up, shortness

NUMBERS = 2500
RIDGE = 1e-4


@dataclass(frozen=True)
class Example:
    """A drawing with a choice: (paths, measures) of each way to group it, and which is right."""

    measures: np.ndarray
    right: int


def main() -> None:
    digits = load_pen_digits("train")
    drawings = [(number.strokes, number.owners) for number in set_numbers(digits, NUMBERS, None, seed=1)]
    drawings += [(strokes, [0] * len(strokes)) for strokes in digits.strokes if len(strokes) > 1]
    examples = [example for strokes, owners in drawings for example in to_example(strokes, owners)]
    *boundary, likeness, short = fit(examples)
    print(f"{len(examples)} drawings with a choice")
    print(f"BOUNDARY_WEIGHTS = {np.round(boundary, 1).tolist()}")
    print(f"LIKENESS_WEIGHT = {likeness:.1f}\nSHORT_WEIGHT = {short:.1f}")


def to_example(strokes: list[np.ndarray], owners: list[int]) -> Iterator[Example]:
    """Nothing where geometry leaves no choice, or not the right one."""
    low = np.array([points.min(axis=0) for points in strokes])
    high = np.array([points.max(axis=0) for points in strokes])
    sizes = high - low
    row = line_up(low, high, sizes.max(axis=1) >= 0.1 * sizes[:, 1].max())
    groups = candidate_groups(row)
    owner = np.array(owners)[row.order]
    edges = (0, *(np.flatnonzero(np.diff(owner)) + 1).tolist(), len(owner))
    paths = list(all_paths(groups, 0, len(owner)))
    if len(paths) < 2 or edges not in paths:
        return
    images = [preprocess_strokes([strokes[i] for i in sorted(row.order[start:end])]) for start, end in groups]
    looks = dict(zip(groups, shipped_detector().digit_scores(np.stack(images))))
    boundaries = boundary_measures(row)
    measures = []
    for path in paths:
        pairs = list(pairwise(path))
        own = [sum(looks[pair] for pair in pairs), sum(shortness(row, *pair) for pair in pairs)]
        measures.append([*boundaries[[edge - 1 for edge in path[1:-1]]].sum(axis=0), *own])
    yield Example(np.array(measures), paths.index(edges))


def all_paths(groups: list[tuple[int, int]], start: int, count: int) -> Iterator[tuple[int, ...]]:
    """Every way from `start` to the end, as the edges passed."""
    if start == count:
        yield (count,)
    for first, end in groups:
        if first == start:
            yield from ((start, *rest) for rest in all_paths(groups, end, count))


def fit(examples: list[Example]) -> np.ndarray:
    """The weights under which the right ways are likeliest."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, gradient = 0.0, np.zeros_like(weights)
        for example in examples:
            scores = example.measures @ weights
            normaliser = logsumexp(scores)
            total += normaliser - scores[example.right]
            gradient += np.exp(scores - normaliser) @ example.measures - example.measures[example.right]
        count = len(examples)
        return total / count + RIDGE * weights @ weights, gradient / count + 2 * RIDGE * weights

    return np.asarray(minimize(loss, np.zeros(examples[0].measures.shape[1]), jac=True, method="L-BFGS-B").x)


if __name__ == "__main__":
    main()
