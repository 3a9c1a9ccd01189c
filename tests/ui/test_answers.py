from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from mnist_core import Classifier, Reading
from ui.answers import api_answer, page_answer
from ui.session import Model, Sessions
from ui.sketchpad import _read

SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]


def reading() -> Reading:
    probabilities = np.full(10, 0.05, np.float32)
    probabilities[4] = 0.55
    image = np.zeros((28, 28), np.float32)
    image[0, 1] = 1
    image[27, 27] = 0.5
    return Reading(4, probabilities, image, True)


def test_the_api_answer_is_plain_json_with_the_digit_first() -> None:
    answer = api_answer(reading())
    assert list(answer) == ["digit", "probabilities", "is_digit"]
    assert json.loads(json.dumps(answer)) == {
        "digit": 4,
        "probabilities": [0.05] * 4 + [0.55] + [0.05] * 5,
        "is_digit": True,
    }


def test_the_pages_answer_holds_the_picture_as_bytes() -> None:
    answer = page_answer(reading(), "Shipped")
    pixels = base64.b64decode(answer["image"])
    assert len(pixels) == 784
    assert (pixels[0], pixels[1], pixels[-1]) == (0, 255, 128)
    assert answer["model"] == "Shipped"


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    return Sessions(Model(Classifier.load(), "Shipped"))


def test_the_pads_request_is_read_with_the_visitors_model(sessions: Sessions) -> None:
    session = sessions.open()
    session.model = Model(sessions.shipped.classifier, "Yours")
    answer = _read(sessions, {"session": session.key, "strokes": SEVEN})
    assert (answer["digit"], answer["model"]) == (7, "Yours")
    assert _read(sessions, {"strokes": SEVEN})["model"] == "Shipped"


@pytest.mark.parametrize("strokes", [[], [[]]])
def test_a_blank_pad_is_no_error(sessions: Sessions, strokes: list) -> None:
    assert _read(sessions, {"strokes": strokes}) == {"blank": True}


@pytest.mark.parametrize("request_", [None, [], "x", {}, {"strokes": None}, {"strokes": [[["a", 1]]]}])
def test_any_other_request_is_refused(sessions: Sessions, request_: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        _read(sessions, request_)
