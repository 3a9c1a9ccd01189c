"""What a request counts as follows the time that it takes, and what a page sends while one draws is cheap."""

from __future__ import annotations

import json

import pytest

from mnist_core.preprocessing.strokes import MAX_POINTS, MAX_STROKES
from ui.limits import Limits
from ui.server.gate.charges import units_of
from ui.server.gate.request_heads import Refused

SERVER, CALL = "/component_server/", "/call/read_number"
ASKED_A_SECOND = 14  # of a pad while one draws


def body(strokes: int, points: int, separator: str = ",") -> bytes:
    stroke = [[round(0.1 + 0.001 * i % 0.8, 4), 0.1234] for i in range(points)]
    return json.dumps({"data": {"strokes": [stroke] * strokes}}, separators=(separator, ":")).encode()


@pytest.mark.parametrize("strokes, points", [(1, 60), (4, 75), (24, 30)])
def test_a_pad_is_never_too_fast(strokes: int, points: int) -> None:
    """A digit, the largest that is kept, a number of twelve digits."""
    rate = Limits().readings_of_session.per_second
    assert ASKED_A_SECOND * units_of(SERVER, body(strokes, points)) <= rate


@pytest.mark.parametrize(
    "strokes, points", [(MAX_STROKES, 2), (1, MAX_POINTS), (MAX_STROKES, MAX_POINTS // MAX_STROKES)]
)
@pytest.mark.parametrize("separator", [",", ", ", " ,\n"])
def test_what_takes_long_counts_for_much(strokes: int, points: int, separator: str) -> None:
    assert units_of(SERVER, body(strokes, points, separator)) >= 30
    assert units_of(CALL, body(strokes, points, separator)) >= 30


def test_a_page_sends_few_values() -> None:
    assert units_of("/run/predict", b'{"data": [' + b"1," * 100 + b"1]}") == 1
    with pytest.raises(Refused, match="far too many values"):
        units_of("/run/predict", b'{"data": [' + b"[]," * 2000 + b"1]}")
