"""Finds the ink in a picture: transparency, polarity, uneven light, specks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from mnist_core.errors import InvalidInput
from mnist_core.preprocessing.mnist_frame import BlankDrawing
from mnist_core.preprocessing.paper import Box, Paper, fit_paper
from mnist_core.preprocessing.stripped_files import UnreadablePicture

MAX_PIXELS = 50_000_000

_SEARCH_SIDE = 160  # pixels: the picture is reduced to this to find the ink, and read again there at full resolution
_SPECK_SHARE = 0.02  # of the largest connected piece's area: anything smaller is no part of the digit


def check_size(height: int, width: int) -> None:
    """Raises ValueError for a picture of more than MAX_PIXELS."""
    if height * width > MAX_PIXELS:
        raise UnreadablePicture(f"At most {MAX_PIXELS:,} pixels are accepted. Received: {width} x {height}")


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of a picture, whose paper has been found.

    Attributes:
        grey: the picture, of mode L.
        paper: its brightness.
        box: left, top, right, bottom of the ink and a little around it, in pixels of `grey`.
        extent: the longest side of the ink, in pixels of `grey`.
    """

    grey: Image.Image
    paper: Paper
    box: Box
    extent: float

    def at(self, side: int) -> tuple[np.ndarray, Box]:
        """The ink at another size, cropped to it.

        Args:
            side: pixels that the longest side of the ink gets.

        Returns:
            (h, w) bool, True on ink; the ink touches all four edges, and max(h, w) is `side`, give or take a pixel; and
            its box: left, top, right, bottom, 0..1 of the picture.

        Raises:
            BlankDrawing: nothing stands out from the paper.
        """
        left, top, right, bottom = self.box
        scale = side / self.extent
        size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
        wide, high = self.grey.size
        share = (left / wide, top / high, right / wide, bottom / high)
        mask = _without_specks(self.paper.ink_mask(_resized(self.grey, size, self.box), share))
        rows, columns = _bounds(mask)
        across, down = (share[2] - share[0]) / mask.shape[1], (share[3] - share[1]) / mask.shape[0]
        x1, x2 = (share[0] + across * column for column in columns)
        y1, y2 = (share[1] + down * row for row in rows)
        return mask[slice(*rows), slice(*columns)], (x1, y1, x2, y2)


def find_ink(picture: np.ndarray) -> Ink:
    """Find the paper of a picture, and the ink on it.

    What the border mostly shows is the paper, light or dark; a smooth brightness (a quadratic in x and y) is fitted to
    it, and ink is what stands out from that to the side on which more stands out.

    Args:
        picture: (h, w), (h, w, 3) RGB or (h, w, 4) RGBA uint8.

    Raises:
        BlankDrawing: nothing stands out from the paper.
        ValueError: the array is no such picture.
    """
    grey = _to_grey(picture)
    small = _resized(grey, _longest_at_most(grey.size, _SEARCH_SIDE), (0, 0, *grey.size))
    paper = fit_paper(small)
    rows, columns = _bounds(_without_specks(paper.ink_mask(small, (0, 0, 1, 1))))
    across, down = grey.width / small.shape[1], grey.height / small.shape[0]
    # One pixel more on every side: the reduced picture blurs where the ink ends.
    box = (
        max(columns[0] - 1, 0) * across,
        max(rows[0] - 1, 0) * down,
        min(columns[1] + 1, small.shape[1]) * across,
        min(rows[1] + 1, small.shape[0]) * down,
    )
    return Ink(grey, paper, box, max((columns[1] - columns[0]) * across, (rows[1] - rows[0]) * down))


def _to_grey(picture: np.ndarray) -> Image.Image:
    """A picture of mode L; what is transparent gets the shade that the opaque part stands out from."""
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8:
        received = getattr(picture, "dtype", type(picture).__name__)
        raise InvalidInput(f"A picture must be a uint8 array. Received: {received}")
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] not in (1, 3, 4)):
        raise InvalidInput(f"A picture must have shape (h, w), (h, w, 3) or (h, w, 4). Received: {picture.shape}")
    if picture.size == 0:
        raise InvalidInput(f"A picture must have at least one pixel. Received: {picture.shape}")
    check_size(*picture.shape[:2])
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[:, :, 0]
    image = Image.fromarray(np.ascontiguousarray(picture))
    if picture.ndim == 2 or picture.shape[2] == 3:
        return image.convert("L")
    return _flatten_alpha(image)


def _flatten_alpha(image: Image.Image) -> Image.Image:
    alpha = image.getchannel("A")
    grey = image.convert("RGB").convert("L")
    if alpha.getextrema()[0] == 255:
        return grey
    opacity = np.asarray(alpha, np.float32)
    if not opacity.any():
        raise BlankDrawing("The picture is wholly transparent.")
    shade = float((np.asarray(grey, np.float32) * opacity).sum() / opacity.sum())
    backdrop = Image.new("L", image.size, 255 if shade < 128 else 0)
    backdrop.paste(grey, mask=alpha)
    return backdrop


def _longest_at_most(size: tuple[int, int], side: int) -> tuple[int, int]:
    factor = min(1.0, side / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _resized(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> np.ndarray:
    """Part of a picture at another size, antialiased when it shrinks, (h, w) float32 [0, 255]."""
    # reducing_gap: shrink by whole factors first, as a 12-megapixel photo needs.
    small = image.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=3.0)
    return np.asarray(small, np.float32)


def _without_specks(mask: np.ndarray) -> np.ndarray:
    """Leave out connected pieces that are tiny beside the largest one: dust, grain, compression."""
    pieces, count = ndimage.label(mask, structure=np.ones((3, 3)))
    if count < 2:
        return mask
    areas = np.bincount(pieces.ravel())
    areas[0] = 0
    return (areas >= _SPECK_SHARE * areas.max())[pieces] & mask


def _bounds(mask: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and one past the last row, and column, that hold ink.

    Raises:
        BlankDrawing: none does.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        raise BlankDrawing("There is no ink in the picture.")
    return (int(rows[0]), int(rows[-1]) + 1), (int(columns[0]), int(columns[-1]) + 1)
