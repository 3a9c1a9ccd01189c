from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from mnist_core import Classifier, TrainConfig, Weights
from mnist_core.errors import InvalidInput
from tests.support.waiting import wait_until
from ui.jobs.job import Job
from ui.jobs.trainer import Trainer
from ui.limits import Limits
from ui.visitor.runs import MAX_RUNS, Run, TeachingResult, differences
from ui.visitor.session import Busy, Session
from ui.visitor.sessions import AppFull, Sessions

PATIENCE = 120.0


def test_a_visitor_starts_with_the_shipped_model(sessions: Sessions) -> None:
    session = sessions.open()
    assert session.model is sessions.shipped
    assert sessions.find(session.key) is session


def test_a_visitors_model_is_theirs_alone(sessions: Sessions, make_run: Callable) -> None:
    first, second = sessions.open(), sessions.open()
    first.keep(make_run(first.runs.next_number()))
    assert first.key != second.key
    assert first.model.name == "Run 1 · 99.0%"
    assert second.model is sessions.shipped
    assert len(second.runs) == 0


def test_a_session_is_kept_though_nobody_refers_to_it(sessions: Sessions) -> None:
    key = sessions.open().key
    gc.collect()
    assert sessions.find(key) is not None


def test_the_models_of_an_address_are_bounded_and_others_keep_theirs(
    sessions: Sessions, make_run: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = sessions.shipped.classifier.weights.arrays
    monkeypatch.setattr("ui.visitor.sessions.MODELS_OF_ADDRESS", 2 * sum(array.nbytes for array in arrays))

    def run(number: int) -> Run:
        return replace(make_run(number), classifier=Classifier(Weights.from_arrays(arrays, "relu")))

    first, second, other = (sessions.open(address=address) for address in ("a", "a", "b"))
    first.keep(run(1))
    second.stopped_run = run(1)
    for session in (first, second):
        with pytest.raises(InvalidInput, match="your address take 2 MB, as much as they may. Delete one"):
            session.keep(run(2))
    other.keep(run(1))
    first.delete(1)
    second.keep(run(2))
    assert [len(session.runs) for session in (first, second, other)] == [0, 1, 1]


def test_who_teaches_again_where_there_is_no_room_keeps_what_is_taught(sessions: Sessions, make_run: Callable) -> None:
    session = sessions.open()
    taught = [replace(make_run(n), teaching=TeachingResult(0, "Shipped", 1, 0, 0, 0)) for n in range(1, MAX_RUNS + 2)]
    session.keep(taught[0])
    for number in range(2, MAX_RUNS + 1):
        session.keep(make_run(number))
    session.keep(taught[-1], in_place_of=taught[0])
    assert len(session.runs) == MAX_RUNS
    assert 1 not in session.runs
    assert session.in_use == taught[-1].number


def test_a_session_goes_after_its_visitor(sessions: Sessions) -> None:
    session = sessions.open("gone")
    sessions.leave("gone")
    wait_until(lambda: len(sessions) == 0)
    assert sessions.find(session.key) is None
    assert sessions.key_of("gone") is None
    assert session.is_gone


def test_a_session_stays_while_another_page_of_its_visitor_is_open(sessions: Sessions, make_run: Callable) -> None:
    session = keeping_session(sessions, make_run, "one tab")
    sessions.open("another tab", session.key)
    other = keeping_session(sessions, make_run, "other")
    with sessions.listening("another tab"):
        sessions.leave("one tab")
        time.sleep(0.001)
        sessions.leave("other")
        wait_until(lambda: other.is_gone)
        assert not session.is_gone
        assert len(session.runs) == 1


def under_way(session: Session, trainer: Trainer) -> Job:
    """A run of theirs that waits behind, or is, a long one."""
    config = TrainConfig((16, 12), epochs=2000, batch_size=32)
    return session.begin_job(lambda: trainer.start(config, number=1, on_end=session.end_job))


@pytest.mark.parametrize("closed", ["starts", "other"])
def test_a_run_goes_on_while_any_page_of_its_visitor_listens(sessions: Sessions, trainer: Trainer, closed: str) -> None:
    session = sessions.open("starts")
    sessions.open("other", session.key)
    pages = {name: sessions.listening(name) for name in ("starts", "other")}
    for page in pages.values():
        page.__enter__()
    job = under_way(session, trainer)
    pages.pop(closed).__exit__(None, None, None)
    assert not job.stopped
    assert session.job is job
    pages.popitem()[1].__exit__(None, None, None)
    assert job.stopped == "stop"
    assert job.wait(PATIENCE)
    assert session.job is None


def test_two_pages_start_one_run(sessions: Sessions, trainer: Trainer) -> None:
    session = sessions.open()
    job = under_way(session, trainer)
    with pytest.raises(Busy, match="A run of yours is on already, perhaps in another tab. Stop it first."):
        under_way(session, trainer)
    job.stop()
    assert job.wait(PATIENCE)


def test_a_run_becomes_its_visitors_though_nobody_watches(sessions: Sessions, trainer: Trainer) -> None:
    session = sessions.open()
    config = TrainConfig((16, 12), epochs=1, batch_size=64, train_size=2000)
    job = session.begin_job(lambda: trainer.start(config, number=1, on_end=session.end_job))
    assert job.wait(PATIENCE)
    assert [run.number for run in session.runs] == [1]
    assert session.in_use == 1
    assert session.stopped_run is None


MakeSessions = Callable[..., Sessions]


@pytest.fixture
def limited(sessions: Sessions) -> MakeSessions:
    def make(most: int, grace: float = 300) -> Sessions:
        return Sessions(sessions.shipped, grace, Limits(sessions=most))

    return make


def test_who_comes_to_a_full_app_is_told_and_who_is_there_keeps_all(limited: MakeSessions, make_run: Callable) -> None:
    sessions = limited(2)
    first = keeping_session(sessions, make_run, "first")
    sessions.open("second")
    with pytest.raises(AppFull, match="The app is full: 2 visitors are here. Drawings are read, but nothing can be"):
        sessions.open("third")
    assert sessions.find(first.key) is first
    assert len(first.runs) == 1
    assert sessions.open("reload", first.key) is first


def test_a_place_is_free_again_when_its_visitor_has_gone(limited: MakeSessions) -> None:
    sessions = limited(1, grace=0.05)
    sessions.open("first")
    sessions.leave("first")
    wait_until(lambda: len(sessions) == 0)
    assert sessions.open("second")


def test_a_page_that_never_listens_makes_room_for_a_visitor(limited: MakeSessions) -> None:
    sessions = limited(2, grace=0.05)
    program = sessions.open("program")
    visitor = sessions.open("visitor")
    with sessions.listening("visitor"):
        time.sleep(0.1)
        assert sessions.open("newcomer")
    assert program.is_gone
    assert not visitor.is_gone


def test_one_address_leaves_room_for_others(limited: MakeSessions) -> None:
    sessions = limited(10)
    for number in range(2):
        sessions.open(str(number), address="192.0.2.1")
    with pytest.raises(AppFull, match="2 visitors are here from your address, as many as it may have"):
        sessions.open("third", address="192.0.2.1")
    assert sessions.open("other", address="192.0.2.2")


@pytest.mark.parametrize("key", [None, "", "guess", 3, ["a"], {"b": 1}])
def test_an_unknown_key_finds_nobody(sessions: Sessions, key: object) -> None:
    sessions.open()
    assert sessions.find(key) is None


def test_a_deleted_model_gives_way_to_the_shipped_one(sessions: Sessions, make_run: Callable) -> None:
    session = sessions.open()
    for _ in range(2):
        session.keep(make_run(session.runs.next_number()))
    session.delete(1)
    assert session.in_use == 2
    session.delete(2)
    assert session.model is sessions.shipped
    session.delete(2)


def test_runs_are_bounded_and_their_numbers_are_not_used_again(sessions: Sessions, make_run: Callable) -> None:
    session = sessions.open()
    for _ in range(MAX_RUNS):
        session.keep(make_run(session.runs.next_number()))
    with pytest.raises(ValueError, match="12 runs are kept at most. Delete one"):
        session.keep(make_run(session.runs.next_number()))
    assert len(session.runs) == MAX_RUNS
    assert session.in_use == MAX_RUNS
    session.delete(MAX_RUNS)
    assert session.runs.next_number() > MAX_RUNS


def keeping_session(sessions: Sessions, make_run: Callable, session_hash: str) -> Session:
    session = sessions.open(session_hash)
    session.keep(make_run(session.runs.next_number()))
    return session


def test_what_a_visitor_leaves_behind_is_freed_after_a_while(sessions: Sessions, make_run: Callable) -> None:
    gone = keeping_session(sessions, make_run, "gone")
    later = keeping_session(sessions, make_run, "later")
    stays = keeping_session(sessions, make_run, "stays")
    sessions.leave("gone")
    time.sleep(0.1)
    sessions.leave("later")
    assert len(gone.runs) == 1
    wait_until(lambda: len(gone.runs) == 0)
    wait_until(lambda: len(later.runs) == 0)
    assert gone.model is sessions.shipped
    assert len(stays.runs) == 1


def test_a_visitor_who_comes_back_in_time_keeps_all(sessions: Sessions, make_run: Callable) -> None:
    back = keeping_session(sessions, make_run, "back")
    gone = keeping_session(sessions, make_run, "gone")
    sessions.leave("back")
    sessions.leave("gone")
    sessions.find(back.key)
    wait_until(lambda: len(gone.runs) == 0)
    assert len(back.runs) == 1


def test_a_reload_finds_the_session_again_by_its_key(sessions: Sessions, make_run: Callable) -> None:
    session = keeping_session(sessions, make_run, "before")
    sessions.leave("before")
    assert sessions.open("after", session.key) is session
    other = keeping_session(sessions, make_run, "other")
    sessions.leave("other")
    wait_until(lambda: len(other.runs) == 0)
    assert len(session.runs) == 1
    sessions.leave("after")
    wait_until(lambda: len(session.runs) == 0)


@pytest.mark.parametrize("key", [None, "", "guess", ["x"]])
def test_a_key_that_names_nobody_opens_a_new_session(sessions: Sessions, key: object) -> None:
    session = sessions.open("hash", key)
    assert session.key != key
    assert sessions.find(session.key) is session


@pytest.mark.parametrize("session_hash", [None, "", "unknown"])
def test_an_unknown_visitor_may_leave(sessions: Sessions, session_hash: str | None) -> None:
    sessions.leave(session_hash)


def test_a_runs_settings_are_told_by_how_they_differ() -> None:
    standard = TrainConfig()
    assert differences(standard, standard) == ""
    other = TrainConfig(optimizer="sgd", learning_rate=0.01, hidden_units=(64, 32), augment=True).with_rate(7, 0.5)
    told = "hidden units 64, 32, optimizer sgd, learning rate 0.01, augment on, rate changes 7, 0.5"
    assert differences(other, standard) == told
