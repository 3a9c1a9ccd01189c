"""What is no digit, as training images: letters, doodles, and digits that were only begun."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mnist_core.data.datasets import load_pen_digits, load_pen_letters
from mnist_core.data.doodles import KINDS, doodle
from mnist_core.data.pen_images import is_straight, vary_strokes
from mnist_core.preprocessing.strokes import preprocess_strokes

# Letters that nobody could tell from a digit.
LIKE_DIGITS = frozenset("OoDQIlijZzSsBbgqJ")
LETTER_VARIANTS = 10  # images of each letter
DOODLES_OF_A_KIND = 400
BEGUN_SHARE = (0.2, 0.55)  # of a digit's ink
_NO_LABEL = -1  # no digit, so no digit's other form


def outlier_images(seed: int) -> np.ndarray:
    """Draw the outliers that the detector learns from: of the `train` writers' letters and digits, and doodles.

    Args:
        seed: of the variants and doodles.

    Returns:
        (n, 28, 28) uint8 [0, 255], letters first.
    """
    random = np.random.default_rng((seed, 11))
    drawings = [*_letters(random), *_doodles(random), *_begun(random)]
    images = [
        preprocess_strokes(vary_strokes(strokes, _NO_LABEL, random), pen_width=random.uniform(1.6, 3.4))
        for strokes in drawings
    ]
    return np.round(np.array(images) * 255).astype(np.uint8)


def _letters(random: np.random.Generator) -> list[list[np.ndarray]]:
    letters = load_pen_letters("train")
    clear = [strokes for strokes, label in zip(letters.strokes, letters.labels) if label not in LIKE_DIGITS]
    return clear * LETTER_VARIANTS


def _doodles(random: np.random.Generator) -> list[list[np.ndarray]]:
    return [doodle(kind, random) for kind in KINDS for _ in range(DOODLES_OF_A_KIND)]


def _begun(random: np.random.Generator) -> Iterator[list[np.ndarray]]:
    """The beginnings of digits. Those that are one straight line may be a 1, and a 1 or 7 that was begun is one."""
    digits = load_pen_digits("train")
    for strokes, label in zip(digits.strokes, digits.labels):
        begun = begin(strokes, random.uniform(*BEGUN_SHARE))
        if label not in (1, 7) and not is_straight(begun):
            yield begun


def begin(strokes: list[np.ndarray], share: float) -> list[np.ndarray]:
    """The first part of a drawing.

    Args:
        strokes: each (n, 2).
        share: of the length of all strokes, 0..1.

    Returns:
        The strokes up to there, at least two points of each.
    """
    walked = [np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))]) for stroke in strokes]
    left = share * sum(distances[-1] for distances in walked)
    begun: list[np.ndarray] = []
    for stroke, distances in zip(strokes, walked):
        if begun and left <= 0:
            break
        begun.append(stroke[: max(2, int((distances <= left).sum()))])
        left -= distances[-1]
    return begun
