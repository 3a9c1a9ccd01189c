"""My drawings: what is kept, what is refused, and how it goes into the browser and a file and comes back."""

from __future__ import annotations

import gc
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core import Classifier, load_pen_digits, preprocess_strokes
from ui.drawings import (
    FORMAT,
    MAX_DRAWINGS,
    MAX_FILE_CHARACTERS,
    MAX_POINTS,
    MAX_STROKES,
    Drawing,
    Drawings,
    Notebooks,
    checked_drawings,
    parse_file,
    to_file,
)

SEVEN = [[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]]
ENTRY = {"label": 7, "strokes": SEVEN}


def line(number: int, label: int = 1) -> Drawing:
    """One of many drawings, no two the same."""
    return Drawing.checked([[[0.1, 0.1], [0.1 + 0.001 * number, 0.9]]], label)


def file_of(*entries: Any, **changed: Any) -> dict[str, Any]:
    return {"format": FORMAT, "drawings": list(entries), **changed}


@pytest.fixture(scope="module")
def dev_drawings() -> list[Drawing]:
    digits = load_pen_digits("dev")
    return [Drawing.checked(digits.strokes[i], int(digits.labels[i])) for i in range(0, 1500, 3)]


def test_a_file_brings_back_what_was_saved(dev_drawings: list[Drawing]) -> None:
    again = parse_file(json.dumps(to_file(dev_drawings)))
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


def test_the_largest_drawings_fit_into_the_browser() -> None:
    # localStorage holds 5 million characters; encrypted and in base64, text takes 4/3 of its length.
    random = np.random.default_rng(0)
    drawings = Drawings()
    for _ in range(MAX_DRAWINGS):
        drawings.save(Drawing.checked([random.uniform(-1, 2, (2000, 2)).tolist()], 3))
    text = json.dumps(drawings.to_browser())
    assert len(text) * 4 / 3 < 4_500_000
    assert len(text) < MAX_FILE_CHARACTERS


