"""What the page may ask about drawings, and what it gets for asking wrongly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ui.drawings import Drawings
from ui.drawings_server import drawings_function
from ui.session import Session, Sessions

SEVEN = [[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]]


@pytest.fixture
def session(sessions: Sessions) -> Session:
    session = sessions.open()
    session.drawings = Drawings()
    return session


def ask(sessions: Sessions, session: Session, do: Any, **more: Any) -> dict[str, Any]:
    return drawings_function(sessions)({"session": session.key, "do": do, **more})


def test_save_correct_and_delete(sessions: Sessions, session: Session) -> None:
    saved = ask(sessions, session, "save", strokes=SEVEN, label=1)
    assert saved["counts"] == [0, 1] + [0] * 8
    assert saved["saved"]["before"] is None
    again = ask(sessions, session, "save", strokes=SEVEN, label=7)
    assert again["counts"] == [0] * 7 + [1, 0, 0]
    assert again["saved"] == {"id": saved["saved"]["id"], "label": 7, "before": 1}
    back = ask(sessions, session, "label", id=saved["saved"]["id"], label=1)
    assert back["counts"] == saved["counts"]
    assert ask(sessions, session, "delete", id=saved["saved"]["id"])["counts"] == [0] * 10


def test_the_list_says_what_the_model_in_use_reads(sessions: Sessions, session: Session) -> None:
    ask(sessions, session, "save", strokes=SEVEN, label=3)
    (item,) = ask(sessions, session, "list")["items"]
    assert (item["label"], item["read"]) == (3, sessions.shipped.classifier.read(SEVEN).digit)
    assert item["outline"].startswith("M")


def test_a_download_can_be_uploaded(sessions: Sessions, session: Session) -> None:
    ask(sessions, session, "save", strokes=SEVEN, label=7)
    text = ask(sessions, session, "download")["text"]
    assert ask(sessions, session, "upload", text=text) | {"counts": 0} == {"counts": 0, "added": 0, "known": 1}
    assert ask(sessions, session, "clear")["counts"] == [0] * 10
    assert ask(sessions, session, "upload", text=text)["added"] == 1
    assert json.loads(ask(sessions, session, "download")["text"]) == json.loads(text)


@pytest.mark.parametrize(
    "request_, message",
    [
        (None, "must be an object"),
        ([], "must be an object"),
        ({"do": None}, "`do` must be one of: list, save"),
        ({"do": ["save"]}, "`do` must be one of"),
        ({"do": "__class__"}, "`do` must be one of"),
        ({"do": "save"}, "A label must be a digit"),
        ({"do": "save", "label": 7}, "Strokes must be a list"),
        ({"do": "save", "label": 7, "strokes": "x" * 100}, "Strokes must be a list"),
        ({"do": "save", "label": 7, "strokes": []}, "no stroke"),
        ({"do": "upload"}, "Choose a JSON file"),
        ({"do": "upload", "text": {}}, "Choose a JSON file"),
        ({"do": "upload", "text": "{}"}, "holds no drawings"),
    ],
)
def test_bad_requests_are_answered_and_change_nothing(
    request_: Any, message: str, sessions: Sessions, session: Session
) -> None:
    ask(sessions, session, "save", strokes=SEVEN, label=7)
    asked = {"session": session.key, **request_} if isinstance(request_, dict) else request_
    answer = drawings_function(sessions)(asked)
    assert list(answer) == ["error"]
    assert message in answer["error"]
    assert session.drawings is not None
    assert session.drawings.counts() == [0] * 7 + [1, 0, 0]


@pytest.mark.parametrize("drawing_id", [None, 7, "", "guess", ["a"], {"a": 1}])
def test_an_unknown_drawing_is_no_error(drawing_id: Any, sessions: Sessions, session: Session) -> None:
    for do in ("delete", "label"):
        assert ask(sessions, session, do, id=drawing_id, label=3) == {"counts": [0] * 10}


def test_a_bad_label_leaves_the_drawing(sessions: Sessions, session: Session) -> None:
    saved = ask(sessions, session, "save", strokes=SEVEN, label=7)["saved"]
    assert "A label must be" in ask(sessions, session, "label", id=saved["id"], label="x")["error"]
    assert ask(sessions, session, "list")["items"][0]["label"] == 7


@pytest.mark.parametrize("key", [None, 7, "guess", ["a"], {}])
def test_a_lost_session_is_said(key: Any, sessions: Sessions) -> None:
    assert drawings_function(sessions)({"session": key, "do": "list"})["lost"] is True


def test_visitors_do_not_see_each_others_drawings(sessions: Sessions, session: Session) -> None:
    other = sessions.open()
    assert ask(sessions, other, "list")["lost"] is True, "its browser has not told what it keeps"
    other.drawings = Drawings()
    ask(sessions, session, "save", strokes=SEVEN, label=7)
    assert ask(sessions, other, "list")["items"] == []


def test_what_a_visitor_left_is_freed(sessions: Sessions, session: Session) -> None:
    session.let_go()
    assert session.drawings is None
