from __future__ import annotations

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from mnist_core import BlankDrawing, PenDigits, preprocess_strokes, render_strokes
from mnist_core.preprocessing.mnist_frame import PEN_WIDTH, centre_of_mass, place_by_mass
from mnist_core.preprocessing.strokes import MAX_POINTS, MAX_STROKES


def ink_box(image: np.ndarray) -> tuple[int, int]:
    rows, columns = np.flatnonzero(image.max(axis=1) > 0.3), np.flatnonzero(image.max(axis=0) > 0.3)
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def test_real_digits_stand_as_mnist_digits_do(pen_dev: PenDigits) -> None:
    for strokes in pen_dev.strokes[:100]:
        image = preprocess_strokes(strokes)
        assert image.shape == (28, 28)
        assert image.dtype == np.float32
        assert image.min() >= 0
        assert image.max() <= 1
        assert 19 <= max(ink_box(image)) <= 21
        assert np.allclose(centre_of_mass(image), 14.5, atol=0.05)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
@settings(max_examples=400)
def test_any_stroke_that_fits_is_centred_by_mass(stroke: list[tuple[float, float]]) -> None:
    image = preprocess_strokes([stroke])
    assert 0 <= image.min() <= image.max() <= 1
    # A stroke is in one piece: what the frame cuts off leaves ink at its edge.
    fits = not np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).any()
    event(f"fits: {fits}")
    if fits:
        assert np.allclose(centre_of_mass(image), 14.5, atol=0.1)


@given(st.floats(0.3, 0.8), st.floats(0, 0.2), st.floats(0, 0.2))
@settings(max_examples=50)
def test_neither_place_nor_size_changes_the_picture(size: float, x: float, y: float) -> None:
    drawing = np.array([[0.1, 0.0], [0.8, 0.1], [0.3, 1.0]])
    moved = drawing * size + [x, y]
    assert np.abs(preprocess_strokes([moved]) - preprocess_strokes([drawing])).max() < 0.35
    assert np.abs(preprocess_strokes([moved]) - preprocess_strokes([drawing])).mean() < 0.01


def test_a_dot_stays_a_dot_of_the_pens_width() -> None:
    image = preprocess_strokes([[[0.9, 0.9]]])
    assert image.sum() == pytest.approx(np.pi * (PEN_WIDTH / 2) ** 2, rel=0.1)
    trembling = preprocess_strokes([[[0.9, 0.9], [0.9005, 0.9]]])
    assert trembling.sum() < 2 * image.sum()


def test_a_lone_vertical_line_is_twenty_high_and_as_wide_as_the_pen() -> None:
    image = preprocess_strokes([[[0.5, 0.2], [0.5, 0.8]]])
    assert image.max(axis=1).sum() == pytest.approx(20, abs=0.3)
    assert image[14].sum() == pytest.approx(PEN_WIDTH, abs=0.15)


def test_the_pen_width_can_be_chosen() -> None:
    drawing = [[[0.2, 0.2], [0.8, 0.8]]]
    assert preprocess_strokes(drawing, pen_width=4).sum() > 1.4 * preprocess_strokes(drawing, pen_width=2).sum()


@pytest.mark.parametrize("blank", [[], [[]], [[], []], (), [np.empty((0, 2))]])
def test_no_points_are_a_blank_drawing(blank: object) -> None:
    with pytest.raises(BlankDrawing):
        preprocess_strokes(blank)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        (None, "must be a list of strokes.*NoneType"),
        ("0.5", "must be a list of strokes.*str"),
        ({"x": 1}, "must be a list of strokes.*dict"),
        ([3], "Stroke 0 must be a list.*int"),
        ([[[0.1, 0.2]], "no"], "Stroke 1 must be a list.*str"),
        ([[0.1, 0.2]], r"Stroke 0.*shape \(2,\)"),
        ([[[0.1, 0.2, 0.3]]], r"shape \(1, 3\)"),
        ([[[0.1, 0.2], [0.3]]], "different lengths"),
        ([[["0.1", "0.2"]]], "not numbers"),
        ([[[True, False]]], "not numbers"),
        ([[[None, 0.2]]], "not numbers"),
        ([[[1j, 0.2]]], "not numbers"),
        ([[[float("nan"), 0.2]]], "not finite"),
        ([[[float("inf"), 0.2]]], "not finite"),
        ([[[1e300, 0.2]]], "1e\\+300"),
        ([[[-1.5, 0.2]]], "-1.5"),
        ([[[10**400, 0]]], "too large"),
        ([np.array(5.0)], "Stroke 0 must be a list.*ndarray"),
        ([[[0.1, 0.1]]] * (MAX_STROKES + 1), f"At most {MAX_STROKES} strokes.*{MAX_STROKES + 1}"),
        ([[[0.1, 0.1]] * (MAX_POINTS + 1)], "At most 20,000 points.*20,001"),
    ],
)
def test_bad_strokes_are_refused_by_what_is_wrong(strokes: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        preprocess_strokes(strokes)  # type: ignore[arg-type]


def test_rendered_strokes_are_dark_on_white_and_as_wide_as_the_brush() -> None:
    picture = render_strokes([[[0.5, 0.1], [0.5, 0.9]]], size=200, width=10)
    assert picture.shape == (200, 200)
    assert picture.dtype == np.uint8
    assert picture[0, 0] == 255
    assert picture[100, 100] == 0
    assert (255 - picture[100].astype(float)).sum() / 255 == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(("size", "width"), [(0, 1), (5000, 1), (2.5, 1), (100, 0), (100, 101), (100, float("nan"))])
def test_a_bad_size_or_brush_is_refused(size: int, width: float) -> None:
    with pytest.raises(ValueError, match="Invalid value for argument"):
        render_strokes([[[0.5, 0.5]]], size=size, width=width)


def test_ink_is_averaged_exactly_and_centred_between_pixels() -> None:
    # A 3 x 3 block at 2 points a pixel is 1.5 pixels wide: 13.75 to 15.25 around 14.5.
    image = place_by_mass(np.full((3, 3), 255, np.uint8), per_pixel=2)
    assert image[14, 12:17] == pytest.approx([0, 0.25, 1, 0.25, 0])
    assert image.sum() == pytest.approx(1.5**2)


def test_no_ink_has_no_centre() -> None:
    with pytest.raises(BlankDrawing):
        place_by_mass(np.zeros((4, 4), np.uint8), per_pixel=1)
