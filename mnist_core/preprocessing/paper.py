"""Tells ink from paper in a grey picture of either polarity and uneven light.

The border of the picture is taken for paper: a table around the sheet is not looked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnist_core.preprocessing.mnist_frame import BlankDrawing

_BORDER_SHARE = 0.1  # of each side: what counts as the picture's border
_LEAST_CONTRAST = 16.0  # grey levels between paper and ink
_LEAST_SIGNAL = 6.0  # standard deviations of the paper's noise between paper and ink
_LEAST_TOLERANCE = 4.0  # grey levels that paper may differ by, however clean the picture
_DARK = 64.0  # grey levels: paper darker than this is not taken for lit paper

Box = tuple[float, float, float, float]  # left, top, right, bottom of a part, each 0..1 of the whole picture
_WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Paper:
    """The paper's brightness, and what stands out from it.

    Attributes:
        coefficients: (6,) of 1, x, y, xx, xy, yy, x and y being 0..1 over the picture; in grey levels.
        sign: +1 where ink is lighter than the paper, -1 where it is darker.
        brightness: the paper's mean, in grey levels.
    """

    coefficients: np.ndarray
    sign: float
    brightness: float

    def ink_mask(self, grey: np.ndarray, box: Box) -> np.ndarray:
        """Which pixels are ink: those that stand out by more than half of what ink mostly does.

        Args:
            grey: (h, w) [0, 255].
            box: where in the whole picture this part lies.

        Returns:
            (h, w) bool.
        """
        ink = _stand_out(grey, box, self.coefficients, self.sign, self.brightness)
        return ink > _contrast(ink) / 2


def fit_paper(grey: np.ndarray) -> Paper:
    """Find the paper from the border, and the ink as what stands out from it.

    A smooth brightness, quadratic in x and y, is fitted to the border, then to all that agrees with it. Ink is on the
    side on which more stands out from it.

    Args:
        grey: (h, w) [0, 255].

    Raises:
        BlankDrawing: nothing stands out from the paper and its noise.
    """
    coefficients, noise = _fit_brightness(grey)
    residual = grey - _brightness(grey.shape, _WHOLE, coefficients)
    tolerance = max(2.5 * noise, _LEAST_TOLERANCE)
    lighter = np.clip(residual - tolerance, 0, None).sum()
    darker = np.clip(-residual - tolerance, 0, None).sum()
    sign = 1.0 if lighter > darker else -1.0
    brightness = float(np.mean(grey - residual))
    contrast = _contrast(_stand_out(grey, _WHOLE, coefficients, sign, brightness))
    if contrast < max(_LEAST_CONTRAST, _LEAST_SIGNAL * noise):
        raise BlankDrawing("There is no ink in the picture: nothing stands out from its background.")
    return Paper(coefficients, sign, brightness)


def _fit_brightness(grey: np.ndarray) -> tuple[np.ndarray, float]:
    """The quadratic's coefficients, (6,), and the standard deviation of the border around it."""
    step = max(1, max(grey.shape) // 64)
    values = grey[::step, ::step]
    border = _border(values.shape).ravel()
    terms = _quadratic(grey.shape, step).reshape(-1, 6)
    values = values.ravel()
    coefficients = np.zeros(6, np.float32)
    coefficients[0] = np.median(values[border])
    everything = np.ones_like(border)
    for considered in (border, border, border, everything, everything):
        residual = np.abs(values - terms @ coefficients)
        noise = float(1.4826 * np.median(residual[border]))
        agrees = considered & (residual <= max(2.5 * noise, _LEAST_TOLERANCE))
        # A drawn picture's paper is flat and needs no fit; a surface through a handful of pixels would say nothing.
        if noise == 0 or agrees.sum() < 24:
            break
        coefficients = np.linalg.lstsq(terms[agrees], values[agrees], rcond=None)[0]
    return coefficients, noise


def _stand_out(grey: np.ndarray, box: Box, coefficients: np.ndarray, sign: float, brightness: float) -> np.ndarray:
    """How far each pixel stands out from the paper as ink, (h, w), in grey levels at the mean brightness."""
    paper = _brightness(grey.shape, box, coefficients)
    ink = sign * (grey - paper)
    if sign < 0 and paper.min() > _DARK:
        # Ink takes away the same share of the light everywhere, not the same number of grey levels.
        ink = ink * (brightness / paper)
    return ink


def _contrast(ink: np.ndarray) -> float:
    """The median of what is ink, where ink is what stands out by more than half of that median."""
    contrast, previous = float(ink.max()), 0.0
    while contrast > 0 and contrast != previous:
        previous = contrast
        # Never more than before, so that the search ends.
        contrast = min(contrast, float(np.median(ink[ink > contrast / 2])))
    return contrast


def _brightness(shape: tuple[int, ...], box: Box, coefficients: np.ndarray) -> np.ndarray:
    """(h, w) float32: the quadratic at the centre of each pixel of a part of the picture."""
    x, y = _axes(shape, box)
    constant, of_x, of_y, of_xx, of_xy, of_yy = coefficients
    rows = constant + y * (of_y + y * of_yy)
    return rows[:, None] + x * (of_x + x * of_xx) + of_xy * y[:, None] * x


def _quadratic(shape: tuple[int, ...], step: int) -> np.ndarray:
    """(h, w, 6) float32: 1, x, y, xx, xy, yy at the centre of every `step`-th pixel across and down."""
    x, y = np.meshgrid(*(axis[::step] for axis in _axes(shape, _WHOLE)))
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _axes(shape: tuple[int, ...], box: Box) -> tuple[np.ndarray, np.ndarray]:
    """x of each column, y of each row, in shares of the whole picture."""
    height, width = shape
    x = box[0] + (box[2] - box[0]) * (np.arange(width, dtype=np.float32) + 0.5) / width
    y = box[1] + (box[3] - box[1]) * (np.arange(height, dtype=np.float32) + 0.5) / height
    return x, y


def _border(shape: tuple[int, ...]) -> np.ndarray:
    """(h, w) bool: the pixels within a tenth of a side of the edge, at least one."""
    inner = np.zeros(shape, bool)
    rows, columns = (max(1, round(side * _BORDER_SHARE)) for side in shape)
    inner[rows:-rows, columns:-columns] = True
    return ~inner
