"""Calls that the page's functions work off a few at a time: nobody fills their lane, nor the queue."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.support.retrainer import Retrainer
from tests.support.visitor import SHORT, Visitor
from tests.support.waiting import PATIENCE, wait_until
from ui.limits import Limits
from ui.page import build_page
from ui.server.gate.lanes import lane_of
from ui.server.gate.request_heads import Refused
from ui.visitor.session import Session

MANY, ONE = "192.0.2.71", "192.0.2.72"


def test_an_address_cannot_fill_a_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five pages of one address upload, where three calls may wait; another address's upload is let in."""
    came: list[str] = []
    go_on = threading.Event()

    def upload(session: Session, file: Any) -> int:
        came.append(session.address)
        go_on.wait(PATIENCE)
        return 0

    def press(visitor: Retrainer) -> str:
        try:
            visitor.upload(b"")
        except httpx.HTTPStatusError as error:
            return str(error.response.status_code)
        return ""

    monkeypatch.setattr("ui.retrain.runs.runs_panel.upload", upload)
    monkeypatch.setattr("ui.server.gate.lanes.EVENTS_IN_LANE", 3)
    page, options = build_page(Limits())
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    many, one = [Retrainer(url, MANY) for _ in range(5)], Retrainer(url, ONE)
    with ThreadPoolExecutor(6) as pool:
        waiting = page._queue.event_ids_to_events
        pressed = []
        for visitor in many:
            pressed.append(pool.submit(press, visitor))
            wait_until(lambda: pressed[-1].done() or len(waiting) == len(pressed))
        assert [each.result() for each in pressed if each.done()] == ["429", "429"]
        let_in = pool.submit(press, one)
        wait_until(lambda: len(waiting) == 4)
        go_on.set()
        assert let_in.result() == ""
        for visitor in (*many, one):
            visitor.leave()
    page.close()
    assert sorted(came) == [MANY] * 3 + [ONE]


def test_an_address_cannot_fill_the_queue_by_many_names(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls of an address at once, here: of a third page of it none is let in, of another address one is."""
    monkeypatch.setattr("ui.server.gate.lanes.EVENTS_OF_ADDRESS", 2)
    first, second, third = (Visitor(small, "192.0.2.61") for _ in range(3))
    other = Visitor(small, "192.0.2.62")
    runs = [(visitor, visitor.start(**{**SHORT, "Epochs": 2000})) for visitor in (first, second)]
    for _, words in runs:
        next(words)
    with pytest.raises(httpx.HTTPStatusError, match="429"):
        next(third.start(**SHORT))
    runs.append((other, other.start(**SHORT)))
    next(runs[-1][1])
    for visitor, words in runs:
        visitor.stop()
        assert list(words)
    assert list(third.start(**SHORT))[-1].startswith("Done")
    for visitor in (first, second, third, other):
        visitor.leave()


def test_files_and_looking_have_lanes_of_their_own_and_runs_none() -> None:
    page, _ = build_page(Limits())
    lanes: dict[str, set[str]] = {}
    for number, function in page.fns.items():
        if not function.queue:
            with pytest.raises(Refused, match="answered at once"):
                lane_of("/queue/join", {"fn_index": number}, page)
            continue
        lanes.setdefault(str(function.name), set()).add(lane_of("/queue/join", {"fn_index": number}, page))
    assert lanes["upload"] == lanes["write"] == {"files"}
    assert lanes["look"] == lanes["use"] == lanes["delete"] == {"runs"}
    assert lanes["run"] == lanes["teach"] == {""}
    assert lane_of("/call/retrain", {}, page) == ""
    assert lane_of("/call/read_number", {}, page) == "read"
