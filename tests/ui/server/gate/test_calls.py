"""What strangers call wrongly is 4xx, what we do wrong is 500, in words and in the log; nobody sends from elsewhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from ui.page import build_page
from ui.server.strangers import OUR_FAULT

ONE = [[[0.5, y / 20] for y in range(4, 17)]]
JSON = {"Content-Type": "application/json"}
OWN_FAULTS = [KeyError("digit"), TypeError("unhashable"), ValueError("broadcast"), OSError(5, "i/o"), AttributeError()]


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    page, options = build_page()
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    yield url.rstrip("/")
    page.close()


@pytest.fixture
def visitor(app: str) -> Iterator[Visitor]:
    visitor = Visitor(app)
    yield visitor
    visitor.leave()


def post(app: str, path: str, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(f"{app}/gradio_api/{path}", content=content, headers={**JSON, **headers}, timeout=60)


# ---- whose fault it is ----


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the server logs, uvicorn included, which keeps its log to itself."""
    uvicorn = logging.getLogger("uvicorn.error")
    uvicorn.addHandler(caplog.handler)
    yield caplog
    uvicorn.removeHandler(caplog.handler)


def faults(log: pytest.LogCaptureFixture) -> set[BaseException | None]:
    """Errors whose tracebacks were logged."""
    return {record.exc_info[1] for record in log.records if record.exc_info}


def fail_with(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", OWN_FAULTS, ids=lambda error: type(error).__name__)
def test_a_fault_of_a_server_function_is_ours(
    visitor: Visitor, error: Exception, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ui.draw.sketchpad.read_number", fail_with(error))
    answer = post(visitor.url, "component_server/", visitor.reading_request(ONE))
    assert answer.status_code == 500
    assert answer.json()["error"] == OUR_FAULT
    wait_until(lambda: bool(faults(log)))
    assert faults(log) == {error}


@pytest.mark.parametrize("error", OWN_FAULTS, ids=lambda error: type(error).__name__)
def test_a_fault_of_a_handler_is_ours(
    visitor: Visitor, error: Exception, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ui.retrain.tab.drawings_update", fail_with(error))
    components, functions = visitor.config["components"], visitor.config["dependencies"]
    box = next(each["id"] for each in components if each["props"].get("elem_id") == "include-drawings")
    look = next(each for each in functions if each["outputs"] == [box])
    body = {"data": [None], "fn_index": look["id"], "session_hash": visitor._hash}
    answer = post(visitor.url, "run/predict", body)
    assert answer.status_code == 500
    assert answer.json()["error"] == OUR_FAULT
    wait_until(lambda: bool(faults(log)))
    assert faults(log) == {error}


@pytest.mark.parametrize(
    "path, body, status",
    [
        ("run/predict", {"data": [], "fn_index": 10**6}, 404),
        ("run/predict", {"data": [], "fn_index": True}, 404),
        ("queue/join", {"data": [], "fn_index": 0, "session_hash": "a", "trigger_id": 10**6}, 404),
        ("queue/join", {"data": [], "fn_index": 0, "session_hash": "a"}, 400),  # what is answered at once
        ("run/nothing", {"data": []}, 404),
        ("call/nothing", {"data": []}, 404),
        ("call/v2/nothing", {}, 404),
        ("call/v2/retrain", {"epoch": 1}, 422),
        ("call/read_strokes", {"data": {}}, 422),
        ("call/read_strokes", [], 400),
        ("call/read_strokes", b"{", 400),
        ("run/predict", {"data": [], "fn_index": 0, "batched": True}, 400),
        ("run/predict", {"data": [], "fn_index": 0, "session_hash": 7}, 400),
        ("run/predict", {"data": [], "fn_index": 0, "session_hash": "a<gradio-sep>b"}, 400),
    ],
)
def test_what_is_called_wrongly_is_the_clients(
    app: str, path: str, body: Any, status: int, log: pytest.LogCaptureFixture
) -> None:
    answer = post(app, path, body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert not [record for record in log.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    "body",
    [
        '{"session_hash": "one", "data": [{"session_hash": "other"}], "fn_index": 0}',
        '{"data": [], "fn_index": 0, "session_hash": "one", "session\\u005fhash": "other"}',
        '{"data": [], "fn_index": 0, "session_hash": "\\u006fne"}',
        '{"data": [{"session_hash": "other"}], "fn_index": 0}',
    ],
)
@pytest.mark.parametrize("path", ["run/predict", "queue/join", "component_server/"])
def test_a_call_is_charged_to_whom_it_is_done_for(app: str, path: str, body: str) -> None:
    answer = post(app, path, body.encode())
    assert answer.status_code == 400
    assert "session_hash" in answer.json()["error"]


# ---- who sends it ----


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("path", ["component_server/", "run/predict", "queue/join", "call/read_strokes", "cancel"])
def test_what_any_page_may_send_without_asking_is_not_served(visitor: Visitor, path: str, kind: str) -> None:
    evil = {"Content-Type": kind, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = post(visitor.url, path, {**visitor.reading_request(ONE), "fn_index": 0}, **evil)
    assert answer.status_code in {403, 415}
    evil.pop("Sec-Fetch-Site")  # which older browsers do not send
    assert post(visitor.url, path, visitor.reading_request(ONE), **evil).status_code == 415


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_page_hands_no_file_to_an_app_on_this_machine(app: str, host: str) -> None:
    files = {"files": ("x.png", b"x")}
    address, headers = f"{app}/gradio_api/upload", {"Host": host, "Origin": "https://evil.example"}
    answer = httpx.post(address, files=files, headers={**headers, "Sec-Fetch-Site": "cross-site"}, timeout=60)
    assert answer.status_code == 403
    own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert httpx.post(address, files=files, headers=own, timeout=60).status_code == 200
