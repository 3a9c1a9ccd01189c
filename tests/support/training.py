"""Training from its start to its end, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mnist_core import Mnist, Progress, TrainConfig, Weights, train


def last(run: Iterator[Progress]) -> Progress:
    """What a run reports at its end."""
    *_, progress = run
    return progress


def trained(config: TrainConfig, data: Mnist, **kwargs: object) -> Weights:
    """The weights that a run ends with; more arguments are those of `train`."""
    weights = last(train(config, data, **kwargs)).weights  # type: ignore[arg-type]
    assert weights is not None
    return weights


def same(a: Weights, b: Weights) -> bool:
    """Whether two models have the same weights, to the bit."""
    return all(np.array_equal(x, y) for x, y in zip(a.arrays, b.arrays))
