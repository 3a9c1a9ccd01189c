"""My drawings: what is kept, what is refused, and how it goes into a file and comes back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core import Classifier, load_pen_digits, preprocess_strokes
from ui.visitor.drawings import MAX_DRAWINGS, MAX_POINTS, MAX_STROKES, Drawing, Drawings, read_drawings, to_file

SEVEN = [[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]]


def line(number: int, label: int = 1) -> Drawing:
    """One of many drawings, no two the same."""
    return Drawing.checked([[[0.1, 0.1], [0.1 + 0.001 * number, 0.9]]], label)


@pytest.fixture(scope="module")
def dev_drawings() -> list[Drawing]:
    digits = load_pen_digits("dev")
    return [Drawing.checked(digits.strokes[i], int(digits.labels[i])) for i in range(0, 1500, 3)]


def test_a_file_brings_back_what_was_saved(dev_drawings: list[Drawing]) -> None:
    content = json.loads(json.dumps(to_file(dev_drawings)))
    again = [Drawing.checked(entry["strokes"], entry["label"]) for entry in content["drawings"]]
    assert [drawing.to_dict() for drawing in again] == [drawing.to_dict() for drawing in dev_drawings]
    assert [drawing.id for drawing in again] == [drawing.id for drawing in dev_drawings]


@given(
    st.lists(
        st.lists(st.tuples(st.floats(-1, 2), st.floats(-1, 2)), min_size=1, max_size=400),
        min_size=1,
        max_size=MAX_STROKES,
    )
)
def test_simplifying_twice_is_simplifying_once(strokes: list[list[tuple[float, float]]]) -> None:
    once = Drawing.checked(strokes, 3)
    twice = Drawing.checked(once.to_dict()["strokes"], 3)
    assert twice.to_dict() == once.to_dict()
    assert twice.id == once.id
    assert sum(map(len, once.strokes)) <= MAX_POINTS
    for stroke, kept in zip(strokes, once.strokes):
        assert kept[0] == pytest.approx(stroke[0], abs=6e-4)
        assert kept[-1] == pytest.approx(stroke[-1], abs=6e-4)


def test_what_is_kept_is_read_as_what_was_drawn() -> None:
    digits, shipped = load_pen_digits("dev"), Classifier.load()
    chosen = range(0, len(digits), 3)
    drawn = np.array([preprocess_strokes(digits.strokes[i]) for i in chosen])
    kept = np.array([Drawing.checked(digits.strokes[i], 0).image for i in chosen])
    digit = shipped.probabilities(drawn).argmax(axis=1)
    assert (shipped.probabilities(kept).argmax(axis=1) == digit).mean() > 0.995


@pytest.mark.slow
def test_the_largest_drawings_fit_into_the_browser() -> None:
    # localStorage holds 5 million characters.
    random = np.random.default_rng(0)
    drawings = [Drawing.checked([random.uniform(-1, 2, (2000, 2)).tolist()], 3) for _ in range(MAX_DRAWINGS)]
    assert len(json.dumps(to_file(drawings))) + 100 * MAX_DRAWINGS < 4_500_000


@pytest.mark.parametrize(
    "strokes, label, message",
    [
        (SEVEN, None, "A label must be a digit from 0 to 9. Received: None"),
        (SEVEN, "7", "A label must be"),
        (SEVEN, 7.0, "A label must be"),
        (SEVEN, True, "A label must be"),
        (SEVEN, 10, "A label must be"),
        (SEVEN, -1, "A label must be"),
        (SEVEN, [7] * 1000, "A label must be"),
        (None, 7, "Strokes must be a list"),
        ([], 7, "There is no stroke"),
        ([[]], 7, "There is no stroke"),
        ([[[0, 0]]] * (MAX_STROKES + 1), 7, "at most 40 strokes. Received: 41"),
        ([[[0, 0, 0]]], 7, "Stroke 0 must be"),
        ([[["a", "b"]]], 7, "not numbers"),
        ([[[0, 1e400]]], 7, "not finite"),
        ([[[0, 9]]], 7, "values from 0 to 9"),
        ([[[0, 10**400]]], 7, "Stroke 0 must be"),
    ],
)
def test_what_is_wrong_with_a_drawing_is_said(strokes: Any, label: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Drawing.checked(strokes, label)


def test_points_that_are_far_enough_apart_are_kept_as_they_are() -> None:
    stroke = [[0.1, 0.1], [0.4, 0.1], [0.2, 0.6], [0.2, 0.601]]
    assert Drawing.checked([stroke], 7).to_dict() == {"label": 7, "strokes": [stroke]}
    # The same point twice is once; so is a point too close to the one before it.
    crowded = [*stroke[:2], [0.402, 0.1], *stroke[2:], stroke[-1]]
    assert Drawing.checked([crowded], 7).to_dict() == {"label": 7, "strokes": [stroke]}


def test_the_same_drawing_with_another_label_takes_the_others_place() -> None:
    drawings = Drawings()
    drawings.save(Drawing.checked(SEVEN, 1))
    drawings.save(Drawing.checked(SEVEN, 7))
    assert [drawing.label for drawing in drawings] == [7]


def test_one_more_than_fits_is_refused_and_nothing_is_lost() -> None:
    drawings = Drawings()
    for number in range(MAX_DRAWINGS):
        drawings.save(line(number))
    with pytest.raises(ValueError, match="500 drawings are kept at most"):
        drawings.save(Drawing.checked(SEVEN, 7))
    assert len(drawings) == MAX_DRAWINGS
    # What is there already needs no room.
    drawings.save(line(3, label=7))
    assert drawings.counts()[7] == 1
    drawings.keep_only({line(number).id: 1 for number in range(1, MAX_DRAWINGS)})
    drawings.save(Drawing.checked(SEVEN, 7))


def test_only_what_the_browser_has_is_kept_with_its_labels_and_in_its_order() -> None:
    drawings = Drawings()
    for number, label in enumerate([7, 0, 7]):
        drawings.save(line(number, label))
    assert drawings.counts() == [1, 0, 0, 0, 0, 0, 0, 2, 0, 0]
    image = next(iter(drawings)).image
    drawings.keep_only({line(2).id: 4, line(0).id: 7, "guess": 3})
    assert [(drawing.id, drawing.label) for drawing in drawings] == [(line(2).id, 4), (line(0).id, 7)]
    assert drawings.find(line(1).id) is None
    assert list(drawings)[1].image is image
    drawings.keep_only({})
    assert len(drawings) == 0


def test_drawings_are_read_as_the_model_reads_them(dev_drawings: list[Drawing]) -> None:
    shipped = Classifier.load()
    few = dev_drawings[:50]
    assert read_drawings(few, shipped) == [shipped.read(list(drawing.strokes)).digit for drawing in few]
    assert read_drawings([], shipped) == []
