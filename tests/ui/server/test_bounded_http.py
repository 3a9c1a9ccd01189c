"""What uvicorn reads before the gate is asked, as `python app.py` serves it."""

from __future__ import annotations

import logging
import socket
from urllib.parse import urlsplit

import pytest

from tests.support.visitor import Visitor
from tests.support.waiting import PATIENCE
from ui.limits import MAX_ADDRESS, MAX_CHUNKS, MAX_HEAD_BYTES, MAX_HEAD_LINES, MAX_PIPELINED

ONE = [[[0.5, y / 20] for y in range(4, 17)]]
GET = b"GET /gradio_api/startup-events HTTP/1.1\r\nHost: here\r\n"
POST = b"POST /gradio_api/reset HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"


def answer(url: str, request: bytes) -> bytes:
    """All that comes back until the server hangs up, or has answered."""
    received = b""
    with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), PATIENCE) as connection:
        connection.sendall(request)
        while b"\r\n\r\n" not in received and (piece := connection.recv(65536)):
            received += piece
    return received


def lines(count: int) -> bytes:
    return b"a: b\r\n" * count


@pytest.mark.parametrize(
    "request_",
    [
        GET + lines(MAX_HEAD_LINES) + b"\r\n",
        GET + b"a: " + b"b" * MAX_HEAD_BYTES,
        GET + b"b" * MAX_HEAD_BYTES,
        b"GET /" + b"b" * MAX_ADDRESS + b" HTTP/1.1\r\n\r\n",
        POST + b"1\r\n1\r\n" * (MAX_CHUNKS + 1),
        POST + b"1\r\n1\r\n0\r\n" + lines(MAX_HEAD_LINES) + b"\r\n",
    ],
    ids=["lines", "a line without end", "a name without end", "a long address", "chunks", "trailers"],
)
def test_what_no_browser_sends_is_refused_in_words_and_hung_up_on(served: str, request_: bytes) -> None:
    refused = answer(served, request_)
    if request_.startswith(POST):  # the gate refuses those as soon as it sees them; what matters is the end
        assert refused.startswith((b"HTTP/1.1 400", b"HTTP/1.1 411"))
    else:
        assert refused.startswith(b"HTTP/1.1 400")
    assert Visitor(served).read(ONE)["digit"] == 1


def test_many_requests_at_once_on_one_connection_are_refused(served: str) -> None:
    with socket.create_connection((urlsplit(served).hostname, urlsplit(served).port), PATIENCE) as connection:
        connection.sendall((GET + b"\r\n") * (MAX_PIPELINED + 20))
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert b"may wait for their answer on one connection" in received


def test_what_browsers_send_is_answered(served: str) -> None:
    assert answer(served, GET + lines(MAX_HEAD_LINES - 1) + b"\r\n").startswith(b"HTTP/1.1 200")
    assert answer(served, GET + b"a: " + b"b" * 20_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert answer(served, (GET + b"\r\n") * 3).startswith(b"HTTP/1.1 200")


def test_no_stranger_fills_the_log(served: str, small: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nor after another app, `small`, was launched, which sets the level of uvicorn's log anew."""
    with caplog.at_level(logging.NOTSET):
        for _ in range(3):
            assert answer(served, b"\x00\x01\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]
