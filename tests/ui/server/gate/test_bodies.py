"""Requests whose bodies never come, or come slowly: they are hung up, and take nothing from others."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from gradio.utils import get_upload_folder
from starlette.types import Message

from tests.support.visitor import Visitor
from tests.support.waiting import result_of
from ui.limits import BODY_PATIENCE, MAX_HELD_BYTES, SLOWEST_BODY, Limits
from ui.page import build_page
from ui.server.files.temporary import remove_empty_folders
from ui.server.gate.bodies import Held, SlowBody, TooManyHeld, TooManyParts, counted_parts, in_time

ONE = [[[0.5, y / 20] for y in range(4, 17)]]
THERE = "192.0.2.50"
PATIENCE = 2.0  # s, in these tests


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """The address of an app that takes files of 1 MB, 15 of them an hour."""
    page, options = build_page(Limits(upload_megabytes=1))
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.server.gate.bodies.BODY_PATIENCE", PATIENCE)
        yield url.rstrip("/")
    page.close()


@contextlib.contextmanager
def silent(app: str, path: str, length: int, count: int, kind: str) -> Iterator[list[socket.socket]]:
    """Connections that announce a body of that length, and send nothing."""
    address = urlsplit(app)
    head = (
        f"POST /gradio_api/{path} HTTP/1.1\r\nHost: {address.netloc}\r\nX-Forwarded-For: {THERE}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    )
    with contextlib.ExitStack() as held:
        there = []
        for _ in range(count):
            connection = held.enter_context(socket.create_connection((address.hostname, address.port or 80), 60))
            connection.sendall(head.encode())
            there.append(connection)
        yield there


def heard(connection: socket.socket) -> bytes:
    """What a connection says until it is hung up."""
    parts = []
    while part := connection.recv(2000):
        parts.append(part)
    return b"".join(parts)


def uploaded(app: str) -> int:
    files = {"files": ("drawing.png", bytes(500_000))}
    headers = {"X-Forwarded-For": THERE}
    return httpx.post(f"{app}/gradio_api/upload", files=files, headers=headers, timeout=60).status_code


def test_silent_connections_take_nothing_from_their_address(app: str) -> None:
    visitor = Visitor(app, THERE)
    with silent(app, "run/predict", 1_400_000, 60, "application/json") as connections:
        time.sleep(0.5)  # all of them have arrived
        assert visitor.read(ONE)["digit"] == 1
        for connection in connections:
            assert b" 408 " in connection.recv(100).split(b"\r\n", 1)[0]
    visitor.leave()


@pytest.mark.slow
def test_uploads_that_never_come_are_not_counted(app: str) -> None:
    with silent(app, "upload", 1_000_000, 15, "multipart/form-data; boundary=x") as connections:
        time.sleep(0.5)
        assert uploaded(app) == 200
        for connection in connections:
            answer = heard(connection)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"too slowly" in answer
    assert uploaded(app) == 200


class Clock:
    """Time that passes only while something is waited for."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


