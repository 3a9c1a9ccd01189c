"""My drawings: what a visitor has drawn and said what it is. Bounded; in and out as JSON; nothing in it is trusted."""

from __future__ import annotations

import hashlib
import json
import math
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from mnist_core import Classifier, check_strokes, preprocess_strokes
from mnist_core.shown import shown
from ui.limits import MAX_COMMAS, MAX_DRAWINGS, MAX_LISTS, MAX_OBJECTS
from ui.limits import MAX_DRAWING_POINTS as MAX_POINTS
from ui.limits import MAX_DRAWING_STROKES as MAX_STROKES
from ui.limits import MAX_DRAWINGS_CHARACTERS as MAX_FILE_CHARACTERS

FORMAT = "draw-a-digit drawings"

_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)
_NEAREST = 0.005  # of the pad: points closer than this add nothing that can be seen in 28 x 28 pixels
_DECIMALS = 3
_OUTLINE = 100  # units of the small picture's side


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
        return hashlib.sha256(json.dumps(self._lists()).encode()).hexdigest()[:16]

    @cached_property
    def image(self) -> np.ndarray:
        """(28, 28) float32 [0, 1]: what the network sees."""
        return preprocess_strokes(self.strokes)

    @cached_property
    def outline(self) -> str:
        """The path of an SVG picture with a side of 100, the ink centred in it."""
        points = np.concatenate(self.strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = 0.8 * _OUTLINE / max(float((high - low).max()), 0.2)
        middle = (low + high) / 2
        return "".join(_path((stroke - middle) * scale + _OUTLINE / 2) for stroke in self.strokes)

    @classmethod
    def checked(cls, strokes: Any, label: Any) -> Drawing:
        """A drawing of what may be anything. Raises ValueError, saying what is wrong and what is accepted."""
        if not isinstance(label, int) or isinstance(label, bool) or not 0 <= label <= 9:
            raise ValueError(f"A label must be a digit from 0 to 9. Received: {shown(label)}")
        arrays = check_strokes(strokes)
        if not arrays:
            raise ValueError("There is no stroke in the drawing.")
        if len(arrays) > MAX_STROKES:
            raise ValueError(f"A drawing of one digit has at most {MAX_STROKES} strokes. Received: {len(arrays)}")
        return cls(_simplified(arrays), label)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"label": self.label, "strokes": self._lists()}

    def _lists(self) -> list[list[list[float]]]:
        return [stroke.tolist() for stroke in self.strokes]


class Drawings:
    """At most MAX_DRAWINGS drawings, in the order in which they were saved.

    Args:
        key: what the visitor's browser names them by, so that its tabs share them; nobody can guess it.
    """

    def __init__(self, key: str | None = None) -> None:
        self.key = key or secrets.token_urlsafe(16)
        self._drawings: dict[str, Drawing] = {}

    def __len__(self) -> int:
        return len(self._drawings)

    def __iter__(self) -> Iterator[Drawing]:
        return iter(list(self._drawings.values()))

    def find(self, drawing_id: object) -> Drawing | None:
        """The drawing with that id, if there is one."""
        return self._drawings.get(drawing_id) if isinstance(drawing_id, str) else None

    def save(self, drawing: Drawing) -> Drawing | None:
        """Keep a drawing; the same strokes with another label take its place.

        Returns:
            What it took the place of, if anything.

        Raises:
            ValueError: there is no room.
        """
        before = self._drawings.get(drawing.id)
        if before is None and len(self) >= MAX_DRAWINGS:
            raise ValueError(f"{MAX_DRAWINGS} drawings are kept at most. Delete some under My drawings first.")
        self._drawings[drawing.id] = drawing
        return before

    def delete(self, drawing_id: object) -> None:
        """Forget a drawing, if it is there."""
        if isinstance(drawing_id, str):
            self._drawings.pop(drawing_id, None)

    def clear(self) -> None:
        """Forget all of them."""
        self._drawings = {}

    def add(self, others: list[Drawing]) -> int:
        """Keep those that are not there yet, all or none.

        Returns:
            How many were new.

        Raises:
            ValueError: there is no room for all of them; nothing has changed then.
        """
        new = {drawing.id: drawing for drawing in others if drawing.id not in self._drawings}
        if len(self) + len(new) > MAX_DRAWINGS:
            raise ValueError(
                f"{MAX_DRAWINGS} drawings are kept at most: there is room for {MAX_DRAWINGS - len(self)} more. "
                f"Received: {len(new)} new ones."
            )
        self._drawings = {**self._drawings, **new}
        return len(new)

    def counts(self) -> list[int]:
        """How many there are of each digit, 0 to 9."""
        labels = [drawing.label for drawing in self]
        return [labels.count(digit) for digit in range(10)]

    def labelled(self) -> list[tuple[list[np.ndarray], int]]:
        """As `mnist_core.teach` takes them."""
        return [(drawing.strokes, drawing.label) for drawing in self]

    def read(self, classifier: Classifier) -> list[int]:
        """What a model reads each of them as."""
        return read_drawings(list(self), classifier)

    def to_browser(self) -> dict[str, Any]:
        """What the browser keeps: plain values."""
        return {"key": self.key, **to_file(list(self))}


