"""Why a drawing is read as it is, as plain values and plain words that a browser gets."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np

from mnist_core import Change, Classifier, DamagedData, Reading, explain, explain_change
from mnist_core.errors import InvalidInput
from ui.api.answers import encode_picture

# Of three by three regions.
_PLACES = (
    "at the top left", "at the top", "at the top right",
    "at the left", "in the middle", "at the right",
    "at the bottom left", "at the bottom", "at the bottom right",
)  # fmt: skip
_ALSO = 0.6  # of what the first region has: a second one is named too
_LITTLE = 0.05  # of what all regions have: not worth a word

_ALL = range(10)


def check_why(value: Any) -> list[int] | None:
    """What a request may say of `why`, which may be anything.

    Args:
        value: None, or `{"against": a digit or None}`.

    Returns:
        None when nothing is to be explained, or the other digits that are asked about, at most one.

    Raises:
        ValueError: it is something else.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InvalidInput('`why` must be null or an object with `against`, as {"against": 3}.')
    against = value.get("against")
    if against is None:
        return []
    if isinstance(against, bool) or not isinstance(against, int) or against not in _ALL:
        raise InvalidInput("`against` must be null or a digit, 0 to 9.")
    return [against]


def why_answer(classifier: Classifier, reading: Reading, others: Iterable[int] = _ALL) -> dict[str, Any]:
    """What the page shows of why a drawing is read as it is.

    Args:
        classifier: the model that read it.
        reading: what it read.
        others: the digits to compare the answer with; the answer itself is passed over.

    Returns:
        digit; ink: 784 bytes, base64, 128 for nothing, above for the digit, below against it; words; layers: for each
        of the three the activations in that way; others: by digit, change: bytes like those of ink, above for ink that
        is missing, below for ink that is too much, typical: the picture it is compared with, and words.
    """
    found = explain(classifier, reading.image, reading.digit)
    changes = [
        explain_change(classifier, reading.image, found.digit, other) for other in others if other != found.digit
    ]
    return {
        "digit": found.digit,
        "ink": encode_signed(found.attribution),
        "words": ink_words(found.digit, found.attribution),
        "layers": _layers(classifier, reading),
        "others": {str(change.digit): _change_answer(change) for change in changes},
    }


def explained(classifier: Classifier, reading: Reading, others: Iterable[int] = _ALL) -> dict[str, Any]:
    """`{"why": what why_answer says}`, or `{"why_error": message}`: a reading goes on where its reasons cannot."""
    try:
        return {"why": why_answer(classifier, reading, others)}
    except DamagedData as error:
        return {"why_error": str(error)}


def encode_signed(values: np.ndarray, most: float | None = None) -> str:
    """Numbers as bytes, base64: 128 is 0, 255 is `most`, 1 is minus `most`.

    Args:
        values: (...) float.
        most: the largest magnitude; without one, that of the values.
    """
    scale = most or float(np.abs(values).max()) or 1.0
    return base64.b64encode(np.round(np.clip(values / scale, -1, 1) * 127 + 128).astype(np.uint8).tobytes()).decode()


def ink_words(digit: int, attribution: np.ndarray) -> str:
    """Where the ink mostly speaks for a digit and where against it, as a sentence; attribution: (28, 28)."""
    regions = _regions(attribution)
    speaks_for, against = _places(regions), _places(-regions)
    if not speaks_for:
        return f"Hardly any ink speaks for {_a(digit)}."
    if not against:
        return f"The ink {speaks_for} speaks most for {_a(digit)}."
    return f"The ink {speaks_for} speaks most for {_a(digit)}, the ink {against} most against it."


def change_words(change: Change) -> str:
    """What another digit would need, as a sentence."""
    regions = _regions(change.missing - change.excess)
    missing, excess = _places(regions), _places(-regions)
    need = f"{_a(change.digit).capitalize()} would need"
    if missing and excess:
        return f"{need} ink {missing}, and less of it {excess}."
    if missing:
        return f"{need} more ink {missing}."
    if excess:
        return f"{need} less ink {excess}."
    return f"Nothing that a typical {change.digit} has is missing."


def _change_answer(change: Change) -> dict[str, str]:
    return {
        "change": encode_signed(change.missing - change.excess),
        "typical": encode_picture(change.typical),
        "words": change_words(change),
    }


def _layers(classifier: Classifier, reading: Reading) -> list[str]:
    """The three layers' activations at full strength 1 where their function ends there, else that of the strongest.

    Of the logits only the differences count: those are shown that stand out above the middle one.
    """
    first, second, logits = reading.layers
    most = 1.0 if classifier.weights.activation in ("sigmoid", "tanh") else None
    return [
        encode_signed(first, most),
        encode_signed(second, most),
        encode_signed(np.maximum(logits - np.median(logits), 0)),
    ]


def _regions(amounts: np.ndarray) -> np.ndarray:
    """(28, 28) -> (9,): the sums over three by three parts of the square around all that is not 0."""
    where = np.argwhere(amounts)
    if not len(where):
        return np.zeros(9)
    low, high = where.min(axis=0), where.max(axis=0) + 1
    side = (high - low).max()
    corner = (low + high - side) / 2
    row, column = np.clip((where + 0.5 - corner) * 3 // side, 0, 2).astype(int).T
    return np.bincount(3 * row + column, weights=amounts[amounts != 0], minlength=9)


def _places(regions: np.ndarray) -> str | None:
    """The region with the most, in words, or two when the second has nearly as much; None when none has any."""
    first, second = np.argsort(-regions, kind="stable")[:2]
    if regions[first] <= _LITTLE * np.abs(regions).sum():
        return None
    if regions[second] >= _ALSO * regions[first]:
        return f"{_PLACES[first]} and {_PLACES[second]}"
    return _PLACES[first]


def _a(digit: int) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"
