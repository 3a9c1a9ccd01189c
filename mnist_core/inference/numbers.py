"""Reading whole numbers: which ink makes which digit, each digit read by itself, from left to right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from mnist_core.inference.classifier import Classifier, Reading
from mnist_core.inference.digit_detector import shipped_detector
from mnist_core.inference.digit_grouping import Group, group_pieces
from mnist_core.preprocessing.drawing import INK_SIDE, preprocess_mask
from mnist_core.preprocessing.ink import Ink, find_ink
from mnist_core.preprocessing.paper import Box
from mnist_core.preprocessing.strokes import Strokes, preprocess_strokes

_WIDEST = 12.0  # widths to heights of a number's ink; of anything wider, the digits are read from fewer pixels


@dataclass(frozen=True, eq=False)
class ReadingBox(Reading):
    """One digit of a number, and where it stands.

    Attributes:
        box: left, top, right, bottom of its ink, 0..1 of the pad or picture; of strokes, the middle of the line.
        strokes: the indices of its strokes in the drawing, rising; none in a picture.
    """

    box: Box
    strokes: tuple[int, ...]


def read_number(classifier: Classifier, drawing: Any) -> list[ReadingBox]:
    """Read a number of up to 12 digits on one line, anywhere and of any size.

    A digit of several strokes stays whole, in whatever order they were drawn. Digits that are one stroke, or that touch
    in a picture, are not split. A drawing of a single digit is read exactly as `Classifier.read` does.

    Args:
        classifier: reads each digit. Where the digits are does not depend on it.
        drawing: strokes or a picture, as for `Classifier.read`.

    Returns:
        The digits from left to right, at least one; more than 12 are no number, and are read as one drawing.

    Raises:
        BlankDrawing: there is no ink.
        ValueError: the drawing is neither strokes nor a picture; the message says what is wrong.
    """
    return _of_picture(classifier, drawing) if isinstance(drawing, np.ndarray) else _of_strokes(classifier, drawing)


def _of_strokes(classifier: Classifier, strokes: Any) -> list[ReadingBox]:
    drawn = Strokes.parse(strokes)
    if len(drawn) < 2:
        return [_with_box(classifier.read(drawn), _box(drawn.points[0]), drawn.numbers)]
    low = np.array([points.min(axis=0) for points in drawn.points])
    high = np.array([points.max(axis=0) for points in drawn.points])
    image_of = _Images(lambda group: preprocess_strokes(drawn.only(group)))
    return [
        _with_box(
            classifier.read_image(image_of(group)),
            _box(np.concatenate(drawn.only(group).points)),
            drawn.only(group).numbers,
        )
        for group in group_pieces(low, high, image_of.likeness)
    ]


def _of_picture(classifier: Classifier, picture: np.ndarray) -> list[ReadingBox]:
    ink = find_ink(picture)
    mask, where = _at_fit_size(ink)
    pieces, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    low, high = _piece_boxes(pieces)
    # Where the middle of the line is, as in strokes.
    half = np.minimum(_pen_width(mask), (high - low).min(axis=1, keepdims=True)) / 2
    scale = max(mask.shape)
    image_of = _Images(lambda group: preprocess_mask(_cut_out(pieces, group, low, high)))
    groups = group_pieces((low + half) / scale, (high - half) / scale, image_of.likeness)
    if len(groups) == 1:
        return [_with_box(classifier.read_image(preprocess_mask(ink.at(INK_SIDE)[0])), where, ())]
    return [
        _with_box(
            classifier.read_image(image_of(group)),
            _in_picture(low[list(group)].min(axis=0), high[list(group)].max(axis=0), mask.shape, where),
            (),
        )
        for group in groups
    ]


class _Images:
    """The images of groups of pieces, each made once."""

    def __init__(self, make: Callable[[Group], np.ndarray]) -> None:
        self._make = make
        self._made: dict[Group, np.ndarray] = {}

    def __call__(self, group: Group) -> np.ndarray:
        if group not in self._made:
            self._made[group] = self._make(group)
        return self._made[group]

    def likeness(self, groups: list[Group]) -> np.ndarray:
        # Not what the model in use makes of them: one that learned little must still find where digits begin and end.
        return shipped_detector().digit_scores(np.stack([self(group) for group in groups]))


def _with_box(reading: Reading, box: Box, strokes: tuple[int, ...]) -> ReadingBox:
    return ReadingBox(**vars(reading), box=box, strokes=strokes)


def _box(points: np.ndarray) -> Box:
    left, top, right, bottom = (float(value) for value in (*points.min(axis=0), *points.max(axis=0)))
    return left, top, right, bottom


def _at_fit_size(ink: Ink) -> tuple[np.ndarray, Box]:
    """The ink's mask and box, fine enough that a digit in a row of them has as many pixels as one alone."""
    mask, where = ink.at(INK_SIDE)
    wide = min(mask.shape[1] / mask.shape[0], _WIDEST)
    return ink.at(round(INK_SIDE * wide)) if wide > 1 else (mask, where)


def _piece_boxes(pieces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Upper left and lower right corners of labelled pieces, x, y in pixels, each (n, 2) float64."""
    boxes = [(columns, rows) for rows, columns in ndimage.find_objects(pieces)]
    low = np.array([(columns.start, rows.start) for columns, rows in boxes], float)
    high = np.array([(columns.stop, rows.stop) for columns, rows in boxes], float)
    return low, high


def _pen_width(mask: np.ndarray) -> float:
    """In pixels: in a line of width w, the distance to the edge averages w / 4."""
    inside = ndimage.distance_transform_edt(np.pad(mask, 1)) - 0.5
    return 4 * float(inside[np.pad(mask, 1)].mean())


def _cut_out(pieces: np.ndarray, group: Group, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The mask of some of the labelled pieces, cropped to them."""
    left, top = low[list(group)].min(axis=0).astype(int)
    right, bottom = high[list(group)].max(axis=0).astype(int)
    return np.isin(pieces[top:bottom, left:right], np.array(group) + 1)


def _in_picture(low: np.ndarray, high: np.ndarray, shape: tuple[int, ...], where: Box) -> Box:
    """A box in pixels of the ink -> 0..1 of the picture."""
    corner, size = np.array(where[:2]), np.array(where[2:]) - np.array(where[:2])
    pixels = np.array(shape[::-1])
    return _box(np.stack([corner + size * low / pixels, corner + size * high / pixels]))