def read_drawings(drawings: list[Drawing], classifier: Classifier) -> list[int]:
    """What a model reads each of the drawings as, in one pass."""
    if not drawings:
        return []
    images = np.array([drawing.image for drawing in drawings])
    return [int(digit) for digit in classifier.probabilities(images).argmax(axis=1)]


def to_file(drawings: list[Drawing]) -> dict[str, Any]:
    """Drawings as the plain values of a JSON file."""
    return {"format": FORMAT, "drawings": [drawing.to_dict() for drawing in drawings]}


def parse_file(text: object) -> list[Drawing]:
    """The drawings in a JSON file that somebody brings. Raises ValueError, saying what is wrong."""
    if not isinstance(text, str):
        raise ValueError("Choose a JSON file of drawings, as Download makes it.")
    if len(text) > MAX_FILE_CHARACTERS:
        raise ValueError(f"A file of drawings has at most {MAX_FILE_CHARACTERS:,} characters. Received: {len(text):,}")
    if text.count("[") > MAX_LISTS or text.count("{") > MAX_OBJECTS or text.count(",") > MAX_COMMAS:
        raise ValueError("The file holds no drawings, or far too many. Accepted is a file as Download makes it.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("The file is not JSON. Accepted is a file of drawings, as Download makes it.") from None
    return checked_drawings(content)


def checked_drawings(content: Any) -> list[Drawing]:
    """The drawings in plain values that may be anything. Raises ValueError, saying what is wrong."""
    expected = f'Expected {{"format": "{FORMAT}", "drawings": [{{"label": 7, "strokes": [[[x, y], ...], ...]}}, ...]}}.'
    entries = content.get("drawings") if isinstance(content, dict) else None
    if not isinstance(entries, list) or content.get("format") != FORMAT:
        raise ValueError(f"This holds no drawings. {expected}")
    if len(entries) > MAX_DRAWINGS:
        raise ValueError(f"At most {MAX_DRAWINGS} drawings are accepted. Received: {len(entries):,}")
    return [_checked_entry(entry, number) for number, entry in enumerate(entries)]


def _checked_entry(entry: Any, number: int) -> Drawing:
    if not isinstance(entry, dict):
        raise ValueError(f"Drawing {number} must have a label and strokes. Received: {type(entry).__name__}")
    try:
        return Drawing.checked(entry.get("strokes"), entry.get("label"))
    except ValueError as error:
        raise ValueError(f"Drawing {number}: {error}") from None


class Notebooks:
    """Finds the drawings of a browser, so that its tabs share them while any of them is open."""

    def __init__(self) -> None:
        self._by_key: WeakValueDictionary[str, Drawings] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._by_key)

    def open(self, kept: Any) -> tuple[Drawings, str]:
        """The drawings of a browser.

        Args:
            kept: what it keeps, which may be anything.

        Returns:
            The drawings, and what went wrong with what it kept, in words; else "".
        """
        if kept is None:
            return self._new(Drawings()), ""
        key = kept.get("key") if isinstance(kept, dict) else None
        shared = self._by_key.get(key) if isinstance(key, str) else None
        if shared is not None:
            return shared, ""
        try:
            drawings = Drawings(key if isinstance(key, str) and _KEY.fullmatch(key) else None)
            drawings.add(checked_drawings(kept))
            return self._new(drawings), ""
        except ValueError as error:
            return self._new(Drawings()), f"The drawings in your browser cannot be read and were dropped: {error}"

    def _new(self, drawings: Drawings) -> Drawings:
        return self._by_key.setdefault(drawings.key, drawings)


def _simplified(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """Round strokes and thin out their points, until the whole drawing is small enough."""
    rounded: list[list[list[float]]] = [(np.round(stroke, _DECIMALS) + 0.0).tolist() for stroke in strokes]  # no -0.0
    distance = _NEAREST
    while (thinned := _thinned(rounded, distance)) is None:
        distance *= 1.5
    return [np.array(stroke) for stroke in thinned]


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


def _path(points: np.ndarray) -> str:
    """One stroke of an SVG path, in whole units; a dot is a line of no length."""
    units = np.round(points).astype(int)
    is_new = np.concatenate([[True], np.abs(np.diff(units, axis=0)).sum(axis=1) > 1])
    x, y = units[0]
    rest = "".join(f"L{x} {y}" for x, y in units[is_new][1:]) or f"L{x} {y}"
    return f"M{x} {y}{rest}"
