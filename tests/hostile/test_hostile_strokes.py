"""Strokes that are none: what a program or a changed page may send in their place."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from bounded import anything, check_cost, hostile, nested, numbers, refuses, scalars
from hypothesis import given
from hypothesis import strategies as st

from mnist_core import Classifier, check_strokes, preprocess_strokes, read_number, render_strokes
from ui.visitor.drawings import Drawing

# Nearly right: what is wrong is one value, one length or one level.
points = st.lists(st.one_of(st.floats(-3, 3), numbers, scalars), min_size=0, max_size=3)
strokes = st.lists(st.one_of(st.lists(st.one_of(points, scalars), max_size=6), anything), max_size=6)


@cache
def shipped() -> Classifier:
    return Classifier.load()


def read_all(drawing: Any) -> None:
    check_strokes(drawing)
    preprocess_strokes(drawing)
    read_number(shipped(), drawing)


def draw_and_keep(drawing: Any) -> None:
    render_strokes(drawing)
    Drawing.checked(drawing, 7)


@hostile
@given(st.one_of(anything, strokes))
def test_anything_is_read_or_refused_in_words(drawing: Any) -> None:
    refuses(read_all, drawing)


@hostile
@given(anything, anything)
def test_anything_is_kept_or_refused_in_words(drawing: Any, label: Any) -> None:
    refuses(Drawing.checked, drawing, label)


@hostile
@given(st.lists(st.lists(st.tuples(st.floats(-1, 2), st.floats(-1, 2)), max_size=30), max_size=30))
def test_strokes_within_the_limits_are_read(drawing: list) -> None:
    assert refuses(read_all, drawing) == (not any(drawing))


def random_strokes(strokes: int, points: int) -> list:
    return np.random.default_rng(0).uniform(-1, 2, (strokes, points, 2)).tolist()


def long_text_among_points() -> list:
    return [[["x" * 2_000_000, 0.5]] + [[0.5, 0.5]] * 15_000]


def long_point() -> list:
    return [[[0.5] * 1_000_000] * 10]


def odd(name: str) -> Any:
    return {
        "deep": lambda: nested(100_000),
        "deep point": lambda: [[[nested(900), 0.5]]],
        "large numbers": lambda: [[[10**400, -(10**5000)]] * 1000],
        "bytes": lambda: [[b"x" * 10**7]],
        "empty points": lambda: [[[]] * 20_000],
        "array of texts": lambda: [np.array([["x" * 1000, "0.5"]] * 1000)],
        "array of objects": lambda: [np.array([[None, {}]] * 1000)],
        "array of records": lambda: [np.zeros(1000, "f8,f8")],
        "many axes": lambda: [np.zeros((2,) * 16)],
        "dictionary": lambda: {i: [[0.5, 0.5]] for i in range(100)},
        "generator": lambda: (i for i in range(10**9)),
        "range": lambda: [range(10**9)],
    }[name]()


@pytest.mark.parametrize("strokes, points", [(1, 1_000_000), (1, 20_001), (1000, 1000), (100_000, 1), (201, 1)])
def test_too_many_points_are_refused_at_once(strokes: int, points: int) -> None:
    assert "At most" in check_cost(read_all, random_strokes, strokes, points)


@pytest.mark.parametrize("strokes, points", [(1, 20_000), (200, 100), (36, 555), (40, 2)])
def test_as_many_points_as_are_accepted_take_a_moment(strokes: int, points: int) -> None:
    assert check_cost(read_all, random_strokes, strokes, points) == ""


@pytest.mark.parametrize("strokes, points", [(1, 20_000), (40, 500)])
def test_the_largest_drawing_is_drawn_and_kept_in_a_moment(strokes: int, points: int) -> None:
    assert check_cost(draw_and_keep, random_strokes, strokes, points) == ""


@pytest.mark.parametrize("make", [long_text_among_points, long_point])
def test_what_is_long_within_a_point_takes_no_memory(make: Any) -> None:
    assert "Stroke 0 must be" in check_cost(read_all, make)


@pytest.mark.quick
@pytest.mark.parametrize(
    "name",
    ["deep", "deep point", "large numbers", "bytes", "empty points", "array of texts", "array of objects",
     "array of records", "many axes", "dictionary", "range"],
)  # fmt: skip
def test_odd_values_are_refused_in_words(name: str) -> None:
    assert check_cost(read_all, odd, name)
