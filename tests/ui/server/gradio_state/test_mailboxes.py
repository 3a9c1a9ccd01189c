"""What the queue keeps for pages and programs: no program takes it from a visitor, and none lets it grow."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
import httpx
import pytest

from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from ui.jobs.trainer import Trainer
from ui.limits import Limits, Rate
from ui.page import build_page
from ui.server.gradio_state.mailboxes import MAX_UNREAD, Mailbox, Mailboxes

SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]
MANY = Rate(1e6, 1e6)


@dataclass(frozen=True)
class App:
    """An app in this process."""

    url: str
    page: gr.Blocks
    trainer: Trainer

    @property
    def boxes(self) -> Any:
        return self.page._queue.pending_messages_per_session

    @property
    def events(self) -> dict[str, set[str]]:
        return self.page._queue.pending_event_ids_session

    def post(self, path: str, **body: Any) -> httpx.Response:
        return httpx.post(f"{self.url}/gradio_api/{path}", json=body, timeout=60)

    def heard(self, path: str) -> str:
        return httpx.get(f"{self.url}/gradio_api/{path}", timeout=60).text


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """With room for twelve boxes instead of 2,000, so that 240 calls are as 40,000; answers are kept for a second."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CALLS_OF_PROGRAM", "CALLS_OF_PROGRAMS", "CALLS_OF_SESSION", "CALLS_OF_SESSIONS"):
            patch.setattr(f"ui.server.gate.charges.{name}", MANY)
        patch.setattr("ui.server.gradio_state.mailboxes.MAX_BOXES", 12)
        patch.setattr("ui.server.gradio_state.mailboxes.UNREAD_SECONDS", 1.0)
        patch.setattr("ui.server.gradio_state.states._SWEEP_SECONDS", 0.2)
        trainer = Trainer(Limits())
        page, options = build_page(Limits(), trainer)
        _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
        yield App(url.rstrip("/"), page, trainer)
        page.close()


@pytest.mark.slow
def test_a_run_a_program_and_a_pad_survive_the_calls_of_others(app: App) -> None:
    visitor, idle = Visitor(app.url), Visitor(app.url)
    said: list[str] = []

    def listen(event: str) -> None:
        with httpx.stream("GET", f"{app.url}/gradio_api/call/v2/retrain/{event}", timeout=None) as stream:
            said.extend(line for line in stream.iter_lines() if line.startswith("data:"))

    with visitor.run_under_way():
        event = app.post("call/v2/retrain", epochs=1).json()["event_id"]
        listening = threading.Thread(target=listen, args=(event,))
        listening.start()
        for number in range(240):
            answer = app.post("call/read_strokes", data=[SEVEN], session_hash=f"program {number}")
            assert answer.status_code == 200
        assert visitor.read(SEVEN)["digit"] == idle.read(SEVEN)["digit"] == 7
        assert len(app.boxes) <= 12
        assert app.trainer.job_count > 0
    listening.join(60)
    assert '"state": "done"' in said[-1], said[-1]
    assert [*visitor.start(Epochs=1, Training_images=2000)][-1].startswith("Done")
    visitor.leave()
    idle.leave()


def test_an_answer_that_is_fetched_later_is_still_there(app: App) -> None:
    event = app.post("call/read_strokes", data=[SEVEN]).json()["event_id"]
    time.sleep(0.5)
    assert '"digit": 7' in app.heard(f"call/read_strokes/{event}")


@pytest.mark.slow
def test_nothing_is_left_of_programs_that_have_gone(app: App) -> None:
    for number in range(30):
        event = app.post("call/read_strokes", data=[SEVEN]).json()["event_id"]
        if number % 2:  # the others never fetch their answer
            app.heard(f"call/read_strokes/{event}")
    wait_until(lambda: not app.boxes and not app.events)


@pytest.mark.slow
def test_a_retraining_that_nobody_listens_to_ends(app: App) -> None:
    assert app.post("call/v2/retrain", epochs=2000).status_code == 200
    wait_until(lambda: app.trainer.job_count > 0)
    wait_until(lambda: app.trainer.job_count == 0)


