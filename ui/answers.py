"""Readings as the plain values that a browser or an API client gets."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from mnist_core import Reading


def api_answer(reading: Reading) -> dict[str, Any]:
    """What the API endpoints answer: digit first, then ten probabilities (0..1, of 0 to 9), is_digit."""
    return {
        "digit": reading.digit,
        "probabilities": [round(float(share), 6) for share in reading.probabilities],
        "is_digit": reading.is_digit,
    }


def page_answer(reading: Reading, model_name: str) -> dict[str, Any]:
    """What the reading panel shows: the API's answer, the picture the network saw (784 bytes, base64), the model."""
    pixels = np.round(reading.image * 255).astype(np.uint8)
    return {**api_answer(reading), "image": base64.b64encode(pixels.tobytes()).decode(), "model": model_name}
