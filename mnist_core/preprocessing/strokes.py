"""Pen strokes: checked, drawn as a picture, and drawn again at MNIST's pen width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.errors import InvalidInput
from mnist_core.preprocessing.mnist_frame import BOX, PEN_WIDTH, BlankDrawing, place_by_mass

MAX_STROKES = 200
MAX_POINTS = 20_000  # of all strokes together
COORDINATE_RANGE = (-1.0, 2.0)  # a pen may leave the pad, which is 0..1, but not by more than its size

_PER_PIXEL = 8  # strokes are drawn this many times finer than the 28 x 28 picture
_SMALLEST_EXTENT = 0.02  # of the pad: anything smaller is a dot, and is not blown up to a digit's size
_POINT_DISTANCE = 0.25  # pixels of the 28 x 28 picture: points closer than this add nothing that can be seen


@dataclass(frozen=True, eq=False)
class Strokes:
    """Strokes that were checked; those without points are left out.

    Attributes:
        points: of each stroke, (n, 2) float64, 0..1 of the pad, y down.
        numbers: of each stroke, its place among all that were given.
    """

    points: tuple[np.ndarray, ...]
    numbers: tuple[int, ...]

    @classmethod
    def parse(cls, strokes: Any) -> Strokes:
        """Check strokes and turn them into arrays; what was parsed before is returned as it is.

        Args:
            strokes: a list of strokes, each a list of [x, y] (or an (n, 2) array), 0..1 of the pad, y down.

        Raises:
            ValueError: says which stroke is wrong, what is accepted and what was received.
        """
        if isinstance(strokes, Strokes):
            return strokes
        _check_size(strokes)
        numbers = tuple(number for number, stroke in enumerate(strokes) if len(stroke))
        return cls(tuple(_check_stroke(strokes[number], number) for number in numbers), numbers)

    def __len__(self) -> int:
        return len(self.points)

    def only(self, chosen: Iterable[int]) -> Strokes:
        """Those at these places among `points`."""
        places = tuple(chosen)
        return Strokes(tuple(self.points[i] for i in places), tuple(self.numbers[i] for i in places))


def check_strokes(strokes: Any) -> list[np.ndarray]:
    """Check strokes and turn them into arrays.

    Args:
        strokes: as for `Strokes.parse`.

    Returns:
        The strokes that hold points, each (n, 2) float64.

    Raises:
        ValueError: says which stroke is wrong, what is accepted and what was received.
    """
    return list(Strokes.parse(strokes).points)


def _check_size(strokes: Any) -> None:
    if not isinstance(strokes, (list, tuple)):
        raise InvalidInput(
            f"Strokes must be a list of strokes, each a list of [x, y]. Received: {type(strokes).__name__}"
        )
    if len(strokes) > MAX_STROKES:
        raise InvalidInput(f"At most {MAX_STROKES} strokes are accepted. Received: {len(strokes)}")
    count = sum(_length(stroke, number) for number, stroke in enumerate(strokes))
    if count > MAX_POINTS:
        raise InvalidInput(f"At most {MAX_POINTS:,} points are accepted. Received: {count:,}")


def _length(stroke: Any, number: int) -> int:
    if not isinstance(stroke, (list, tuple, np.ndarray)) or (isinstance(stroke, np.ndarray) and stroke.ndim == 0):
        raise InvalidInput(f"Stroke {number} must be a list of [x, y]. Received: {type(stroke).__name__}")
    return len(stroke)


def _check_stroke(stroke: Any, number: int) -> np.ndarray:
    expected = f"Stroke {number} must be a list of [x, y], two numbers in 0..1 of the pad."
    points = _as_array(stroke, expected).astype(np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise InvalidInput(f"{expected} Received an array of shape {points.shape}.")
    if not np.isfinite(points).all():
        raise InvalidInput(f"{expected} Received a value that is not finite.")
    low, high = COORDINATE_RANGE
    if points.min() < low or points.max() > high:
        raise InvalidInput(f"{expected} Received values from {points.min():g} to {points.max():g}.")
    return points


def _as_array(stroke: Any, expected: str) -> np.ndarray:
    """A stroke of numbers as an array of whatever shape. Raises ValueError, beginning with what is expected.

    Looked through first: NumPy would read "0.5" and True as numbers, and make gigabytes of one long text among points.
    """
    if isinstance(stroke, np.ndarray):
        if stroke.dtype.kind not in "fiu":
            raise InvalidInput(f"{expected} Received values that are not numbers.")
        return stroke
    if all(_is_number(kind) for kind in set(map(type, stroke))):
        raise InvalidInput(f"{expected} Received an array of shape ({len(stroke)},).")
    if not all(isinstance(point, (list, tuple)) or (isinstance(point, np.ndarray) and point.ndim) for point in stroke):
        raise InvalidInput(f"{expected} Received values that are not numbers.")
    lengths = set(map(len, stroke))
    if len(lengths) > 1:
        raise InvalidInput(f"{expected} Received points of different lengths.")
    if lengths != {2}:
        raise InvalidInput(f"{expected} Received an array of shape ({len(stroke)}, {lengths.pop()}).")
    numbers = list(chain.from_iterable(stroke))
    if not all(_is_number(kind) for kind in set(map(type, numbers))):
        raise InvalidInput(f"{expected} Received values that are not numbers.")
    try:
        return np.array(numbers, np.float64).reshape(-1, 2)
    except OverflowError:
        raise InvalidInput(f"{expected} Received a number that is too large.") from None


def _is_number(kind: type) -> bool:
    return issubclass(kind, (int, float, np.integer, np.floating)) and not issubclass(kind, bool)


def render_strokes(strokes: Sequence[Any], size: int = 280, width: float = 16.0) -> np.ndarray:
    """Draw strokes as a picture of the pad: round dark strokes on white paper.

    Args:
        strokes: as for `Strokes.parse`.
        size: pixels on a side, 1..4096.
        width: of the brush in pixels, above 0 and at most `size`.

    Returns:
        (size, size) uint8, paper 255, ink 0, antialiased.

    Raises:
        ValueError: the strokes, the size or the width are not acceptable.
    """
    if not isinstance(size, int) or not 1 <= size <= 4096:
        raise InvalidInput(f"Invalid value for argument `size`. Expected a whole number 1..4096. Received: {size!r}")
    if not 0 < width <= size:
        raise InvalidInput(f"Invalid value for argument `width`. Expected above 0, at most {size}. Received: {width!r}")
    finer = 4 if size <= 1024 else 1
    scaled = [points * (size * finer) for points in Strokes.parse(strokes).points]
    ink = draw_lines(scaled, (size * finer, size * finer), width * finer)
    return 255 - np.asarray(Image.fromarray(ink).reduce(finer))


def preprocess_strokes(strokes: Sequence[Any] | Strokes, pen_width: float = PEN_WIDTH) -> np.ndarray:
    """Strokes -> the 28 x 28 picture that the network sees, drawn again at MNIST's pen width.

    The reading then depends neither on the brush of the pad nor on where or how large the digit was drawn.

    Args:
        strokes: as for `Strokes.parse`.
        pen_width: of the line, in pixels of the 28 x 28 picture.

    Returns:
        (28, 28) float32 [0, 1], ink 1: longest side 20 pixels, centre of mass at 14.5 in pixel-edge coordinates. Of a
        drawing with nearly all of its ink at one end, what this moves over the edge is cut off.

    Raises:
        BlankDrawing: there are no points.
        ValueError: the strokes are not acceptable.
    """
    checked = Strokes.parse(strokes)
    if not checked:
        raise BlankDrawing("There is no stroke in the drawing.")
    points = np.concatenate(checked.points)
    low = points.min(axis=0)
    extent = float((points.max(axis=0) - low).max())
    # The line's round ends reach half a pen width over the outermost points on both sides.
    scale = (BOX - pen_width) / max(extent, _SMALLEST_EXTENT)
    lines = [_thin_out((stroke - low) * scale + pen_width / 2) * _PER_PIXEL for stroke in checked.points]
    side = int(np.ceil(BOX)) * _PER_PIXEL
    return place_by_mass(draw_lines(lines, (side, side), pen_width * _PER_PIXEL), _PER_PIXEL)


def draw_lines(lines: Sequence[np.ndarray], shape: tuple[int, int], width: float) -> np.ndarray:
    """Draw round-ended polylines, 255 on 0.

    Args:
        lines: each (n, 2) x, y in pixel-edge coordinates, n at least 1.
        shape: (width, height) of the picture.
        width: of the line, in pixels.

    Returns:
        (height, width) uint8, not antialiased.
    """
    image = Image.new("L", shape)
    draw = ImageDraw.Draw(image)
    radius = width / 2
    for line in lines:
        # ImageDraw counts from pixel centres.
        points = [(x - 0.5, y - 0.5) for x, y in line.tolist()]
        if len(points) > 1:
            draw.line(points, fill=255, width=max(1, round(width)))
        for x, y in points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(image)


def _thin_out(points: np.ndarray) -> np.ndarray:
    """Leave out points until neighbours are `_POINT_DISTANCE` apart along the line; both ends stay."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    marks = np.floor(np.concatenate([[0.0], np.cumsum(steps)]) / _POINT_DISTANCE)
    keep = np.concatenate([[True], np.diff(marks) > 0])
    keep[-1] = True
    return points[keep]
