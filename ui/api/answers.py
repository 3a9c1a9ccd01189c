"""Readings as the plain values that a browser or an API client gets."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from mnist_core import Reading, ReadingBox
from mnist_core.errors import InvalidInput


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


def number_answer(digits: Sequence[ReadingBox], model_name: str) -> dict[str, Any]:
    """What the page shows of a number: as `page_answer`, of the digit drawn last.

    With several digits, also `digits`, the same of each with its `box` (0..1 of the pad or picture) and `strokes`
    (their indices; null in a picture), and `chosen`, which of them it is.
    """
    chosen = last_drawn(digits)
    answer = page_answer(digits[chosen], model_name)
    if len(digits) == 1:
        return answer
    return {**answer, "digits": [_page_digit(digit) for digit in digits], "chosen": chosen}


def _page_digit(digit: ReadingBox) -> dict[str, Any]:
    return {**_api_digit(digit), "image": encode_picture(digit.image), "strokes": list(digit.strokes) or None}


def last_drawn(digits: Sequence[ReadingBox]) -> int:
    """Which digit holds the last stroke; in a picture, the last one."""
    return max(range(len(digits)), key=lambda i: (max(digits[i].strokes, default=0), i))


def api_number(digits: Sequence[ReadingBox]) -> dict[str, Any]:
    """What `/read_number` answers: the number, with ? for what is no digit, and each digit with its box."""
    number = "".join(str(digit.digit) if digit.is_digit else "?" for digit in digits)
    return {"number": number, "digits": [_api_digit(digit) for digit in digits]}


def _api_digit(digit: ReadingBox) -> dict[str, Any]:
    return {**api_answer(digit), "box": [round(edge, 4) for edge in digit.box]}


def encode_picture(image: np.ndarray) -> str:
    """(28, 28) float [0, 1] or uint8 [0, 255] -> 784 bytes, base64."""
    pixels = image if image.dtype == np.uint8 else np.round(image * 255).astype(np.uint8)
    return base64.b64encode(pixels.tobytes()).decode()


def decode_picture(text: object) -> np.ndarray:
    """784 bytes, base64 -> (28, 28) uint8. Raises ValueError for anything else."""
    expected = "`picture` must be 784 bytes, base64."
    if not isinstance(text, str) or len(text) > 2000:
        raise InvalidInput(expected)
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        raise InvalidInput(expected) from None
    if len(content) != 784:
        raise InvalidInput(expected)
    return np.frombuffer(content, np.uint8).reshape(28, 28)
