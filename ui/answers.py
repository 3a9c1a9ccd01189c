"""Readings as the plain values that a browser or an API client gets."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from mnist_core import Reading


def api_answer(reading: Reading) -> dict[str, Any]:
    """What the API endpoints answer: digit, ten probabilities (0..1, of 0 to 9), is_digit, digit_score (0..1)."""
    return {
        "digit": reading.digit,
        "probabilities": [round(float(share), 6) for share in reading.probabilities],
        "is_digit": reading.is_digit,
        "digit_score": round(reading.digit_score, 6),
    }


def page_answer(reading: Reading, model_name: str) -> dict[str, Any]:
    """What the reading panel shows: the API's answer, the picture the network saw, the model."""
    return {**api_answer(reading), "image": encode_picture(reading.image), "model": model_name}


def encode_picture(image: np.ndarray) -> str:
    """(28, 28) float [0, 1] or uint8 [0, 255] -> 784 bytes, base64."""
    pixels = image if image.dtype == np.uint8 else np.round(image * 255).astype(np.uint8)
    return base64.b64encode(pixels.tobytes()).decode()


def decode_picture(text: object) -> np.ndarray:
    """784 bytes, base64 -> (28, 28) uint8. Raises ValueError for anything else."""
    expected = "`picture` must be 784 bytes, base64."
    if not isinstance(text, str) or len(text) > 2000:
        raise ValueError(expected)
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError(expected) from None
    if len(content) != 784:
        raise ValueError(expected)
    return np.frombuffer(content, np.uint8).reshape(28, 28)
