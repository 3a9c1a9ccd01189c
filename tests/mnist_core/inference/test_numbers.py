from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core import BlankDrawing, Classifier, PenDigits, ReadingBox, read_number, render_strokes
from mnist_core.inference.digit_grouping import MAX_DIGITS, group_pieces

Strokes = list[list[list[float]]]

# Digits in boxes about 0.6 wide and 1 high.
ONE: Strokes = [[[0.3, y / 10] for y in range(11)]]
TWO: Strokes = [[[0, 0.2], [0.1, 0.05], [0.3, 0], [0.5, 0.1], [0.55, 0.3], [0.4, 0.6], [0, 1], [0.6, 1]]]
FOUR: Strokes = [[[0.2, 0], [0.0, 0.6], [0.6, 0.6]], [[0.45, 0.3], [0.42, 1]]]
FIVE: Strokes = [[[0.1, 0.02], [0.05, 0.45], [0.35, 0.4], [0.55, 0.65], [0.4, 0.95], [0, 1]], [[0.1, 0], [0.6, 0]]]
SEVEN: Strokes = [[[0, 0], [0.6, 0], [0.2, 1]], [[0.15, 0.5], [0.6, 0.45]]]
_CIRCLE = [[0.3 - 0.3 * np.sin(t), 0.5 - 0.5 * np.cos(t)] for t in np.linspace(0, 2 * np.pi, 24)]
ZERO: Strokes = [_CIRCLE]
SLASHED: Strokes = [_CIRCLE, [[0.05, 0.9], [0.55, 0.1]]]
OF_TWO_STROKES = {"4": FOUR, "5": FIVE, "barred 7": SEVEN, "slashed 0": SLASHED}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load()


def place(*digits: Strokes, gap: float = 0.2, size: float = 0.2, corner: tuple[float, float] = (0.05, 0.3)) -> Strokes:
    """Digits side by side: gap in heights, size and corner in 0..1 of the pad."""
    placed: Strokes = []
    edge = 0.0
    for strokes in digits:
        xs = [x for stroke in strokes for x, _ in stroke]
        shift = edge - min(xs)
        placed += [[[corner[0] + size * (x + shift), corner[1] + size * y] for x, y in stroke] for stroke in strokes]
        edge += max(xs) - min(xs) + gap
    return placed


def text(boxes: list[ReadingBox]) -> str:
    return "".join(str(box.digit) for box in boxes)


def same(one: Any, other: Any) -> None:
    assert one.digit == other.digit
    assert one.is_digit == other.is_digit
    assert np.array_equal(one.image, other.image)
    assert np.array_equal(one.probabilities, other.probabilities)


def test_2026_is_read_from_left_to_right(classifier: Classifier) -> None:
    six = [[[0.4, 0], [0.1, 0.4], [0, 0.75], [0.2, 1], [0.45, 0.95], [0.5, 0.7], [0.3, 0.55], [0.05, 0.7]]]
    boxes = read_number(classifier, place(TWO, ZERO, TWO, six))
    assert text(boxes) == "2026"
    assert [box.strokes for box in boxes] == [(0,), (1,), (2,), (3,)]
    assert all(box.is_digit for box in boxes)


@pytest.mark.parametrize("name", OF_TWO_STROKES)
def test_a_digit_of_two_strokes_stays_whole(classifier: Classifier, name: str) -> None:
    alone = place(OF_TWO_STROKES[name], size=0.6)
    (box,) = read_number(classifier, alone)
    assert str(box.digit) == name[-1]
    same(box, classifier.read(alone))
    between = read_number(classifier, place(ONE, OF_TWO_STROKES[name], TWO))
    assert text(between) == f"1{name[-1]}2"
    assert [box.strokes for box in between] == [(0,), (1, 2), (3,)]


@pytest.mark.parametrize("name", OF_TWO_STROKES)
def test_the_order_of_the_strokes_does_not_matter(classifier: Classifier, name: str) -> None:
    strokes = place(TWO, OF_TWO_STROKES[name], ONE)
    order = [3, 2, 0, 1]
    boxes = read_number(classifier, [strokes[i] for i in order])
    assert [sorted(order[i] for i in box.strokes) for box in boxes] == [[0], [1, 2], [3]]
    assert text(boxes) == f"2{name[-1]}1"


