"""The pen digits as training pictures: strokes bent and drawn again, with the variants that other hands write."""

from __future__ import annotations

import numpy as np

from mnist_core.data import load_pen_digits
from mnist_core.strokes import preprocess_strokes

VARIANTS = 3  # pictures of each pen digit


def pen_digit_images(seed: int, variants: int = VARIANTS) -> tuple[np.ndarray, np.ndarray]:
    """Draw the `train` writers' digits, each several times with other strokes and pen widths.

    Args:
        seed: of the distortions.
        variants: pictures of each digit.

    Returns:
        images (n, 28, 28) uint8 [0, 255] and labels (n,) uint8; n = digits x variants.
    """
    digits = load_pen_digits("train")
    random = np.random.default_rng((seed, 28))
    images = [
        preprocess_strokes(vary_strokes(strokes, int(label), random), pen_width=random.uniform(1.6, 3.4))
        for _ in range(variants)
        for strokes, label in zip(digits.strokes, digits.labels)
    ]
    return np.round(np.array(images) * 255).astype(np.uint8), np.tile(digits.labels, variants)


def vary_strokes(strokes: list[np.ndarray], label: int, random: np.random.Generator) -> list[np.ndarray]:
    """Turn, shear, stretch and bend a digit's strokes as another hand might have drawn them.

    Args:
        strokes: each (n, 2), 0..1, y down.
        label: 0..9.
        random: the source of chance.

    Returns:
        New strokes, scaled to fit 0..1 again.
    """
    angle, shear = random.uniform(-0.15, 0.15), random.uniform(-0.25, 0.25)
    stretch = np.exp(random.uniform(-0.2, 0.2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[stretch, shear], [0.0, 1.0]])
    # A sum of a few long waves bends smoothly, and never folds at these amplitudes.
    waves = random.normal(0, 2.0, (3, 2))
    phases = random.uniform(0, 2 * np.pi, 3)
    shifts = random.normal(0, 0.02, (3, 2))
    bent = []
    for points in strokes:
        moved = (points - 0.5) @ matrix.T
        moved = moved + np.sin(moved @ waves.T + phases) @ shifts
        bent.append(moved)
    low = np.min([points.min(axis=0) for points in bent], axis=0)
    high = np.max([points.max(axis=0) for points in bent], axis=0)
    extent = max(float((high - low).max()), 1e-6)
    return [(points - low) / extent for points in bent]
