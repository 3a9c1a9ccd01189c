"""What the page may ask about drawings, and what it gets for asking wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from ui.limits import DRAWINGS_OF_REQUEST, MAX_DRAWINGS
from ui.teach.drawings_server import drawings_function
from ui.visitor.drawings import Drawing
from ui.visitor.session import Session
from ui.visitor.sessions import Sessions

SEVEN = [[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]]
ENTRY = {"label": 7, "strokes": SEVEN}
ID = Drawing.checked(SEVEN, 7).id
NOTHING = [0] * 10


def lines(count: int) -> list[dict[str, Any]]:
    return [{"label": 1, "strokes": [[[0.1, 0.1], [0.1 + 0.001 * number, 0.9]]]} for number in range(count)]


@pytest.fixture
def session(sessions: Sessions) -> Session:
    return sessions.open()


def ask(sessions: Sessions, session: Session, do: Any, **more: Any) -> dict[str, Any]:
    return drawings_function(sessions)({"session": session.key, "do": do, **more})


def test_what_is_added_is_answered_as_it_is_to_be_kept(sessions: Sessions, session: Session) -> None:
    rough = [[[0.1, 0.1], [0.1001, 0.1], [0.4, 0.1], [0.2, 0.6]]]
    answer = ask(sessions, session, "add", drawings=[{"label": 7, "strokes": rough}])
    assert answer == {"counts": [0] * 7 + [1, 0, 0], "added": [{"id": ID, **ENTRY}]}
    # What the browser keeps of it, it may bring again.
    assert ask(sessions, session, "add", drawings=[ENTRY]) == answer
    again = ask(sessions, session, "add", drawings=[{**ENTRY, "label": 1}])
    assert again["counts"] == [0, 1] + [0] * 8


def test_ids_that_could_not_be_sent_back_are_left_out(sessions: Sessions, session: Session) -> None:
    answer = ask(sessions, session, "sync", labels={"\ud800": 1, "é": 2, "ab": 3})
    assert answer["unknown"] == ["ab"]


def test_one_bad_drawing_of_31_is_said_and_the_others_are_kept(sessions: Sessions, session: Session) -> None:
    bad = {"label": 7, "strokes": [[["a", "b"]]]}
    answer = ask(sessions, session, "add", drawings=[*lines(15), bad, *lines(30)[15:]])
    assert "not numbers" in answer["added"][15]["error"]
    assert [("id" in added) for added in answer["added"]] == [True] * 15 + [False] + [True] * 15
    assert answer["counts"][1] == 30


def test_the_server_has_what_the_browser_has(sessions: Sessions, session: Session) -> None:
    added = ask(sessions, session, "add", drawings=lines(3))["added"]
    first, second, third = [each["id"] for each in added]
    answer = ask(sessions, session, "sync", labels={third: 1, ID: 7, first: 4})
    assert answer == {"counts": [0, 1, 0, 0, 1, 0, 0, 0, 0, 0], "unknown": [ID]}
    assert ask(sessions, session, "read", ids=[second])["reads"] == [None]
    assert ask(sessions, session, "sync", labels={}) == {"counts": NOTHING, "unknown": []}


def test_drawings_are_read_by_the_model_in_use(sessions: Sessions, session: Session) -> None:
    ask(sessions, session, "add", drawings=[ENTRY])
    answer = ask(sessions, session, "read", ids=["guess", ID])
    assert answer["reads"] == [None, sessions.shipped.classifier.read(SEVEN).digit]


def test_one_more_than_fits_is_refused_by_itself(sessions: Sessions, session: Session) -> None:
    many = lines(MAX_DRAWINGS)
    for start in range(0, MAX_DRAWINGS, DRAWINGS_OF_REQUEST):
        ask(sessions, session, "add", drawings=many[start : start + DRAWINGS_OF_REQUEST])
    answer = ask(sessions, session, "add", drawings=[many[0], ENTRY])
    assert answer["added"][0]["label"] == 1
    assert "500 drawings are kept at most" in answer["added"][1]["error"]
    assert sum(answer["counts"]) == MAX_DRAWINGS


@pytest.mark.parametrize(
    "request_, message",
    [
        (None, "must be an object"),
        ([], "must be an object"),
        ({"do": None}, "`do` must be one of: sync, add, read"),
        ({"do": ["add"]}, "`do` must be one of"),
        ({"do": "__class__"}, "`do` must be one of"),
        ({"do": "download"}, "`do` must be one of"),
        ({"do": "add"}, "`drawings` must be a list of at most 50"),
        ({"do": "add", "drawings": {}}, "`drawings` must be a list"),
        ({"do": "add", "drawings": [ENTRY] * 51}, "`drawings` must be a list of at most 50"),
        ({"do": "read", "ids": "x" * 100}, "`ids` must be a list of at most 50"),
        ({"do": "read", "ids": ["x"] * 51}, "`ids` must be a list of at most 50"),
        ({"do": "sync"}, "`labels` must be an object of at most 500"),
        ({"do": "sync", "labels": [ID]}, "`labels` must be an object"),
        ({"do": "sync", "labels": {str(number): 1 for number in range(501)}}, "`labels` must be an object of at most"),
        ({"do": "sync", "labels": {ID: 7, "x": "7"}}, "A label must be a digit"),
    ],
)
def test_bad_requests_are_answered_and_change_nothing(
    request_: Any, message: str, sessions: Sessions, session: Session
) -> None:
    ask(sessions, session, "add", drawings=[ENTRY])
    asked = {"session": session.key, **request_} if isinstance(request_, dict) else request_
    answer = drawings_function(sessions)(asked)
    assert list(answer) == ["error"]
    assert message in answer["error"]
    assert session.drawings is not None
    assert session.drawings.counts() == [0] * 7 + [1, 0, 0]


@pytest.mark.parametrize("entry", [None, 7, "x", [], {}, {"label": 7}, {"label": True, "strokes": SEVEN}])
def test_what_is_no_drawing_is_answered_in_words(entry: Any, sessions: Sessions, session: Session) -> None:
    answer = ask(sessions, session, "add", drawings=[entry])
    assert answer["counts"] == NOTHING
    assert " must " in answer["added"][0]["error"]


def test_ids_may_be_anything(sessions: Sessions, session: Session) -> None:
    ask(sessions, session, "add", drawings=[ENTRY])
    assert ask(sessions, session, "read", ids=[None, 7, ["a"], {"a": 1}, "", ID])["reads"][:5] == [None] * 5


@pytest.mark.parametrize("key", [None, 7, "guess", ["a"], {}])
def test_a_lost_session_is_said(key: Any, sessions: Sessions) -> None:
    assert drawings_function(sessions)({"session": key, "do": "read", "ids": []})["lost"] is True


def test_visitors_do_not_see_each_others_drawings(sessions: Sessions, session: Session) -> None:
    other = sessions.open()
    ask(sessions, session, "add", drawings=[ENTRY])
    assert ask(sessions, other, "read", ids=[ID]) == {"counts": NOTHING, "reads": [None]}


def test_what_a_visitor_left_is_freed(sessions: Sessions, session: Session) -> None:
    ask(sessions, session, "add", drawings=[ENTRY])
    session.let_go()
    assert session.drawings is None
