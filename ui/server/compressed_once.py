"""Gradio's scripts and style sheets, compressed once for all. Gradio does it for each request, in the event loop."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FOLDERS, _TYPES = ("/assets/", "/static/"), (".js", ".css", ".svg", ".json")
_SMALLEST = 400  # bytes: as in Gradio, on less nothing is gained
_MOST = 2_000  # answers that are kept: Gradio has 900 such files, of 5.5 MB when all are compressed
_PIECE = 65_536  # bytes that are sent at a time: who receives slowly holds no more
_HOW: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=5)),
    "gzip": lambda body: gzip.compress(body, 6),
}


@dataclass(frozen=True)
class _Answer:
    start: Message
    body: bytes


class CompressedOnce:
    """ASGI middleware: what it answers has an encoding, and no other middleware compresses it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[tuple[str, str], _Answer] = {}  # by path and encoding
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file of the page; hand on any other."""
        encoding = _encoding(scope)
        if encoding is None:
            await self._app(scope, receive, send)
            return
        key = scope["path"], encoding
        if key not in self._kept:
            async with self._lock:  # who asks beside the first one waits for it
                answer = self._kept.get(key) or await self._compressed(scope, receive, encoding)
            if answer.start["status"] == 200:
                self._keep(key, answer)
        else:
            answer = self._kept[key]
        # A copy of the headers: other middleware adds what is meant for this client.
        await send({**answer.start, "headers": list(answer.start["headers"])})
        for first in range(0, max(1, len(answer.body)), _PIECE):
            piece, more = answer.body[first : first + _PIECE], first + _PIECE < len(answer.body)
            await send({"type": "http.response.body", "body": piece, "more_body": more})

    def _keep(self, key: tuple[str, str], answer: _Answer) -> None:
        if len(self._kept) >= _MOST:  # one file may have many paths
            self._kept.clear()
        self._kept[key] = answer

    async def _compressed(self, scope: Scope, receive: Receive, encoding: str) -> _Answer:
        start: Message = {}
        body = bytearray()

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            body.extend(message.get("body", b""))

        await self._app(scope, receive, take)
        headers = MutableHeaders(raw=start["headers"])
        if start["status"] != 200 or len(body) < _SMALLEST or "content-encoding" in headers:
            return _Answer(start, bytes(body))
        compressed = await asyncio.to_thread(_HOW[encoding], bytes(body))
        headers["Content-Encoding"], headers["Content-Length"] = encoding, str(len(compressed))
        headers.add_vary_header("Accept-Encoding")
        return _Answer(start, compressed)


def _encoding(scope: Scope) -> str | None:
    """How to compress the answer; None for not at all."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    if not path.startswith(_FOLDERS) or not path.endswith(_TYPES):
        return None
    accepted = Headers(scope=scope).get("accept-encoding", "")
    return next((encoding for encoding in _HOW if encoding in accepted), None)
