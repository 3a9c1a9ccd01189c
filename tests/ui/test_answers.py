from __future__ import annotations

import base64
import json
from collections.abc import Callable

import numpy as np
import pytest

from mnist_core import Reading, evaluation_sets
from ui.answers import api_answer, decode_picture, encode_picture, page_answer
from ui.session import Sessions
from ui.sketchpad import _read

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
