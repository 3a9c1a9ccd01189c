from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core import Change, Classifier, Weights, render_strokes
from tests.support.waiting import result_of
from ui.draw.sketchpad import _read
from ui.draw.tab import _picture_value
from ui.draw.why.why import change_words, check_why, encode_signed, ink_words, why_answer
from ui.server.turns import Turns
from ui.visitor.session import Model
from ui.visitor.sessions import Sessions

SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]


def signed(text: str) -> np.ndarray:
    return (np.frombuffer(base64.b64decode(text), np.uint8).astype(int) - 128) / 127


def spots(*places: tuple[int, int, float]) -> np.ndarray:
    image = np.zeros((28, 28), np.float32)
    for row, column, value in places:
        image[row, column] = value
    return image


def test_the_reading_is_explained_only_when_that_is_asked(sessions: Sessions) -> None:
    for request in ({"strokes": SEVEN}, {"strokes": SEVEN, "why": None}):
        assert "why" not in _read(sessions, request)
    why = _read(sessions, {"strokes": SEVEN, "why": {"against": None}})["why"]
    assert (why["digit"], why["others"]) == (7, {})
    why = _read(sessions, {"strokes": SEVEN, "why": {"against": 3}})["why"]
    assert list(why["others"]) == ["3"]


def test_what_is_sent_is_small_and_plain(sessions: Sessions) -> None:
    why = _read(sessions, {"strokes": SEVEN, "why": {"against": 3}})["why"]
    assert len(json.dumps(why)) < 5000
    ink, change = signed(why["ink"]), signed(why["others"]["3"]["change"])
    assert ink.shape == change.shape == (784,)
    assert np.abs(ink).max() == np.abs(change).max() == 1
    assert [len(signed(layer)) for layer in why["layers"]] == [256, 128, 10]
    assert signed(why["layers"][2]).argmax() == 7


def test_the_ink_is_that_of_the_picture_the_network_saw(sessions: Sessions) -> None:
    answer = _read(sessions, {"strokes": SEVEN, "why": {}})
    seen = np.frombuffer(base64.b64decode(answer["image"]), np.uint8)
    ink = signed(answer["why"]["ink"])
    assert not ink[seen == 0].any()
    assert (ink > 0.2).any()
    assert (ink < 0).any()


def test_the_visitors_own_model_is_explained(sessions: Sessions, make_run: Callable) -> None:
    request = {"strokes": SEVEN, "why": {"against": None}}
    session = sessions.open()
    run = make_run(session.runs.next_number())
    random = np.random.default_rng(0)
    shapes = [(784, 5), (5,), (5, 3), (3,), (3, 10), (10,)]
    own = Classifier(Weights.from_arrays([random.normal(0, 0.3, shape) for shape in shapes], "tanh"))
    session.keep(replace(run, classifier=own))
    why = _read(sessions, {**request, "session": session.key})["why"]
    assert [len(signed(layer)) for layer in why["layers"]] == [5, 3, 10]
    # Of tanh, the colours' full strength is 1 whatever the strongest unit does.
    assert signed(why["layers"][0]) == pytest.approx(own.read(SEVEN).layers[0], abs=0.01)


def test_the_answer_is_not_compared_with_itself(sessions: Sessions) -> None:
    assert _read(sessions, {"strokes": SEVEN, "why": {"against": 7}})["why"]["others"] == {}


def test_a_blank_pad_has_nothing_to_explain(sessions: Sessions) -> None:
    assert _read(sessions, {"strokes": [], "why": {"against": 3}}) == {"blank": True}


@pytest.mark.parametrize("why", [3, True, "yes", [], [3], {"against": -1}, {"against": 10}, {"against": "3"},
                                 {"against": 3.0}, {"against": True}, {"against": [3]}, {"against": {}}])  # fmt: skip
def test_any_other_request_is_refused(sessions: Sessions, why: object) -> None:
    with pytest.raises(ValueError, match="`why`|`against`"):
        _read(sessions, {"strokes": SEVEN, "why": why})


def test_what_may_be_asked() -> None:
    assert check_why(None) is None
    assert check_why({}) == check_why({"against": None}) == []
    assert check_why({"against": 0}) == [0]


def test_of_a_picture_all_digits_are_explained_at_once(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    path = tmp_path / "seven.png"
    Image.fromarray(render_strokes(SEVEN)).save(path)
    model = Model(sessions.shipped.classifier, "Shipped")
    value = result_of(_picture_value({"path": str(path)}, None, model, Turns(1), "an address"))
    assert value["why"]["digit"] == 7
    assert sorted(value["why"]["others"]) == list("012345689")


def test_numbers_become_bytes_around_128() -> None:
    assert list(base64.b64decode(encode_signed(np.array([0, 2.0, -2, 1])))) == [128, 255, 1, 192]
    assert list(base64.b64decode(encode_signed(np.array([0.5, -1]), 1.0))) == [192, 1]
    assert list(base64.b64decode(encode_signed(np.zeros(2)))) == [128, 128]


def test_the_sentence_says_where_the_ink_speaks() -> None:
    ink = spots((4, 4, 1), (23, 23, -1), (4, 23, 0.1), (23, 4, 0.1))
    assert (
        ink_words(7, ink) == "The ink at the top left speaks most for a 7, the ink at the bottom right most against it."
    )
    assert ink_words(8, spots((4, 14, 1), (14, 14, 0.7), (23, 14, 0.1))) == (
        "The ink at the top and in the middle speaks most for an 8."
    )
    assert ink_words(1, -spots((4, 14, 1), (23, 14, 1))) == "Hardly any ink speaks for a 1."


@pytest.mark.parametrize(
    ("missing", "excess", "words"),
    [
        ([(4, 4, 1)], [(23, 23, 1)], "An 8 would need ink at the top left, and less of it at the bottom right."),
        ([(4, 4, 1), (23, 23, 0.01)], [], "An 8 would need more ink at the top left."),
        ([], [(14, 4, 1), (14, 23, 0.3)], "An 8 would need less ink at the left."),
        ([], [], "Nothing that a typical 8 has is missing."),
    ],
)
def test_the_sentence_says_what_another_digit_would_need(missing: list, excess: list, words: str) -> None:
    assert change_words(Change(8, spots(*missing), spots(*excess), spots())) == words


def test_every_digit_of_a_shaky_model_gets_a_sentence(sessions: Sessions) -> None:
    """A model that has learnt nothing may find no ink for its answer; it still has an answer."""
    nothing = Classifier(Weights.from_arrays(
        [np.zeros(shape, np.float32) for shape in [(784, 1), (1,), (1, 1), (1,), (1, 10), (10,)]], "relu"
    ))  # fmt: skip
    why = why_answer(nothing, nothing.read(SEVEN))
    assert why["words"] == "Hardly any ink speaks for a 0."
    assert len(why["others"]) == 9
    assert {other["words"][:7] for other in why["others"].values()} == {"Nothing"}
