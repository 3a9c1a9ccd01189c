"""Says whether an image is a digit at all: a second network of the same form, with an eleventh class for all else.

It learned from digits and, as the eleventh class, from letters, doodles and half-drawn digits (outliers.py). Being
apart from the reader, it costs the reader no accuracy, and serves every model that a visitor trains.
Source of learning from real outliers: D. Hendrycks, M. Mazeika, T. Dietterich, "Deep Anomaly Detection with Outlier
Exposure", ICLR 2019.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from mnist_core.data.datasets import DamagedData, how_to_restore
from mnist_core.files import UNREADABLE
from mnist_core.model.weights import CLASSES, INPUTS, NAMES, SHIPPED_PATH, InvalidWeights
from mnist_core.preprocessing.mnist_frame import SIZE

DETECTOR_PATH = SHIPPED_PATH.with_name("detector.npz")
OUTLIER = CLASSES  # the eleventh class

# Below this score a drawing is not taken for a digit. Chosen on the pen digits' and letters' dev writers.
DIGIT_SCORE = 0.5
# Cosine of a drawing to one that its writer called a digit, from which on it is taken for one too: two thirds of a
# writer's other drawings of the same digit are as similar, and 1.7% of letters to one of thirty digits (dev writers).
SIMILAR = 0.9
# Pixels of ink: a dot has 5, the shortest line that is drawn as long as a digit, a 1, has 50.
LEAST_INK = 20.0


class Detector:
    """The network, read-only: threads may share one.

    Args:
        arrays: kernels and biases of the three layers in the order of `weights.NAMES`, float32; the last layer has
            11 units.

    Raises:
        InvalidWeights: the arrays do not make up such a network.
    """

    def __init__(self, arrays: list[np.ndarray]) -> None:
        shapes = [array.shape for array in arrays]
        first, second = (shapes[i][-1] if len(shapes) == len(NAMES) and shapes[i] else 0 for i in (1, 3))
        expected = [(INPUTS, first), (first,), (first, second), (second,), (second, OUTLIER + 1), (OUTLIER + 1,)]
        if shapes != expected or not all(np.isfinite(array).all() for array in arrays):
            raise InvalidWeights(f"The detector must be a 784-h1-h2-{OUTLIER + 1} network. Received: {shapes}")
        self._arrays = arrays

    def digit_scores(self, images: np.ndarray) -> np.ndarray:
        """The probability that each image is a digit; 0 for less ink than a digit has.

        Args:
            images: (n, 28, 28) or (n, 784) float [0, 1], ink 1.

        Returns:
            (n,) float32 [0, 1].
        """
        pixels = images.reshape(-1, INPUTS).astype(np.float32, copy=False)
        kernel_1, bias_1, kernel_2, bias_2, kernel_3, bias_3 = self._arrays
        first = np.maximum(pixels @ kernel_1 + bias_1, 0)
        logits = np.maximum(first @ kernel_2 + bias_2, 0) @ kernel_3 + bias_3
        digits = np.logaddexp.reduce(logits[:, :OUTLIER], axis=1)
        scores = 0.5 * (1 + np.tanh(0.5 * (digits - logits[:, OUTLIER])))
        return np.where(has_ink(pixels), scores, np.float32(0))


def has_ink(pixels: np.ndarray) -> np.ndarray:
    """(n,) bool: which images, (n, 784) float [0, 1], have as much ink as a digit."""
    return np.asarray(pixels.sum(axis=1) >= LEAST_INK)


def directions(images: np.ndarray) -> np.ndarray:
    """Images as unit vectors, blurred so that lines a pixel apart still meet.

    Args:
        images: (n, 28, 28) or (n, 784) float [0, 1], ink 1.

    Returns:
        (n, 784) float32; the product of two is their cosine similarity.
    """
    blurred = gaussian_filter(images.reshape(-1, SIZE, SIZE), (0, 1, 1)).reshape(-1, INPUTS)
    return np.asarray(blurred / np.maximum(np.linalg.norm(blurred, axis=1, keepdims=True), 1e-6), np.float32)


@cache
def shipped_detector(path: Path = DETECTOR_PATH) -> Detector:
    """The shipped one, loaded once.

    Raises:
        DamagedData: the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return Detector([archive[name] for name in NAMES])
    except FileNotFoundError:
        raise DamagedData(f"{path.name} is missing. {how_to_restore(f'weights/{path.name}')}") from None
    except UNREADABLE as error:
        raise DamagedData(f"{path.name} cannot be read ({error}). {how_to_restore(f'weights/{path.name}')}") from None
