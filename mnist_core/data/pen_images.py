"""The pen digits as training images: strokes bent and drawn again, with the variants that other hands write."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from mnist_core.data.datasets import load_pen_digits
from mnist_core.preprocessing.strokes import preprocess_strokes

VARIANTS = 3  # images of each pen digit
OTHER_FORM_SHARE = 0.15  # of the digits that have one

# Ranges of the distortion of strokes.
ROTATION = 0.15  # radians, either way
SHEAR = 0.25  # sideways per height, either way
STRETCH = 0.2  # natural logarithm of width to height, either way
BEND = 0.02  # of the digit's size: standard deviation of each of three waves


# Drawing them takes seconds; runs of one process with the same seed share the result.
_drawn: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
_KEPT = 2
_SAMPLE = 2_000


def pen_digit_images(seed: int, variants: int = VARIANTS) -> tuple[np.ndarray, np.ndarray]:
    """Draw the `train` writers' digits, each several times with other strokes and pen widths.

    Args:
        seed: of the distortions.
        variants: images of each digit.

    Returns:
        images (n, 28, 28) uint8 [0, 255] and labels (n,) uint8, both read-only. Fragments that cannot be what their
        label says are left out: 0.3% of the digits.
    """
    for _ in draw_pen_digits(seed, variants):
        pass
    return _drawn[seed, variants]


def draw_pen_digits(seed: int, variants: int = VARIANTS) -> Iterator[float]:
    """Do the work of `pen_digit_images` in small steps, for a caller who may have to stop in between.

    Yields:
        The share done, 0..1; nothing when the images are there already.
    """
    if (seed, variants) in _drawn:
        return
    random = np.random.default_rng((seed, 28))
    whole = _whole_digits()
    images = np.empty((variants * len(whole), 28, 28), np.uint8)
    for i in range(len(images)):
        strokes, label = whole[i % len(whole)]
        image = preprocess_strokes(vary_strokes(strokes, label, random), pen_width=random.uniform(1.6, 3.4))
        images[i] = np.round(image * 255)
        yield (i + 1) / len(images)
    labels = np.tile(np.array([label for _, label in whole], np.uint8), variants)
    images.flags.writeable = labels.flags.writeable = False
    _drawn[seed, variants] = images, labels
    while len(_drawn) > _KEPT:
        _drawn.pop(next(iter(_drawn)), None)


@cache
def pen_digit_sample() -> np.ndarray:
    """Two thousand of the `train` writers' digits as they were drawn: (2000, 28, 28) uint8 [0, 255], read-only."""
    strokes = load_pen_digits("train").strokes
    chosen = np.random.default_rng(28).choice(len(strokes), _SAMPLE, replace=False)
    images = np.round(255 * np.array([preprocess_strokes(strokes[i]) for i in chosen])).astype(np.uint8)
    images.flags.writeable = False
    return images


@cache
def pen_digit_count() -> int:
    """How many images `pen_digit_images` draws."""
    return VARIANTS * len(_whole_digits())


def _whole_digits() -> list[tuple[list[np.ndarray], int]]:
    """Strokes and label of the `train` writers' digits, without the fragments."""
    digits = load_pen_digits("train")
    return [(s, int(label)) for s, label in zip(digits.strokes, digits.labels) if label == 1 or not is_straight(s)]


def is_straight(strokes: list[np.ndarray]) -> bool:
    """Whether a drawing is one straight line or a dot: with any label but 1, its other strokes were lost."""
    if len(strokes) > 1:
        return False
    points = strokes[0]
    length = np.hypot(*np.diff(points, axis=0).T).sum()
    return bool(length <= 1.2 * np.hypot(*(points[-1] - points[0])))


def vary_strokes(strokes: list[np.ndarray], label: int, random: np.random.Generator) -> list[np.ndarray]:
    """Turn, shear, stretch and bend a digit's strokes as another hand might have drawn them.

    Args:
        strokes: each (n, 2), 0..1, y down.
        label: 0..9.
        random: the source of chance.

    Returns:
        New strokes, scaled to fit 0..1 again.
    """
    angle, shear, stretch = random.uniform(-1, 1, 3) * (ROTATION, SHEAR, STRETCH)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[np.exp(stretch), shear], [0.0, 1.0]])
    # A sum of a few long waves bends smoothly, and never folds at these amplitudes.
    waves = random.normal(0, 2.0, (3, 2))
    phases = random.uniform(0, 2 * np.pi, 3)
    shifts = random.normal(0, BEND, (3, 2))
    bent = []
    for points in _other_form(strokes, label, random):
        moved = (points - 0.5) @ matrix.T
        moved = moved + np.sin(moved @ waves.T + phases) @ shifts
        bent.append(moved)
    low = np.min([points.min(axis=0) for points in bent], axis=0)
    high = np.max([points.max(axis=0) for points in bent], axis=0)
    extent = max(float((high - low).max()), 1e-6)
    return [(points - low) / extent for points in bent]


def _other_form(strokes: list[np.ndarray], label: int, random: np.random.Generator) -> list[np.ndarray]:
    """Now and then: a slash through a 0, a bar across a 7, a flag and a foot on a 1, where the writer made none."""
    if random.random() >= OTHER_FORM_SHARE or len(strokes) > 1:
        return strokes
    points = strokes[0]
    low, high = points.min(axis=0), points.max(axis=0)
    if label == 0:
        return [points, _slash(low, high, random)]
    if label == 7:
        return [points, _bar(points, high - low, random)]
    if label == 1 and high[0] - low[0] < 0.4 * (high[1] - low[1]):
        return _with_flag(points, random)
    return strokes


def _slash(low: np.ndarray, high: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """From the lower left of a 0 to its upper right, ending inside it or outside."""
    lower_left, upper_right = np.array([low[0], high[1]]), np.array([high[0], low[1]])
    start, end = random.uniform(-0.15, 0.25, 2)
    across = upper_right - lower_left
    return np.array([lower_left + start * across, upper_right - end * across])


def _bar(points: np.ndarray, size: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Across the stem of a 7, near the middle of its height."""
    height = points[:, 1].min() + random.uniform(0.4, 0.6) * size[1]
    # The stem comes last: look for the place from its end.
    crossing = len(points) - 1 - np.abs(points[::-1, 1] - height).argmin()
    half = random.uniform(0.15, 0.35) * size[1]
    tilt = random.uniform(-0.25, 0.1) * half
    return points[crossing] + np.array([[-half, -tilt], [half, tilt]])


def _with_flag(points: np.ndarray, random: np.random.Generator) -> list[np.ndarray]:
    """A 1 that starts with an upstroke from the left and, half the time, stands on a foot."""
    points = points if points[0, 1] < points[-1, 1] else points[::-1]
    height = float(np.ptp(points[:, 1]))
    start = points[0] + height * np.array([-random.uniform(0.1, 0.5), random.uniform(0.1, 0.45)])
    flagged = np.concatenate([start[None], points])
    if random.random() < 0.5:
        return [flagged]
    half = random.uniform(0.15, 0.35) * height
    return [flagged, points[-1] + np.array([[-half, 0.0], [half, 0.0]])]
