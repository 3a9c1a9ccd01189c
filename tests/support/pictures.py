"""Pictures of digits as people hand them in: of any size, place, thickness and polarity."""

from __future__ import annotations

import numpy as np
from PIL import Image

from mnist_core import render_strokes

SIDE = 280


def picture(strokes: list[np.ndarray], random: np.random.Generator, upscaled: bool) -> np.ndarray:
    """Draw a digit at scale 0.3 to 0.9, off-centre by up to 20% of the side, brush 8 to 24 px, in either polarity.

    Args:
        strokes: each (n, 2); the longest side of the digit is 1.
        random: the source of chance.
        upscaled: to 1000 px.

    Returns:
        (280, 280) or (1000, 1000) uint8.
    """
    scale, brush = random.uniform(0.3, 0.9), random.uniform(8, 24)
    points = np.concatenate(strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    # Off-centre only as far as the digit and its brush stay in the picture.
    room = np.maximum(0.5 - scale * np.ptp(points, axis=0) / 2 - brush / 2 / SIDE, 0)
    centre = 0.5 + np.clip(random.uniform(-0.2, 0.2, 2), -room, room)
    drawn = render_strokes([(stroke - middle) * scale + centre for stroke in strokes], SIDE, brush)
    if upscaled:
        drawn = np.asarray(Image.fromarray(drawn).resize((1000, 1000), Image.Resampling.BICUBIC))
    return 255 - drawn if random.random() < 0.5 else drawn
