from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mnist_core import Classifier, Reading, evaluation_sets, read_number, render_strokes
from ui.api.answers import api_answer, api_number, decode_picture, encode_picture, number_answer, page_answer
from ui.draw.sketchpad import _read
from ui.visitor.sessions import Sessions

SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]


def reading() -> Reading:
    probabilities = np.full(10, 0.05, np.float32)
    probabilities[4] = 0.55
    image = np.zeros((28, 28), np.float32)
    image[0, 1] = 1
    image[27, 27] = 0.5
    return Reading(4, probabilities, image, True, 0.75)


def test_the_api_answer_is_plain_json_with_the_digit_first() -> None:
    answer = api_answer(reading())
    assert list(answer) == ["digit", "probabilities", "is_digit", "digit_score"]
    assert json.loads(json.dumps(answer)) == {
        "digit": 4,
        "probabilities": [0.05] * 4 + [0.55] + [0.05] * 5,
        "is_digit": True,
        "digit_score": 0.75,
    }


def test_the_pages_answer_holds_the_picture_as_bytes() -> None:
    answer = page_answer(reading(), "Shipped")
    pixels = base64.b64decode(answer["image"])
    assert len(pixels) == 784
    assert (pixels[0], pixels[1], pixels[-1]) == (0, 255, 128)
    assert answer["model"] == "Shipped"


def test_the_pads_request_is_read_with_the_visitors_model(sessions: Sessions, make_run: Callable) -> None:
    session = sessions.open()
    session.keep(make_run(session.runs.next_number()))
    answer = _read(sessions, {"session": session.key, "strokes": SEVEN})
    assert (answer["digit"], answer["model"]) == (7, "Run 1 · 99.0%")
    assert _read(sessions, {"strokes": SEVEN})["model"] == "Shipped"


def test_the_session_knows_what_is_on_the_pad(sessions: Sessions) -> None:
    session = sessions.open()
    _read(sessions, {"session": session.key, "strokes": SEVEN})
    assert session.drawing is not None
    assert session.drawing.shape == (28, 28)
    _read(sessions, {"session": session.key, "strokes": []})
    assert session.drawing is None


def test_a_number_holds_each_digit_and_is_about_the_one_drawn_last(sessions: Sessions) -> None:
    """A 1 on the right, then a 7 on the left whose bar comes last."""
    strokes = [[[0.8, 0.2], [0.8, 0.7]], [[0.1, 0.2], [0.45, 0.2], [0.22, 0.7]], [[0.2, 0.45], [0.43, 0.42]]]
    session = sessions.open()
    answer = _read(sessions, {"session": session.key, "strokes": strokes})
    assert answer["chosen"] == 0
    assert [digit["digit"] for digit in answer["digits"]] == [7, 1]
    assert [digit["strokes"] for digit in answer["digits"]] == [[1, 2], [0]]
    assert answer["digits"][1]["box"] == [0.8, 0.2, 0.8, 0.7]
    assert {name: answer[name] for name in ("digit", "probabilities", "is_digit", "digit_score", "image")} == {
        name: answer["digits"][0][name] for name in ("digit", "probabilities", "is_digit", "digit_score", "image")
    }
    assert session.drawing is not None
    assert encode_picture(session.drawing) == answer["image"]


def test_one_digit_is_answered_without_a_list_of_digits(sessions: Sessions) -> None:
    assert list(_read(sessions, {"strokes": SEVEN})) == [
        "digit",
        "probabilities",
        "is_digit",
        "digit_score",
        "image",
        "model",
    ]


def test_the_last_digit_of_a_picture_is_the_one_chosen() -> None:
    picture = render_strokes([[[0.1, 0.3], [0.3, 0.3], [0.2, 0.6]], [[0.6, 0.3], [0.6, 0.6]]], 400, 12)
    answer = number_answer(read_number(Classifier.load(), picture), "Shipped")
    assert [digit["digit"] for digit in answer["digits"]] == [7, 1]
    assert [digit["strokes"] for digit in answer["digits"]] == [None, None]
    assert answer["chosen"] == 1


def test_what_is_no_digit_is_a_question_mark_in_the_number() -> None:
    digits = read_number(Classifier.load(), [[[0.1, 0.3], [0.3, 0.3], [0.2, 0.6]], [[0.6, 0.3], [0.6, 0.6]]])
    doubted = [digits[0], replace(digits[1], is_digit=False)]
    assert (api_number(digits)["number"], api_number(doubted)["number"]) == ("71", "7?")


def test_a_picture_on_the_pad_is_read_as_it_is(sessions: Sessions) -> None:
    images, labels = evaluation_sets()["mnist_test"]
    request = {"strokes": [], "picture": encode_picture(images[0])}
    answer = _read(sessions, request)
    assert answer["digit"] == labels[0] == 7
    assert answer["image"] == request["picture"]


def test_strokes_over_a_picture_are_added_to_it(sessions: Sessions) -> None:
    picture = encode_picture(np.zeros((28, 28), np.uint8))
    answer = _read(sessions, {"strokes": [[[0.5, 0.2], [0.5, 0.8]]], "picture": picture})
    seen = decode_picture(answer["image"])
    assert answer["digit"] == 1
    assert seen[14, 13] > 0
    assert not seen[:, :10].any()


@pytest.mark.parametrize("picture", [7, "", "not base64!", "AAAA", "A" * 3000, "é" * 8])
def test_a_picture_that_is_none_is_refused(sessions: Sessions, picture: object) -> None:
    with pytest.raises(ValueError, match="784 bytes"):
        _read(sessions, {"strokes": [], "picture": picture})


@pytest.mark.parametrize("strokes", [[], [[]]])
def test_a_blank_pad_is_no_error(sessions: Sessions, strokes: list) -> None:
    assert _read(sessions, {"strokes": strokes}) == {"blank": True}


@pytest.mark.parametrize("request_", [None, [], "x", {}, {"strokes": None}, {"strokes": [[["a", 1]]]}])
def test_any_other_request_is_refused(sessions: Sessions, request_: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        _read(sessions, request_)
