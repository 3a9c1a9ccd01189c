"""Files of drawings that somebody brings, and what a browser may say that it keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bounded import anything, check_cost, hostile, refuses
from hypothesis import given
from hypothesis import strategies as st

from ui.drawings import FORMAT, MAX_FILE_CHARACTERS, Notebooks, parse_file

SEVEN = [[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]]
near = st.fixed_dictionaries(
    {"format": st.one_of(st.just(FORMAT), anything)},
    optional={
        "key": anything,
        "drawings": st.one_of(
            anything,
            st.lists(
                st.fixed_dictionaries({}, optional={"label": anything, "strokes": st.one_of(st.just(SEVEN), anything)}),
                max_size=4,
            ),
        ),
    },
)


def as_json(content: Any) -> str:
    # A number of more than 4,300 digits cannot be written.
    return json.dumps(content, default=str)


def writable(content: Any) -> bool:
    try:
        as_json(content)
    except ValueError:
        return False
    return True


@hostile
@given(st.one_of(near, anything).filter(writable))
def test_any_json_is_read_or_refused_in_words(content: Any) -> None:
    refuses(parse_file, as_json(content))


@hostile
@given(st.one_of(st.text(), st.binary(), anything, st.text(alphabet='[]{},:"0.e-\\u', max_size=200)))
def test_any_text_is_read_or_refused_in_words(text: Any) -> None:
    refuses(parse_file, text)


@hostile
@given(st.text(alphabet='[]{},:"0.e-x', max_size=10), st.integers(0, 300))
def test_a_file_that_was_damaged_is_read_or_refused_in_words(noise: str, place: int) -> None:
    text = as_json({"format": FORMAT, "drawings": [{"label": 7, "strokes": SEVEN}] * 3})
    refuses(parse_file, text[:place] + noise + text[place + len(noise) :])
    refuses(parse_file, text[:place])


@hostile
@given(st.one_of(near, anything))
def test_whatever_a_browser_keeps_the_page_opens(kept: Any) -> None:
    def open_and_answer() -> None:
        drawings, message = Notebooks().open(kept)
        json.dumps(drawings.to_browser(), ensure_ascii=False).encode()
        assert len(message) < 600

    assert not refuses(open_and_answer)


def repeated(part: str, start: str = "[", end: str = "1]") -> str:
    return start + part * ((MAX_FILE_CHARACTERS - 20) // len(part)) + end


@pytest.mark.parametrize(
    "part",
    ["[", "[],", "{},", '{"":', '{"a":{},"b":[]},', "[0.1,0.2],", "[[0,0]],", "[0.1],", "1,", "0.1,", "9.99e99,",
     "999,", '"",', '"aé",', "null,", '"\\ud800",', " ", "9", "é", "\U0001f600"],
)  # fmt: skip
def test_four_million_characters_of_anything_take_a_moment(part: str) -> None:
    assert check_cost(parse_file, repeated, part)


def points(drawings: int, count: int) -> str:
    line = [
        [round(-1 + 3 * (i * 37 % 1000) / 1000, 3), round(-1 + 3 * (i * 91 % 1000) / 1000, 3)] for i in range(count)
    ]
    return as_json({"format": FORMAT, "drawings": [{"label": i % 10, "strokes": [line]} for i in range(drawings)]})


@pytest.mark.parametrize("drawings, count", [(500, 300), (12, 19_000), (240, 1000)])
def test_as_many_points_as_are_accepted_take_a_moment(drawings: int, count: int) -> None:
    assert check_cost(parse_file, points, drawings, count) == ""


@pytest.mark.parametrize("drawings, count", [(501, 1), (25, 20_000), (1, 20_001), (100_000, 1)])
def test_more_are_refused_at_once(drawings: int, count: int) -> None:
    assert check_cost(parse_file, points, drawings, count)


def test_the_same_key_twice_is_no_way_around_the_checks() -> None:
    bad = '{"format": "x", "format": "%s", "drawings": [{"label": 7, "label": 77, "strokes": %s}]}'
    assert refuses(parse_file, bad % (FORMAT, SEVEN))
