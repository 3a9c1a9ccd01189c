"""Calls that the page's functions work off a few at a time: nobody fills their lane, nor the queue."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.support.retrainer import Retrainer
from tests.support.visitor import SHORT, Visitor
from tests.support.waiting import PATIENCE, wait_until
from ui.limits import CALLS_IN_LANE, Limits
from ui.page import build_page
from ui.server.gate.lanes import lane_of
from ui.visitor.session import Session

MANY, ONE = "192.0.2.71", "192.0.2.72"


def test_who_uploads_waits_for_a_few_of_another_address_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve pages of one address upload, and then one of another."""
    came: list[str] = []
    go_on = threading.Event()

    def upload(session: Session, file: Any) -> int:
        came.append(session.address)
        go_on.wait(PATIENCE)
        return 0

    def press(visitor: Retrainer) -> None:
        with suppress(httpx.HTTPError):
            visitor.upload(b"")

    monkeypatch.setattr("ui.retrain.runs.runs_panel.upload", upload)
    page, options = build_page(Limits())
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    with ThreadPoolExecutor(13) as pool:
        visitors = [Retrainer(url, address) for address in [MANY] * 12 + [ONE]]
        for visitor in visitors[:12]:
            pool.submit(press, visitor)
        wait_until(lambda: len(came) == 2)  # as many as are worked off at once
        pool.submit(press, visitors[12])
        queue = page._queue
        wait_until(lambda: any(e.request.client.host == ONE for e in list(queue.event_ids_to_events.values())))
        go_on.set()
        wait_until(lambda: len(came) == 13)
        for visitor in visitors:
            visitor.leave()
    page.close()
    assert came.index(ONE) <= CALLS_IN_LANE


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
        lanes.setdefault(str(function.name), set()).add(lane_of("/queue/join", {"fn_index": number}, page))
    assert lanes["upload"] == lanes["write"] == {"files"}
    assert lanes["look"] == lanes["use"] == lanes["delete"] == {"runs"}
    assert lanes["run"] == lanes["teach"] == {""}
    assert lane_of("/call/retrain", {}, page) == ""
    assert lane_of("/call/read_number", {}, page) == "read"
