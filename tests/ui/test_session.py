from __future__ import annotations

import gc

import pytest

from mnist_core import Classifier
from ui.session import Model, Sessions


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(Model(Classifier.load(), "Shipped"))


def test_a_visitor_starts_with_the_shipped_model(sessions: Sessions) -> None:
    session = sessions.open()
    assert session.model is sessions.shipped
    assert sessions.model_of(session.key) is sessions.shipped


def test_a_visitors_model_is_theirs_alone(sessions: Sessions) -> None:
    first, second = sessions.open(), sessions.open()
    mine = Model(sessions.shipped.classifier, "Yours")
    first.model = mine
    assert first.key != second.key
    assert sessions.model_of(first.key) is mine
    assert sessions.model_of(second.key) is sessions.shipped


def test_a_session_goes_with_its_visitors_state(sessions: Sessions) -> None:
    session = sessions.open()
    key = session.key
    assert len(sessions) == 1
    del session
    gc.collect()
    assert len(sessions) == 0
    assert sessions.model_of(key) is sessions.shipped


@pytest.mark.parametrize("key", [None, "", "guess", 3, ["a"], {"b": 1}])
def test_an_unknown_key_gets_the_shipped_model(sessions: Sessions, key: object) -> None:
    assert sessions.model_of(key) is sessions.shipped