@pytest.mark.slow
def test_a_box_that_nobody_empties_keeps_no_more_than_so_many(app: App) -> None:
    for _ in range(300):
        app.post("call/read_strokes", data=[SEVEN], session_hash="one")
    assert app.boxes["one"].qsize() <= 512
    wait_until(lambda: "one" not in app.boxes)


def test_estimates_do_not_pile_up() -> None:
    from gradio.server_messages import EstimationMessage, ProcessCompletedMessage

    abandoned = []
    box = Mailbox(lambda: abandoned.append(1))
    for _ in range(1000):
        box.put_nowait(EstimationMessage(rank=1, queue_size=2))
    assert box.qsize() == MAX_UNREAD
    box.put_nowait(ProcessCompletedMessage(output={}, success=True))
    assert box.qsize() == MAX_UNREAD + 1
    assert not abandoned


@pytest.mark.parametrize("path", ["queue/join", "run/predict", "call/read_strokes", "component_server/"])
def test_a_long_name_is_refused_and_forgotten(app: App, path: str) -> None:
    name = "x" * 65
    body = f'{{"data": [], "fn_index": 1, "session\\u005fhash": "{name}"}}'
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(f"{app.url}/gradio_api/{path}", content=body, headers=headers, timeout=60)
    assert answer.status_code == 400
    assert "at most 64 characters" in answer.json()["error"]
    assert name not in app.boxes
    assert name not in app.page.app.state_holder.session_data


@pytest.mark.parametrize("path", ["heartbeat/{}", "queue/data?session_hash={}"])
def test_a_long_name_in_an_address_is_refused(app: App, path: str) -> None:
    assert httpx.get(f"{app.url}/gradio_api/" + path.format("x" * 65), timeout=60).status_code == 400


def test_the_progress_of_uploads_is_kept_for_nobody(app: App) -> None:
    import gradio.routes

    before = len(gradio.routes.file_upload_statuses._signals)
    assert httpx.get(f"{app.url}/gradio_api/upload_progress?upload_id={'x' * 1_000}").status_code == 404
    files = {"files": ("x.png", b"x")}
    assert httpx.post(f"{app.url}/gradio_api/upload?upload_id=abc", files=files, timeout=60).status_code == 200
    assert len(gradio.routes.file_upload_statuses._signals) == before


def test_the_running_app_keeps_them_so(app: App) -> None:
    assert isinstance(app.boxes, Mailboxes)


def first_said(app: App, visitor: Visitor, held: contextlib.ExitStack) -> str:
    """What a page is told first after it has opened the Retrain tab; it goes on listening."""
    functions = visitor.config["dependencies"]
    card = next(f for f in functions if any(visitor._label(t[0]) == "Start" for t in f["targets"] if t[1] == "click"))
    show = next(f for f in functions if f["outputs"] == card["outputs"] and f["targets"][0][1] == "select")
    app.post("queue/join", data=[None], fn_index=show["id"], session_hash=visitor.session_hash)
    address = f"{app.url}/gradio_api/queue/data?session_hash={visitor.session_hash}"
    stream = held.enter_context(httpx.stream("GET", address, timeout=60))
    lines = stream.iter_lines()
    held.callback(lines.close)  # whose end would hang up
    for line in lines:
        if '"output":{' in line:
            return line
    raise AssertionError("Nothing was said.")


@pytest.mark.slow
def test_one_run_takes_few_of_the_slots(app: App) -> None:
    """However many tabs a visitor has."""
    visitor, others = Visitor(app.url), [Visitor(app.url) for _ in range(6)]
    with visitor.run_under_way(), contextlib.ExitStack() as held:
        for other in others:
            other._load(visitor.key)
        told = [first_said(app, other, held) for other in others]
    assert sum("as many as can show it" in text for text in told) >= len(others) - 2
    for each in (visitor, *others):
        each.leave()
