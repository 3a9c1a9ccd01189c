"""The MNIST frame: how a digit stands in its 28 x 28 image, whatever it was drawn with."""

from __future__ import annotations

import numpy as np

from mnist_core.errors import InvalidInput

SIZE = 28  # pixels on a side of the image that the network sees
BOX = 20.0  # pixels: the longest side of the digit, ink included
CENTRE = 14.5  # where the centre of mass stands, in pixel-edge coordinates (the centre of pixel 14)
PEN_WIDTH = 2.5  # pixels: MNIST's median stroke thickness (4 x the mean distance from ink to its edge: 2.47)


class BlankDrawing(InvalidInput):
    """There is no ink to read."""


def place_by_mass(ink: np.ndarray, per_pixel: float) -> np.ndarray:
    """Centre high-resolution ink by its mass and average it down to the 28 x 28 image.

    Source: the protocol of "The MNIST database", LeCun, Cortes, Burges: centre of mass to the centre of the image.

    Args:
        ink: (h, w) uint8, ink high, already scaled; its box must be at most 20 pixels on a side.
        per_pixel: how many points of `ink` make one pixel of the result.

    Returns:
        (28, 28) float32 [0, 1].
    """
    x, y = centre_of_mass(ink)
    height, width = ink.shape
    rows = _overlap(height, y, per_pixel)
    columns = _overlap(width, x, per_pixel)
    return rows @ (ink.astype(np.float32) / 255) @ columns.T


def _overlap(length: int, centre: float, per_pixel: float) -> np.ndarray:
    """(28, length) float32: the share of each pixel that each point covers when `centre` goes to CENTRE."""
    starts = (np.arange(SIZE)[:, None] - CENTRE) * per_pixel + centre
    points = np.arange(length)
    covered = np.minimum(starts + per_pixel, points + 1) - np.maximum(starts, points)
    return (np.clip(covered, 0, None) / per_pixel).astype(np.float32)


def centre_of_mass(ink: np.ndarray) -> tuple[float, float]:
    """x, y of the centre of mass of (h, w) ink, in pixel-edge coordinates: pixel 0 is centred at 0.5.

    Raises:
        BlankDrawing: the ink sums to nothing.
    """
    columns = ink.sum(axis=0, dtype=np.float64)
    rows = ink.sum(axis=1, dtype=np.float64)
    total = columns.sum()
    if total <= 0:
        raise BlankDrawing("There is no ink in the drawing.")
    x = columns @ np.arange(len(columns)) / total + 0.5
    y = rows @ np.arange(len(rows)) / total + 0.5
    return float(x), float(y)