@pytest.mark.parametrize(
    "text, message",
    [
        (None, "Choose a JSON file"),
        (b"{}", "Choose a JSON file"),
        (" " * (MAX_FILE_CHARACTERS + 1), "at most 4,000,000 characters"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "holds no drawings"),
        ("7", "holds no drawings"),
    ],
)
def test_what_is_no_file_of_drawings_is_refused(text: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_file(text)


@pytest.mark.parametrize(
    "content, message",
    [
        (file_of(ENTRY, format="something else"), "holds no drawings"),
        (file_of(ENTRY, drawings={"0": ENTRY}), "holds no drawings"),
        (file_of(*[ENTRY] * (MAX_DRAWINGS + 1)), "At most 500 drawings are accepted. Received: 501"),
        (file_of(ENTRY, 7), "Drawing 1 must have a label and strokes. Received: int"),
        (file_of({"strokes": SEVEN}), "Drawing 0: A label must be a digit from 0 to 9. Received: None"),
        (file_of({"strokes": SEVEN, "label": "7"}), "A label must be"),
        (file_of({"strokes": SEVEN, "label": 7.0}), "A label must be"),
        (file_of({"strokes": SEVEN, "label": True}), "A label must be"),
        (file_of({"strokes": SEVEN, "label": 10}), "A label must be"),
        (file_of({"strokes": SEVEN, "label": -1}), "A label must be"),
        (file_of({"strokes": SEVEN, "label": [7] * 1000}), "A label must be"),
        (file_of({"label": 7}), "Drawing 0: Strokes must be a list"),
        (file_of({"label": 7, "strokes": []}), "There is no stroke"),
        (file_of({"label": 7, "strokes": [[]]}), "There is no stroke"),
        (file_of({"label": 7, "strokes": [[[0, 0]]] * (MAX_STROKES + 1)}), "at most 40 strokes. Received: 41"),
        (file_of({"label": 7, "strokes": [[[0, 0, 0]]]}), "Stroke 0 must be"),
        (file_of({"label": 7, "strokes": [[["a", "b"]]]}), "not numbers"),
        (file_of({"label": 7, "strokes": [[[0, 1e400]]]}), "not finite"),
        (file_of({"label": 7, "strokes": [[[0, 9]]]}), "values from 0 to 9"),
        (file_of({"label": 7, "strokes": [[[0, 10**400]]]}), "Stroke 0 must be"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(content: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        checked_drawings(content)
    with pytest.raises(ValueError, match=message):
        parse_file(json.dumps(content))


def test_the_same_drawing_with_another_label_takes_the_others_place() -> None:
    drawings = Drawings()
    assert drawings.save(Drawing.checked(SEVEN, 1)) is None
    before = drawings.save(Drawing.checked(SEVEN, 7))
    assert before is not None
    assert before.label == 1
    assert [drawing.label for drawing in drawings] == [7]


def test_one_more_than_fits_is_refused_and_nothing_is_lost() -> None:
    drawings = Drawings()
    assert drawings.add([line(number) for number in range(MAX_DRAWINGS)]) == MAX_DRAWINGS
    with pytest.raises(ValueError, match="500 drawings are kept at most"):
        drawings.save(Drawing.checked(SEVEN, 7))
    with pytest.raises(ValueError, match="there is room for 0 more. Received: 1 new"):
        drawings.add([line(3), Drawing.checked(SEVEN, 7)])
    assert len(drawings) == MAX_DRAWINGS
    # What is there already needs no room.
    assert drawings.add([line(3)]) == 0
    assert drawings.save(line(3, label=7)) is not None
    drawings.delete(line(3).id)
    drawings.save(Drawing.checked(SEVEN, 7))


def test_an_upload_adds_without_duplicates_and_keeps_what_is_there() -> None:
    drawings = Drawings()
    drawings.save(line(1, label=1))
    assert drawings.add([line(1, label=4), line(2), line(2)]) == 1
    assert [drawing.label for drawing in drawings] == [1, 1]


def test_counts_deleting_and_clearing() -> None:
    drawings = Drawings()
    for number, label in enumerate([7, 0, 7]):
        drawings.save(line(number, label))
    assert drawings.counts() == [1, 0, 0, 0, 0, 0, 0, 2, 0, 0]
    drawings.delete(line(0).id)
    for nothing in ("guess", None, ["a"], {}):
        drawings.delete(nothing)
        assert drawings.find(nothing) is None
    assert drawings.counts()[7] == 1
    drawings.clear()
    assert len(drawings) == 0


def test_drawings_are_read_as_the_model_reads_them(dev_drawings: list[Drawing]) -> None:
    drawings, shipped = Drawings(), Classifier.load()
    drawings.add(dev_drawings[:50])
    assert drawings.read(shipped) == [shipped.read(list(drawing.strokes)).digit for drawing in dev_drawings[:50]]
    assert Drawings().read(shipped) == []


@pytest.mark.parametrize("strokes", [[[[0.5, 0.5]]], SEVEN, [[[-1, -1], [2, 2]]]])
def test_an_outline_stays_in_its_picture(strokes: Any) -> None:
    outline = Drawing.checked(strokes, 7).outline
    assert outline.startswith("M")
    assert "L" in outline
    numbers = [int(word) for word in outline.replace("M", " ").replace("L", " ").split()]
    assert all(0 <= number <= 100 for number in numbers)


def test_the_tabs_of_a_browser_share_their_drawings() -> None:
    notebooks = Notebooks()
    first, message = notebooks.open(None)
    first.save(line(1))
    second, _ = notebooks.open(first.to_browser())
    assert second is first
    assert message == ""
    other, _ = notebooks.open(None)
    assert len(other) == 0


def test_drawings_come_back_from_the_browser_after_a_restart() -> None:
    first, _ = Notebooks().open(None)
    first.save(line(1))
    again, message = Notebooks().open(first.to_browser())
    assert (again.to_browser(), message) == (first.to_browser(), "")
    assert again is not first


def test_drawings_that_nobody_has_are_let_go() -> None:
    notebooks = Notebooks()
    drawings, _ = notebooks.open(None)
    kept = drawings.to_browser()
    del drawings
    gc.collect()
    assert len(notebooks) == 0
    assert notebooks.open(kept)[0].key == kept["key"]


@pytest.mark.parametrize(
    "kept", [7, "x", [], {}, {"key": "k" * 20}, file_of(7, key="k" * 20), file_of(key=3, format=1)]
)
def test_what_cannot_be_read_in_the_browser_is_dropped_with_a_message(kept: Any) -> None:
    drawings, message = Notebooks().open(kept)
    assert len(drawings) == 0
    assert message.startswith("The drawings in your browser cannot be read and were dropped: ")
