"""Drawings -> the 28 x 28 picture that the network sees, by the MNIST protocol."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from mnist_core.preprocessing.ink import find_ink
from mnist_core.preprocessing.mnist_frame import BOX, PEN_WIDTH, BlankDrawing, place_by_mass
from mnist_core.preprocessing.picture_files import open_picture
from mnist_core.preprocessing.strokes import check_strokes, preprocess_strokes, render_strokes

__all__ = ["BlankDrawing", "check_strokes", "open_picture", "preprocess", "preprocess_strokes", "render_strokes"]

INK_SIDE = 80  # pixels that the ink's longest side gets while its thickness is changed
_MARGIN = 20  # pixels around it
_DOT_LENGTH = 0.4  # of the ink's longest side, pen width taken off; a disc has 0.33, a digit in a broad marker 0.6


def preprocess(drawing: np.ndarray) -> np.ndarray:
    """A picture of a digit -> the 28 x 28 picture that the network sees.

    The paper is what the border shows, light or dark; the ink is cropped, its strokes are brought to MNIST's median
    thickness, its longest side to 20 pixels, and its centre of mass to the centre.

    Args:
        drawing: (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA uint8, any size up to 50 megapixels.

    Returns:
        (28, 28) float32 [0, 1], ink 1.

    Raises:
        BlankDrawing: nothing stands out from the background.
        ValueError: the array is no such picture.
    """
    return preprocess_mask(find_ink(drawing).at(INK_SIDE)[0])


def preprocess_mask(mask: np.ndarray) -> np.ndarray:
    """Ink that has been found -> the 28 x 28 picture that the network sees.

    Args:
        mask: (h, w) bool, True on ink, which touches all four edges; the longest side is best INK_SIDE pixels.

    Returns:
        (28, 28) float32 [0, 1], ink 1.
    """
    # The nearest pixel of the other kind is half a pixel beyond the edge of the ink.
    inside = np.pad(ndimage.distance_transform_edt(np.pad(mask, 1)), _MARGIN - 1) - 0.5
    mask = np.pad(mask, _MARGIN)
    # In a line of width w, the distance to the edge averages w / 4.
    width = 4 * float(inside[mask].mean())
    side = max(mask.shape) - 2 * _MARGIN
    length = side - width
    # A blob that is hardly longer than its pen is wide is a dot: it stays one, as a dot among strokes does.
    is_dot = length < _DOT_LENGTH * side
    per_pixel = width / PEN_WIDTH if is_dot else length / (BOX - PEN_WIDTH)
    change = (PEN_WIDTH * per_pixel - width) / 2
    if change > 0:
        edge = np.where(mask, inside, 0.5 - ndimage.distance_transform_edt(~mask))
    else:
        edge = inside
        # Thinning stops short of the thickest place, so that something always stays.
        change = max(change, 1 - float(inside.max()))
    ink = np.clip(edge + change + 0.5, 0, 1)
    return place_by_mass((ink * 255).astype(np.uint8), per_pixel)
