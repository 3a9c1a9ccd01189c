"""My drawings: what a visitor has drawn and said what it is. Their browser keeps them; here they are checked."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mnist_core import Classifier, check_strokes, preprocess_strokes
from mnist_core.errors import InvalidInput
from mnist_core.shown import shown
from ui.limits import MAX_DRAWING_POINTS as MAX_POINTS
from ui.limits import MAX_DRAWING_STROKES as MAX_STROKES
from ui.limits import MAX_DRAWINGS

FORMAT = "draw-a-digit drawings"

_NEAREST = 0.005  # of the pad: points closer than this add nothing that can be seen in 28 x 28 pixels
_DECIMALS = 3


@dataclass(frozen=True, eq=False)
class Drawing:
    """One drawing and what it is.

    Attributes:
        strokes: each (n, 2) float64 x, y, 0..1 of the pad, y down, rounded and thinned out.
        label: the digit, 0..9.
    """

    strokes: list[np.ndarray]
    label: int

    @cached_property
    def id(self) -> str:
        """The same for the same strokes, whatever their label: by it a drawing is found again."""
        lengths = np.array([len(stroke) for stroke in self.strokes])
        return hashlib.sha256(lengths.tobytes() + np.concatenate(self.strokes).tobytes()).hexdigest()[:16]

    @cached_property
    def image(self) -> np.ndarray:
        """(28, 28) float32 [0, 1]: what the network sees."""
        return preprocess_strokes(self.strokes)

    @classmethod
    def checked(cls, strokes: Any, label: Any) -> Drawing:
        """A drawing of what may be anything. Raises ValueError, saying what is wrong and what is accepted."""
        check_label(label)
        arrays = check_strokes(strokes)
        if not arrays:
            raise InvalidInput("There is no stroke in the drawing.")
        if len(arrays) > MAX_STROKES:
            raise InvalidInput(f"A drawing of one digit has at most {MAX_STROKES} strokes. Received: {len(arrays)}")
        return cls(_simplified(arrays), label)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"label": self.label, "strokes": [stroke.tolist() for stroke in self.strokes]}


def check_label(label: Any) -> None:
    """Raises ValueError for what is no label."""
    if not isinstance(label, int) or isinstance(label, bool) or not 0 <= label <= 9:
        raise InvalidInput(f"A label must be a digit from 0 to 9. Received: {shown(label)}")


class Drawings:
    """At most MAX_DRAWINGS drawings of a visitor, in the order in which they were saved."""

    def __init__(self) -> None:
        self._drawings: dict[str, Drawing] = {}

    def __len__(self) -> int:
        return len(self._drawings)

    def __iter__(self) -> Iterator[Drawing]:
        return iter(list(self._drawings.values()))

    def find(self, drawing_id: str) -> Drawing | None:
        """The drawing with that id, if there is one."""
        return self._drawings.get(drawing_id)

    def save(self, drawing: Drawing) -> None:
        """Keep a drawing; it takes the place of one with the same strokes. Raises ValueError when there is no room."""
        if drawing.id not in self._drawings and len(self) >= MAX_DRAWINGS:
            raise InvalidInput(f"{MAX_DRAWINGS} drawings are kept at most. Delete some under My drawings first.")
        self._drawings[drawing.id] = drawing

    def keep_only(self, labels: Mapping[str, int]) -> None:
        """Forget all but those with these ids, and give these the labels that are beside their ids."""
        known = [(self._drawings[each], label) for each, label in labels.items() if each in self._drawings]
        self._drawings = {
            drawing.id: drawing if drawing.label == label else replace(drawing, label=label) for drawing, label in known
        }

    def counts(self) -> list[int]:
        """How many there are of each digit, 0 to 9."""
        labels = [drawing.label for drawing in self]
        return [labels.count(digit) for digit in range(10)]


def read_drawings(drawings: list[Drawing], classifier: Classifier) -> list[int]:
    """What a model reads each of the drawings as, in one pass."""
    if not drawings:
        return []
    images = np.array([drawing.image for drawing in drawings])
    return [int(digit) for digit in classifier.probabilities(images).argmax(axis=1)]


def to_file(drawings: list[Drawing]) -> dict[str, Any]:
    """Drawings as the plain values of a JSON file."""
    return {"format": FORMAT, "drawings": [drawing.to_dict() for drawing in drawings]}


def _simplified(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """Round strokes and thin out their points, until the whole drawing is small enough."""
    rounded = [np.round(stroke, _DECIMALS) + 0.0 for stroke in strokes]  # no -0.0
    if sum(map(len, rounded)) <= MAX_POINTS and all(map(_is_thin, rounded)):
        return rounded  # as every drawing that comes back from a browser or a file
    lists: list[list[list[float]]] = [stroke.tolist() for stroke in rounded]
    distance = _NEAREST
    while (thinned := _thinned(lists, distance)) is None:
        distance *= 1.5
    return [np.array(stroke) for stroke in thinned]


def _is_thin(stroke: np.ndarray) -> bool:
    """Whether no two points of an (n, 2) stroke are too close; the last one may be closer to the one before it."""
    distances = np.hypot(*np.diff(stroke, axis=0).T)
    return bool((distances[:-1] >= _NEAREST).all() and (distances[-1:] > 0).all())


def _thinned(strokes: list[list[list[float]]], distance: float) -> list[list[list[float]]] | None:
    """Strokes whose points are at least so far apart, but for their ends; None as soon as they are too many."""
    # Each stroke keeps both of its ends, however far apart points must be.
    room = max(MAX_POINTS, 2 * len(strokes))
    thinned = []
    for stroke in strokes:
        kept = [last := stroke[0]]
        for point in stroke:
            if math.dist(point, last) >= distance:
                kept.append(last := point)
                if len(kept) > room:
                    return None
        if last != stroke[-1]:
            kept.append(stroke[-1])
        room -= len(kept)
        thinned.append(kept)
    return thinned if room >= 0 else None
