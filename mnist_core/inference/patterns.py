"""What the first hidden layer looks for: the weights of a unit as an image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mnist_core.inference.classifier import Classifier
from mnist_core.model.weights import Weights


def most_used_units(weights: Weights, images: np.ndarray, count: int = 64, shown: Sequence[int] = ()) -> list[int]:
    """Find the units of the first hidden layer that the answers depend on most.

    A unit counts by its mean absolute activation times the length of its outgoing weights.

    Args:
        weights: of the model.
        images: (n, 28, 28) uint8 [0, 255] or float [0, 1]: what it is to look at.
        count: how many units.
        shown: units found earlier in the run; those still among the most used keep their places.

    Returns:
        `count` indices, fewer where the layer is narrower; the most used one first unless `shown` says otherwise.
    """
    activations = np.abs(Classifier(weights).first_layer(images)).mean(axis=0)
    use = activations * np.linalg.norm(weights.kernel_2, axis=1)
    best = np.argsort(-use, kind="stable")[:count].tolist()
    places = list(shown)[: len(best)]
    newcomers = iter([unit for unit in best if unit not in places])
    return [unit if unit in best else next(newcomers) for unit in places] + list(newcomers)


def unit_pictures(weights: Weights, units: Sequence[int], images: np.ndarray) -> np.ndarray:
    """The incoming weights of first-layer units as images.

    Each weight counts by how much its pixel varies: those of the rim, where there is never ink, stay as chance made
    them.

    Args:
        weights: of the model.
        units: which, k of them.
        images: (n, 28, 28) uint8 or float: what the pixels vary over.

    Returns:
        (k, 28, 28) float32 [-1, 1], each scaled by its own largest value; above 0: ink there activates the unit.
    """
    pictures = weights.kernel_1[:, list(units)].T.reshape(-1, 28, 28) * images.std(axis=0, dtype=np.float32)
    largest = np.abs(pictures).max(axis=(1, 2), keepdims=True)
    return np.asarray(pictures / np.maximum(largest, 1e-12))