def received(bytes_a_second: float, size: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How much of a body of that size, a thousand bytes at a time, is received from who sends so fast."""
    clock, left, got = Clock(), size, 0
    monkeypatch.setattr("ui.server.gate.bodies.time", clock)
    monkeypatch.setattr("ui.server.gate.bodies.BODY_PATIENCE", BODY_PATIENCE)

    async def wait_for(waiting: asyncio.Future[Message], seconds: float) -> Message:
        pause = 1000 / bytes_a_second
        clock.now += min(pause, max(seconds, 0))
        if pause > seconds:
            waiting.close()  # type: ignore[attr-defined]  # a coroutine
            raise TimeoutError
        return await waiting

    monkeypatch.setattr("ui.server.gate.bodies.asyncio.wait_for", wait_for)

    async def receive() -> Message:
        nonlocal left
        left -= 1000
        return {"type": "http.request", "body": bytes(1000), "more_body": left > 0}

    async def receive_all() -> None:
        nonlocal got
        timely, more = in_time(receive), True
        while more:
            message = await timely()
            got, more = got + len(message["body"]), message["more_body"]

    with contextlib.suppress(SlowBody):
        result_of(receive_all())
    return got


@pytest.mark.parametrize("size", [10_000, 6_000_000])
def test_a_telephone_at_the_slowest_rate_gets_through(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert received(1.01 * SLOWEST_BODY, size, monkeypatch) == size


def test_who_is_slower_is_hung_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    got = received(0.5 * SLOWEST_BODY, 6_000_000, monkeypatch)
    # At half the rate, the seconds more are used up after twice as long.
    assert got == pytest.approx(BODY_PATIENCE * SLOWEST_BODY, rel=0.1)


def test_what_one_address_has_under_way_is_counted_as_it_comes() -> None:
    async def body(size: int, is_there: asyncio.Event) -> bytes:
        parts = [bytes(size), b""]

        async def receive() -> Message:
            part = parts.pop(0)
            if not part:
                await is_there.wait()
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        return await held.receive(receive, "a")

    async def two(second: int) -> list[object]:
        is_there = asyncio.Event()
        first = asyncio.create_task(body(MAX_HELD_BYTES - 10, is_there))
        await asyncio.sleep(0)
        after = asyncio.create_task(body(second, is_there))
        await asyncio.sleep(0.01)
        is_there.set()
        return list(await asyncio.gather(first, after, return_exceptions=True))

    held = Held()
    assert [len(part) for part in result_of(two(10)) if isinstance(part, bytes)] == [MAX_HELD_BYTES - 10, 10]
    assert isinstance(result_of(two(11))[1], TooManyHeld)
    assert len(result_of(two(10))[1]) == 10  # type: ignore[arg-type]  # nothing of it is left


@pytest.mark.parametrize("chunk", [1, 7, 100_000])
def test_an_upload_of_many_small_files_is_refused(chunk: int) -> None:
    part = b'--mark\r\nContent-Disposition: form-data; name="files"; filename="x"\r\n\r\nx\r\n'

    def parts(count: int) -> int:
        body, got = part * count + b"--mark--\r\n", 0

        async def receive() -> Message:
            nonlocal got
            got += chunk
            return {"type": "http.request", "body": body[got - chunk : got], "more_body": got < len(body)}

        async def receive_all() -> int:
            counted, size, more = counted_parts(receive, b"mark"), 0, True
            while more:
                message = await counted()
                size, more = size + len(message["body"]), message["more_body"]
            return size - len(body)

        return result_of(receive_all())

    assert parts(1) == 0
    with pytest.raises(TooManyParts, match="one file"):
        parts(1000)


def test_many_files_in_one_upload_leave_nothing(app: str) -> None:
    files = [("files", (f"{number}.png", b"x")) for number in range(1000)]
    before = {*Path(get_upload_folder()).iterdir()}
    answer = httpx.post(f"{app}/gradio_api/upload", files=files, headers={"X-Forwarded-For": THERE}, timeout=60)
    assert answer.status_code == 413
    assert "one file" in answer.text
    assert not [path for path in {*Path(get_upload_folder()).iterdir()} - before if path.is_file()]


def test_only_folders_that_were_empty_before_are_removed(tmp_path: Path) -> None:
    empty, full, new = (tmp_path / name for name in ("empty", "full", "new"))
    empty.mkdir()
    full.mkdir()
    assert remove_empty_folders(tmp_path, set()) == {empty, full}
    (full / "x.png").touch()
    new.mkdir()
    assert remove_empty_folders(tmp_path, {empty, full}) == {new}
    assert set(tmp_path.iterdir()) == {full, new}


@pytest.mark.parametrize("part", ["[]", '{"path": "a"}', "[0.1, 0.2]"])
@pytest.mark.parametrize("path", ["run/predict", "queue/join"])
def test_more_values_than_a_page_sends_are_refused_unread(app: str, path: str, part: str) -> None:
    body = f'{{"data": [{", ".join([part] * 3000)}], "fn_index": 0, "session_hash": "many"}}'
    headers = {"Content-Type": "application/json", "X-Forwarded-For": THERE}
    answer = httpx.post(f"{app}/gradio_api/{path}", content=body, headers=headers, timeout=60)
    assert answer.status_code == 413
    assert "far too many values" in answer.json()["error"]
