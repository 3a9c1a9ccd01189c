"""Where the ink of a picture is, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mnist_core import BlankDrawing, preprocess
from mnist_core.preprocessing.ink import (
    _bounds,
    _flatten_alpha,
    _longest_at_most,
    _resized,
    _without_specks,
    check_size,
    find_ink,
)


def block(height: int, width: int, rows: tuple[int, int], columns: tuple[int, int]) -> np.ndarray:
    """A black rectangle on white paper."""
    picture = np.full((height, width), 255, np.uint8)
    picture[slice(*rows), slice(*columns)] = 0
    return picture


@pytest.mark.parametrize(
    ("height", "width", "rows", "columns"),
    [
        (120, 100, (20, 80), (50, 70)),
        (100, 120, (50, 70), (20, 80)),
        (900, 600, (300, 420), (30, 330)),
        (600, 900, (30, 330), (300, 420)),
        (120, 100, (0, 60), (0, 20)),
        (120, 100, (60, 120), (80, 100)),
    ],
)
def test_the_box_is_that_of_the_ink(height: int, width: int, rows: tuple[int, int], columns: tuple[int, int]) -> None:
    mask, box = find_ink(block(height, width, rows, columns)).at(80)
    expected = (columns[0] / width, rows[0] / height, columns[1] / width, rows[1] / height)
    ink = max(rows[1] - rows[0], columns[1] - columns[0])
    assert box == pytest.approx(expected, abs=ink / 80 / min(height, width))  # a pixel of the result
    assert mask.mean() > 0.95
    assert max(mask.shape) == pytest.approx(80, abs=1)
    assert mask.shape[0] / mask.shape[1] == pytest.approx((rows[1] - rows[0]) / (columns[1] - columns[0]), rel=0.06)


def test_bounds_are_the_first_and_one_past_the_last() -> None:
    mask = np.zeros((9, 12), bool)
    mask[2, 5] = mask[3, 7] = mask[6, 4] = True
    assert _bounds(mask) == ((2, 7), (4, 8))
    mask[:] = True
    assert _bounds(mask) == ((0, 9), (0, 12))
    with pytest.raises(BlankDrawing, match=r"^There is no ink in the picture\.$"):
        _bounds(np.zeros((9, 12), bool))


@pytest.mark.parametrize(
    ("size", "reduced"),
    [
        ((320, 80), (160, 40)),
        ((80, 320), (40, 160)),
        ((160, 100), (160, 100)),
        ((100, 50), (100, 50)),
        ((3000, 1), (160, 1)),
        ((1, 3000), (1, 160)),
    ],
)
def test_a_large_picture_is_searched_in_a_smaller_one(size: tuple[int, int], reduced: tuple[int, int]) -> None:
    assert _longest_at_most(size, 160) == reduced


def test_fifty_million_pixels_are_as_many_as_are_accepted() -> None:
    check_size(5_000, 10_000)
    with pytest.raises(ValueError, match=r"^At most 50,000,000 pixels are accepted\. Received: 10000 x 5001$"):
        check_size(5_001, 10_000)


def test_an_edge_is_blurred_and_not_sharpened() -> None:
    """Bilinear: no level beyond those of the picture, and rising from one to the other."""
    edge = Image.fromarray(np.repeat([[50] * 6 + [200] * 6], 12, axis=0).astype(np.uint8))
    row = _resized(edge, (40, 40), (0, 0, 12, 12))[20]
    assert (row.min(), row.max()) == (50, 200)
    assert (np.diff(row) >= 0).all()
    assert len(np.unique(row)) > 3


def pieces(*sizes: int) -> np.ndarray:
    """Rows of ink of those lengths, apart from each other."""
    mask = np.zeros((2 * len(sizes), 200), bool)
    for number, size in enumerate(sizes):
        mask[2 * number, :size] = True
    return mask


@pytest.mark.parametrize(
    ("sizes", "left"),
    [
        ((100, 2), (100, 2)),  # 2% is not less than 2%
        ((100, 1), (100, 0)),
        ((1, 100), (0, 100)),
        ((100, 60, 1, 30), (100, 60, 0, 30)),
        ((1,), (1,)),
        ((3, 1), (3, 1)),
    ],
)
def test_what_has_less_than_a_fiftieth_of_the_largest_piece_is_a_speck(
    sizes: tuple[int, ...], left: tuple[int, ...]
) -> None:
    assert _without_specks(pieces(*sizes))[::2].sum(axis=1).tolist() == list(left)
    assert not _without_specks(pieces(*sizes))[1::2].any()


def test_pieces_that_touch_at_a_corner_are_one() -> None:
    mask = pieces(100)
    mask[1, 100] = True
    assert _without_specks(mask).sum() == 101


@pytest.mark.parametrize(("shade", "backdrop"), [(0, 255), (127, 255), (128, 0), (255, 0)])
def test_what_is_transparent_gets_the_shade_farthest_from_the_ink(shade: int, backdrop: int) -> None:
    pixels = np.array([[[10, 200, 30, 0], [shade, shade, shade, 255]]], np.uint8)
    assert np.asarray(_flatten_alpha(Image.fromarray(pixels))).tolist() == [[backdrop, shade]]


def test_the_more_opaque_counts_more() -> None:
    """Dark ink at full strength beside light ink that is nearly transparent: the paper is light."""
    pixels = np.array([[[0, 0, 0, 255], [255, 255, 255, 20], [255, 255, 255, 20]]], np.uint8)
    assert np.asarray(_flatten_alpha(Image.fromarray(pixels))).tolist() == [[0, 255, 255]]


def test_colours_become_grey_by_how_bright_they_are() -> None:
    pixels = np.array([[[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]]], np.uint8)
    assert np.asarray(_flatten_alpha(Image.fromarray(pixels))).tolist() == [[76, 150, 29]]


def test_no_ink_is_said_to_be_none() -> None:
    with pytest.raises(BlankDrawing, match=r"^There is no ink in the picture: nothing stands out"):
        preprocess(np.full((40, 40), 255, np.uint8))
    with pytest.raises(BlankDrawing, match=r"^The picture is wholly transparent\.$"):
        preprocess(np.zeros((40, 40, 4), np.uint8))