def test_a_bar_added_at_the_end_goes_to_its_7(classifier: Classifier) -> None:
    body, bar, two, one = place(SEVEN, TWO, ONE)
    boxes = read_number(classifier, [body, two, one, bar])
    assert text(boxes) == "721"
    assert [box.strokes for box in boxes] == [(0, 3), (1,), (2,)]


@settings(max_examples=40)
@given(st.floats(0.04, 0.25), st.floats(0, 1), st.floats(0, 1))
def test_neither_place_nor_size_matter(size: float, right: float, down: float) -> None:
    corner = (right * (1 - size * 3.0), down * (1 - size))
    boxes = read_number(Classifier.load(), place(FOUR, SEVEN, TWO, gap=0.25, size=size, corner=corner))
    assert text(boxes) == "472"
    assert [box.strokes for box in boxes] == [(0, 1), (2, 3), (4,)]
    left, top, right_edge, bottom = boxes[0].box
    assert np.allclose([left, top], corner, atol=1e-6)
    assert np.allclose([right_edge - left, bottom - top], [0.6 * size, size], atol=1e-6)


def test_dots_are_no_digits(classifier: Classifier) -> None:
    strokes = place(TWO, SEVEN)
    last = np.array(strokes[-1])
    dot = [[float(last[:, 0].max()) + 0.04, 0.5]]
    boxes = read_number(classifier, [*strokes, dot])
    assert [box.strokes for box in boxes] == [(0,), (1, 2, 3)]


@pytest.mark.parametrize("aside", [0.0, 0.005, 0.01, 0.03])
def test_a_line_that_is_drawn_over_again_is_no_second_digit(classifier: Classifier, aside: float) -> None:
    again = [[[x + aside, y] for x, y in stroke] for stroke in place(ONE, size=0.6)]
    assert text(read_number(classifier, place(ONE, size=0.6) + again)) == "1"


def test_strokes_without_points_are_passed_over(classifier: Classifier) -> None:
    two, *four = place(TWO, FOUR)
    assert [box.strokes for box in read_number(classifier, [[], two, [], *four])] == [(1,), (3, 4)]
    assert [box.strokes for box in read_number(classifier, [[], two])] == [(1,)]


def test_every_digit_is_read_as_it_would_be_alone(classifier: Classifier) -> None:
    strokes = place(FIVE, SLASHED, ONE)
    for box in read_number(classifier, strokes):
        same(box, classifier.read([strokes[i] for i in box.strokes]))


def test_single_pen_digits_are_read_as_one(classifier: Classifier, pen_dev: PenDigits) -> None:
    """A third of those of several strokes, which are the ones that could be split; of them, 0.5% of all may be."""
    several = [strokes for strokes in pen_dev.strokes if len(strokes) > 1][::3]
    found = [read_number(classifier, strokes) for strokes in several]
    assert len(found) > 100
    assert sum(len(boxes) > 1 for boxes in found) <= 0.005 * len(pen_dev) / 3
    for boxes, strokes in zip(found, several):
        if len(boxes) == 1:
            same(boxes[0], classifier.read(strokes))


