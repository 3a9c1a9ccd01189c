"""Typical digits: 32 MNIST training images of each, the middles of the ways in which people write it."""

from __future__ import annotations

from functools import cache

import numpy as np

from mnist_core.data.datasets import load_bundled
from mnist_core.errors import InvalidInput

PER_DIGIT = 32
_CLUSTERS = 40  # of which the smallest, where the oddities gather, are left out
_ROUNDS = 25


@cache
def load_typical_digits() -> np.ndarray:
    """Load the bundled typical digits; kept for the next call, 250 KB.

    Returns:
        (10, 32, 28, 28) uint8 [0, 255], ink 255, read-only; of each digit the most common way of writing it first.

    Raises:
        DamagedData: the file is missing or damaged.
    """
    images = load_bundled("mnist_typical.npz")["images"]
    images.flags.writeable = False
    return images


def by_likeness(image: np.ndarray, digit: int) -> np.ndarray:
    """The typical images of a digit, those most like `image` first.

    Args:
        image: (28, 28) float [0, 1], ink 1.
        digit: 0..9.

    Returns:
        (32, 28, 28) uint8 [0, 255].
    """
    distances = ((_coarse_typical()[digit] - 255 * _coarse(image[None])) ** 2).sum(axis=1)
    return load_typical_digits()[digit][np.argsort(distances, kind="stable")]


@cache
def _coarse_typical() -> np.ndarray:
    """(10, 32, 196) float64, of the typical digits."""
    return _coarse(load_typical_digits()).reshape(10, PER_DIGIT, -1)


def choose_typical(images: np.ndarray) -> np.ndarray:
    """Choose the typical images among all images of one digit.

    The images are divided by k-means (S. Lloyd, "Least Squares Quantization in PCM", 1982), at half resolution so
    that a shift by a pixel matters little; of each of the largest clusters, the image nearest its centre is taken.
    Nothing is drawn by chance: the first images are the first centres.

    Args:
        images: (n, 28, 28) uint8, n at least 40.

    Returns:
        (32, 28, 28) uint8, of the largest cluster first.

    Raises:
        ValueError: there are fewer images than clusters.
    """
    if len(images) < _CLUSTERS:
        raise InvalidInput(
            f"Invalid value for argument `images`. Expected {_CLUSTERS} or more. Received: {len(images)}"
        )
    points = _coarse(images)
    centres = points[:_CLUSTERS].copy()
    for _ in range(_ROUNDS):
        cluster = _nearest(points, centres)
        for k in np.unique(cluster):
            centres[k] = points[cluster == k].mean(axis=0)
    cluster = _nearest(points, centres)
    largest = np.argsort(-np.bincount(cluster, minlength=_CLUSTERS), kind="stable")[:PER_DIGIT]
    return images[[int(_nearest(centres[[k]], points)[0]) for k in largest]]


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(n, d), (k, d) -> for each point the index of the centre nearest to it, (n,)."""
    return np.asarray(((centres**2).sum(axis=1) - 2 * points @ centres.T).argmin(axis=1))


def _coarse(images: np.ndarray) -> np.ndarray:
    """(n, 28, 28) -> (n, 196) float64: the sums of two by two pixels; of bytes they are exact on every machine."""
    return images.reshape(-1, 14, 2, 14, 2).sum(axis=(2, 4), dtype=np.float64).reshape(-1, 196)
