"""How strokes become lines, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_core import BlankDrawing, preprocess_strokes, render_strokes
from mnist_core.preprocessing.drawing import preprocess_mask
from mnist_core.preprocessing.strokes import _thin_out

ACROSS = [[[0.1, 0.5], [0.9, 0.5]]]


def thickness(picture: np.ndarray) -> float:
    """Of a line from left to right, in pixels, in the middle of the picture."""
    return float((255 - picture[:, picture.shape[1] // 2].astype(float)).sum() / 255)


def test_strokes_are_drawn_280_pixels_wide_with_a_brush_of_16() -> None:
    assert render_strokes(ACROSS).shape == (280, 280)
    assert thickness(render_strokes(ACROSS)) == pytest.approx(16, abs=0.3)


@pytest.mark.parametrize(("size", "width"), [(1, 1), (1, 0.01), (2, 1), (40, 40.0), (4096, 0.5)])
def test_sizes_and_widths_up_to_their_limits_are_accepted(size: int, width: float) -> None:
    assert render_strokes(ACROSS, size, width).shape == (size, size)


@pytest.mark.parametrize(("size", "width"), [(0, 1), (4097, 1), (40, 40.01), (40, 0), (40, -1)])
def test_sizes_and_widths_beyond_them_are_refused(size: int, width: float) -> None:
    with pytest.raises(ValueError, match="`size`|`width`"):
        render_strokes(ACROSS, size, width)


@pytest.mark.parametrize(("size", "levels"), [(1024, 17), (1025, 2)])
def test_lines_are_smoothed_by_sixteen_points_a_pixel_where_that_is_cheap(size: int, levels: int) -> None:
    slanted = [[[0.1, 0.2], [0.9, 0.7]]]
    found = set(render_strokes(slanted, size, 20.0).ravel().tolist())
    step = 255 / (levels - 1)
    assert all(abs(level / step - round(level / step)) <= 0.5 / step for level in found)
    assert len(found) > levels / 2


def test_no_stroke_is_said_to_be_none() -> None:
    with pytest.raises(BlankDrawing, match=r"^There is no stroke in the drawing\.$"):
        preprocess_strokes([[]])


def test_points_that_cannot_be_seen_are_left_out() -> None:
    """Sixteen of them to a pixel: every fourth is kept."""
    line = np.stack([np.arange(17) / 16, np.zeros(17)], axis=1)
    assert _thin_out(line)[:, 0].tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_points_that_can_be_seen_and_both_ends_stay() -> None:
    line = np.array([[0, 0], [0.25, 0], [0.5, 0], [0.5, 0.0625]])
    assert _thin_out(line).tolist() == line.tolist()


def test_thinning_leaves_something() -> None:
    """Three rows of pixels, half a pixel, one and a half, and half a pixel from the edge; two rows' worth stay."""
    ink = preprocess_mask(np.ones((3, 12), bool))
    length, width = 12, 4 * np.mean([0.5, 1.5, 0.5] * 10 + [0.5] * 6)
    assert ink[:, 14].sum() == pytest.approx(2 * 17.5 / (length - width), rel=0.01)
