"""A running app with small limits: who is over one is told what it is, and others notice nothing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

from mnist_core.preprocessing.strokes import MAX_POINTS
from tests.support.flooder import ENDPOINT, OWN_PAGE, PAD, flood
from tests.support.visitor import SHORT, Visitor
from tests.support.waiting import wait_until
from ui.limits import MAX_BODY_BYTES, Rate
from ui.page import build_page
from ui.retrain.runs.runs_panel import archive
from ui.server.gate.clients import address_of
from ui.server.gradio_state.states import VisitorsFirst
from ui.visitor.runs import Run
from ui.visitor.session import Session
from ui.visitor.sessions import Sessions

ONE = [[[0.5, y / 20] for y in range(4, 17)]]


def uploaded(url: str, size: int, address: str = "192.0.2.99", http: Any = httpx) -> httpx.Response:
    headers = {"X-Forwarded-For": address}
    files = {"files": ("drawing.png", bytes(size))}
    return http.post(f"{url}/gradio_api/upload", files=files, headers=headers, timeout=60)


@contextmanager
def flooded(url: str, way: str) -> Iterator[Counter[str]]:
    """While a flooder is at it; from the first refusal on."""
    counts: Counter[str] = Counter()
    loop = asyncio.new_event_loop()
    task = loop.create_task(flood(url, way, counts))
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.gather(task, return_exceptions=True)))
    thread.start()
    try:
        wait_until(lambda: counts["refused"] > 0, 30)
        yield counts
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.close()


@pytest.fixture
def low_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """For those without a page, so low that a hundred connections are over them however slow the machine is."""
    for name in ("READINGS_OF_ADDRESS", "CALLS_OF_PROGRAM"):
        monkeypatch.setattr(f"ui.server.gate.charges.{name}", Rate(20, 20))


@pytest.mark.slow
@pytest.mark.usefixtures("low_rates")
@pytest.mark.parametrize("way", [PAD, OWN_PAGE, ENDPOINT])
def test_a_flooder_is_refused_and_ten_visitors_notice_nothing(url: str, way: str) -> None:
    url = url.rstrip("/")
    visitors = [Visitor(url) for _ in range(10)]

    def draw(visitor: Visitor) -> list[int]:
        return [visitor.read(ONE)["digit"] for _ in range(20)]

    with flooded(url, way) as counts, ThreadPoolExecutor(11) as threads:
        run = threads.submit(lambda: [*Visitor(url).start(**SHORT)][-1])
        read = [*threads.map(draw, visitors)]
        assert run.result().startswith("Done")
    assert read == [[1] * 20] * 10
    assert counts["refused"] > 0
    assert counts["other"] == 0
    for visitor in visitors:
        visitor.leave()


def reading(visitor: Visitor) -> httpx.Response:
    request = visitor.reading_request(ONE)
    return httpx.post(f"{visitor.url}/gradio_api/component_server/", json=request, timeout=60)


@pytest.mark.slow
def test_a_refusal_says_the_limit_and_when_to_ask_again(come: Callable[..., Visitor]) -> None:
    hasty, calm = come("small", "192.0.2.1"), come("small", "192.0.2.2")
    with ThreadPoolExecutor(120) as threads:
        answers = [*threads.map(lambda _: reading(hasty), range(120))]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert "Too many readings at once: 20 a second of you are answered." in refused[0].json()["error"]
    assert refused[0].json()["again"] == pytest.approx(float(refused[0].headers["Retry-After"]), abs=1)
    assert {answer.status_code for answer in answers} == {200, 429}
    assert calm.read(ONE)["digit"] == 1
    time.sleep(refused[0].json()["again"])
    assert hasty.read(ONE)["digit"] == 1


def test_a_pad_that_asks_as_fast_as_pads_do_never_waits(come: Callable[..., Visitor]) -> None:
    visitor = come("small", "192.0.2.1")
    assert [visitor.read(ONE)["digit"] for _ in range(39)] == [1] * 39  # the burst of 20 a second


@pytest.mark.slow
def test_thirty_visitors_of_one_address_may_all_draw(url: str) -> None:
    url = url.rstrip("/")
    with ThreadPoolExecutor(30) as threads:
        visitors = [*threads.map(lambda _: Visitor(url), range(30))]
        read = [*threads.map(lambda visitor: [visitor.read(ONE)["digit"] for _ in range(14)], visitors)]
    assert read == [[1] * 14] * 30
    for visitor in visitors:
        visitor.leave()


def test_who_comes_to_a_full_app_is_told_and_is_read_and_who_is_there_keeps_their_model(
    come: Callable[..., Visitor],
) -> None:
    there = [come("narrow", f"192.0.2.{number}") for number in range(5)]
    assert [*there[0].start(**SHORT)][-1].startswith("Done")
    newcomer = come("narrow", "192.0.2.77")
    assert "The app is full: 5 visitors are here." in newcomer.notice
    assert newcomer.read(ONE)["model"].startswith("Shipped")
    assert there[0].read(ONE)["model"].startswith("Run 1")
    assert [visitor.notice for visitor in there] == [""] * 5


def test_one_address_is_told_when_it_has_all_its_places(come: Callable[..., Visitor]) -> None:
    come("narrow", "192.0.2.1")
    assert "1 visitors are here from your address" in come("narrow", "192.0.2.1").notice
    assert come("narrow", "192.0.2.2").notice == ""


def test_this_machine_itself_may_take_all_places(come: Callable[..., Visitor]) -> None:
    assert [come("narrow", "127.0.0.1").notice for _ in range(5)] == [""] * 5


@pytest.mark.slow
def test_a_program_that_calls_faster_than_it_may_waits_and_is_answered(small: str) -> None:
    request = {"data": [ONE], "session_hash": "hasty"}
    with httpx.Client(timeout=60) as http, ThreadPoolExecutor(40) as threads:
        answers = [
            *threads.map(
                lambda _: http.post(f"{small}/gradio_api/call/read_strokes", json=request).status_code, range(200)
            )
        ]
    assert answers == [200] * 200


def test_a_file_too_large_is_refused_by_the_limit(small: str) -> None:
    answer = uploaded(small, 1_100_000)
    assert answer.status_code == 413
    assert answer.text == "A file may have 1 MB at most. Received: 1.1 MB."
    assert uploaded(small, 900_000).status_code == 200


def test_files_of_one_client_are_bounded_in_time(small: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = [*threads.map(lambda _: uploaded(small, 990_000, "192.0.2.7"), range(20))]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 4 <= len(refused) <= 6
    assert "Too many files: 15 MB an hour are accepted of your address." in refused[0].text
    assert uploaded(small, 990_000, "192.0.2.8").status_code == 200


def test_a_request_too_large_is_refused_by_the_limit(small: str) -> None:
    address = f"{small}/gradio_api/component_server/"
    answer = httpx.post(address, content=bytes(MAX_BODY_BYTES + 1), timeout=60)
    assert answer.status_code == 413
    assert "A request may have 1.5 MB at most." in answer.json()["error"]


def test_a_request_without_a_length_is_refused(small: str) -> None:
    answer = httpx.post(f"{small}/gradio_api/queue/join", content=iter([b"{", b"}"]), timeout=60)
    assert answer.status_code == 411


def test_too_many_points_are_refused_by_the_limit(come: Callable[..., Visitor]) -> None:
    visitor, other = come("small", "192.0.2.1"), come("small", "192.0.2.2")
    answer = visitor.read([[[0.5, 0.5]] * (MAX_POINTS + 1)])
    assert answer["error"] == "At most 20,000 points are accepted. Received: 20,001"
    assert other.read(ONE)["digit"] == visitor.read(ONE)["digit"] == 1


@pytest.mark.parametrize("path", ["deep_link?session_hash=a", "process_recording", "vibe-code/", "run-history/records"])
def test_what_the_page_does_not_use_is_closed(small: str, path: str) -> None:
    assert httpx.get(f"{small}/gradio_api/{path}").status_code == 404
    assert httpx.post(f"{small}/gradio_api/{path}", json={}).status_code == 404


def test_a_forged_header_is_not_believed_of_a_stranger(small: str) -> None:
    """Who comes from no proxy that is trusted has one address, whatever they say."""
    transport = httpx.HTTPTransport(local_address="127.0.0.3")
    with httpx.Client(transport=transport, timeout=60) as http:
        answers = [uploaded(small, 990_000, f"198.51.100.{number}", http) for number in range(18)]
    assert [answer.status_code for answer in answers[:15]] == [200] * 15
    assert {answer.status_code for answer in answers[15:]} == {429}


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        (None, "unknown"),
    ],
)
def test_a_client_is_an_address_or_a_network(host: str | None, address: str) -> None:
    assert address_of(host) == address


def test_programs_do_not_take_a_visitors_state(sessions: Sessions) -> None:
    page, _ = build_page()
    states = VisitorsFirst(sessions, capacity=3)
    states.set_blocks(page)
    session = sessions.open("visitor")
    state = next(number for number, block in page.blocks.items() if isinstance(block, gr.State))
    states["visitor"][state] = session
    for number in range(20):
        assert states[f"program {number}"][state] is None
    assert states["visitor"][state] is session
    assert len(states.session_data) == 3
    sessions.leave("visitor")
    wait_until(lambda: session.is_gone)
    for number in range(3):
        states[f"program {number}"]
    assert "visitor" not in states


def test_a_visitors_state_goes_with_them(sessions: Sessions) -> None:
    page, _ = build_page()
    states = VisitorsFirst(sessions, capacity=9)
    states.set_blocks(page)
    state = next(number for number, block in page.blocks.items() if isinstance(block, gr.State))
    for name in ("leaves", "stays"):
        states[name][state] = sessions.open(name)
        states[name].is_closed = name == "leaves"
    states.delete_all_expired_state()
    assert set(states.session_data) == {"leaves", "stays"}  # who leaves may come back for a while
    leaving = states["leaves"][state]
    sessions.leave("leaves")
    wait_until(lambda: leaving.is_gone)
    states.delete_all_expired_state()
    assert set(states.session_data) == set(states.time_last_used) == {"stays"}


def test_the_running_app_keeps_states_so() -> None:
    page, options = build_page()
    page.launch(prevent_thread_lock=True, quiet=True, **options)
    assert isinstance(page.app.state_holder, VisitorsFirst)
    assert isinstance(page.state_holder, VisitorsFirst)
    page.close()


def test_a_run_that_is_downloaded_again_takes_no_more_room(
    sessions: Sessions, make_run: Callable[..., Run], tmp_path: Path
) -> None:
    first, second = sessions.open(), sessions.open()
    for session in (first, second):
        session.keep(make_run(1))
    paths = {archive(session, 1, tmp_path) for session in (first, second) for _ in range(2)}
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == paths
    assert len(paths) == 2


def test_a_session_is_a_visitors_only_while_it_is_open(sessions: Sessions) -> None:
    session = sessions.open("a")
    assert session in sessions
    assert Session(sessions.shipped, key=session.key) not in sessions


def test_a_file_is_sent_whole_whatever_part_of_it_is_asked_for(small: str) -> None:
    path = uploaded(small, 1000).json()[0]
    for part in ("bytes=1-2-3", "bytes=0-0,1-1", f"bytes=0-{9 * '9' * 600}", "bytes=0-10"):
        answer = httpx.get(f"{small}/gradio_api/file={path}", headers={"Range": part}, timeout=60)
        assert (answer.status_code, answer.content) == (200, bytes(1000))


def test_there_is_nothing_to_hear_by_no_name(small: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = httpx.get(f"{small}/gradio_api/queue/data?session_hash=", timeout=60)
    assert "nothing to hear" in answer.text
    assert not caplog.records
