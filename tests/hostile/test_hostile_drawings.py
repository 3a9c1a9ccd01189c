"""What may be sent as drawings, as labels and as ids."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bounded import anything, check_cost, check_words, hostile, refuses
from hypothesis import given
from hypothesis import strategies as st

from mnist_core import Classifier
from ui.limits import DRAWINGS_OF_REQUEST, MAX_BODY_BYTES
from ui.teach.drawings_server import drawings_function
from ui.visitor.drawings import Drawing
from ui.visitor.session import Model, Session
from ui.visitor.sessions import Sessions

SEVEN = [[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]]
entry = st.fixed_dictionaries({}, optional={"label": anything, "strokes": st.one_of(st.just(SEVEN), anything)})
near = st.fixed_dictionaries(
    {"do": st.one_of(st.sampled_from(["sync", "add", "read"]), anything)},
    optional={
        "drawings": st.one_of(anything, st.lists(st.one_of(entry, anything), max_size=4)),
        "labels": st.one_of(anything, st.dictionaries(st.text(), st.one_of(st.integers(0, 9), anything), max_size=4)),
        "ids": st.one_of(anything, st.lists(anything, max_size=4)),
    },
)


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    return Sessions(Model(Classifier.load(), "Shipped"))


@pytest.fixture(scope="module")
def session(sessions: Sessions) -> Session:
    return sessions.open()


@hostile
@given(request_=near)
def test_any_request_is_answered_in_words(request_: Any, sessions: Sessions, session: Session) -> None:
    def answer() -> None:
        answer = drawings_function(sessions)({**request_, "session": session.key})
        json.dumps(answer, ensure_ascii=False).encode()
        errors = [answer, *answer.get("added", [])]
        for text in (each["error"] for each in errors if "error" in each):
            check_words(text)
            assert len(text) < 600

    assert not refuses(answer)


@hostile
@given(anything, anything)
def test_any_drawing_is_taken_or_refused_in_words(strokes: Any, label: Any) -> None:
    refuses(Drawing.checked, strokes, label)


def add(text: str) -> None:
    """What a request costs whose drawings are this JSON."""
    sessions = Sessions(Model(Classifier.load(), "Shipped"))
    answer = drawings_function(sessions)({"session": sessions.open().key, "do": "add", "drawings": json.loads(text)})
    if "error" in answer:
        raise ValueError(answer["error"])


def points(drawings: int, count: int) -> str:
    line = [
        [round(-1 + 3 * (i * 37 % 1000) / 1000, 3), round(-1 + 3 * (i * 91 % 1000) / 1000, 3)] for i in range(count)
    ]
    text = json.dumps([{"label": i % 10, "strokes": [line]} for i in range(drawings)])
    assert len(text) < MAX_BODY_BYTES
    return text


@pytest.mark.parametrize("drawings, count", [(DRAWINGS_OF_REQUEST, 300), (4, 19_000), (DRAWINGS_OF_REQUEST, 1500)])
def test_as_many_points_as_are_accepted_take_a_moment(drawings: int, count: int) -> None:
    assert check_cost(add, points, drawings, count) == ""


@pytest.mark.parametrize("drawings, count", [(DRAWINGS_OF_REQUEST + 1, 1), (20_000, 1)])
def test_more_are_refused_at_once(drawings: int, count: int) -> None:
    assert check_cost(add, points, drawings, count)