@pytest.mark.parametrize("nothing", [[], [[]], np.full((90, 90), 255, np.uint8)])
def test_a_blank_drawing_is_named(classifier: Classifier, nothing: Any) -> None:
    with pytest.raises(BlankDrawing):
        read_number(classifier, nothing)


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (None, "must be a list of strokes"),
        ("2026", "must be a list of strokes"),
        ([[[0.1, "x"]]], "not numbers"),
        ([[[0.1, 5.0]], [[0, 0]]], "0..1 of the pad"),
        ([[[0.1, 0.1]]] * 201, "At most 200 strokes"),
        (np.zeros((9, 9)), "must be a uint8 array"),
        (np.zeros((9, 9, 2), np.uint8), "must have shape"),
    ],
)
def test_what_is_no_drawing_is_refused(classifier: Classifier, drawing: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_number(classifier, drawing)


@pytest.mark.parametrize("width", [4, 9])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_picture_is_split_into_its_digits(classifier: Classifier, width: int, inverted: bool) -> None:
    picture = render_strokes(place(SEVEN, TWO, FOUR, size=0.25, gap=0.3), 400, width)
    boxes = read_number(classifier, 255 - picture if inverted else picture)
    assert text(boxes) == "724"
    assert all(box.strokes == () for box in boxes)
    half = width / 800
    assert np.allclose(boxes[0].box, (0.05 - half, 0.3 - half, 0.2 + half, 0.55 + half), atol=0.01)


def test_a_5_whose_bar_stands_apart_stays_whole_in_a_picture(classifier: Classifier) -> None:
    apart = [FIVE[0], [[0.2, -0.06], [0.62, -0.1]]]
    boxes = read_number(classifier, render_strokes(place(TWO, apart, size=0.3, gap=0.3), 400, 6))
    assert text(boxes) == "25"


def test_specks_in_a_picture_are_no_digits(classifier: Classifier) -> None:
    picture = render_strokes(place(SEVEN, TWO, size=0.3, gap=0.3), 400, 10).copy()
    for x, y in ((20, 20), (200, 60), (380, 390), (350, 200)):
        picture[y : y + 3, x : x + 3] = 0
    assert text(read_number(classifier, picture)) == "72"


@pytest.mark.parametrize("name", OF_TWO_STROKES)
def test_a_picture_of_one_digit_is_read_as_before(classifier: Classifier, name: str) -> None:
    picture = render_strokes(place(OF_TWO_STROKES[name], size=0.6))
    (box,) = read_number(classifier, picture)
    same(box, classifier.read(picture))


def test_a_wide_digit_in_a_picture_is_read_as_before(classifier: Classifier) -> None:
    wide = [[[3 * x, y] for x, y in _CIRCLE]]
    picture = render_strokes(place(wide, size=0.5))
    (box,) = read_number(classifier, picture)
    same(box, classifier.read(picture))


def test_a_digit_has_as_many_pixels_in_a_row_of_six_as_alone(classifier: Classifier) -> None:
    strokes = place(*[TWO, SEVEN] * 3, size=0.15, gap=0.4)
    boxes = read_number(classifier, render_strokes(strokes, 1000, 10))
    assert text(boxes) == "272727"
    for box, alone in zip(boxes, [TWO, SEVEN] * 3):
        assert np.abs(box.image - classifier.read(place(alone)).image).mean() < 0.03


def test_twelve_digits_are_a_number_and_thirteen_are_read_as_one_drawing(classifier: Classifier) -> None:
    assert text(read_number(classifier, place(*[ONE] * 12, size=0.15, gap=0.5))) == "1" * 12
    assert len(read_number(classifier, place(*[ONE] * 13, size=0.15, gap=0.45))) == 1


@settings(max_examples=100)
@given(st.lists(st.tuples(*[st.floats(-1, 2)] * 4), min_size=1, max_size=60))
def test_every_piece_belongs_to_exactly_one_group(corners: list[tuple[float, float, float, float]]) -> None:
    points = np.array(corners).reshape(-1, 2, 2)
    low, high = points.min(axis=1), points.max(axis=1)
    groups = group_pieces(low, high, lambda asked: np.ones(len(asked)))
    assert sorted(piece for group in groups for piece in group) == list(range(len(points)))
    assert 1 <= len(groups) <= MAX_DIGITS
    assert all(list(group) == sorted(group) for group in groups)


def grouped(heights: tuple[float, float], gap: float, together: float, apart: float) -> list[tuple[int, ...]]:
    """How two pieces of width 0.4 that stand on one line are grouped, given how much each looks like a digit, 0..1."""
    low = np.array([[0, 1 - heights[0]], [0.4 + gap, 1 - heights[1]]])
    high = np.array([[0.4, 1], [0.8 + gap, 1]])
    looks = {(0,): apart, (1,): apart, (0, 1): together}
    return group_pieces(low, high, lambda asked: np.array([looks[group] for group in asked]))


def test_a_low_piece_belongs_to_its_tall_neighbour() -> None:
    assert grouped((1, 1), -0.05, 1.0, 1.0) == [(0,), (1,)]
    assert grouped((0.4, 1), -0.05, 1.0, 1.0) == [(0, 1)]


def test_tall_pieces_with_a_gap_are_two_digits_whatever_they_look_like() -> None:
    assert grouped((1, 0.9), 0.02, 1.0, 0.1) == [(0,), (1,)]
    assert grouped((1, 0.6), 0.02, 1.0, 0.1) == [(0, 1)]


@pytest.mark.parametrize(("together", "apart", "expected"), [(1.0, 0.3, [(0, 1)]), (0.3, 1.0, [(0,), (1,)])])
def test_what_can_be_read_decides_where_geometry_does_not(
    together: float, apart: float, expected: list[tuple[int, ...]]
) -> None:
    """Two upright pieces that overlap a little: one digit where together they look like one, else two."""
    assert grouped((1, 1), -0.05, together, apart) == expected
