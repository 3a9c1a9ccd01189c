"""What stands between requests that may hold anything and Gradio: they are bounded, and told what is wrong in words.

Gradio's own answers to such requests repeat them, or say "Internal Server Error".
"""

from __future__ import annotations

import logging
from typing import Any

import httpx
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnist_core.shown import shown
from ui.limits import MAX_BODY_BYTES

_AROUND_A_FILE = 1_000_000  # bytes of an upload that are not the file, at most
# Python makes up to 50 times as much of JSON as it has bytes, of JSON that is nothing but brackets. These are more than
# 500 of the largest drawings have, or 20,000 points.
_MOST_LISTS, _MOST_OBJECTS, _MOST_COMMAS = 250_000, 5_000, 600_000
_MOST_DEPTH, _MOST_QUOTES = 50, 200_000
_TOO_DEEP = b"[" * (_MOST_DEPTH + 1)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

_log = logging.getLogger(__name__)


class BadBody(Exception):
    """A request's body that is not read, or not read any further.

    Attributes:
        status: of the answer.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class BoundedBodies:
    """ASGI middleware: refuses bodies that are too large, and JSON that would become too large or is nested too deep.

    Args:
        app: what it stands before.
        upload_bytes: that a file may have.
    """

    def __init__(self, app: ASGIApp, upload_bytes: int) -> None:
        self._app, self._upload_bytes = app, upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with 413 or 400."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        try:
            if headers.get(b"content-type", b"").lower().startswith(b"multipart/"):
                received = _bounded(receive, self._upload_bytes + _AROUND_A_FILE)
            else:
                _check_length(headers.get(b"content-length", b"0"))
                received = await _checked(receive)
        except BadBody as error:
            await _refusal(error.status, str(error))(scope, receive, send)
            return
        await self._app(scope, received, send)


def _too_large(most: int) -> BadBody:
    return BadBody(413, f"A request holds at most {most / 1e6:g} MB.")


def _check_length(stated: bytes) -> None:
    if not stated.isdigit() or len(stated) > 12 or int(stated) > MAX_BODY_BYTES:
        raise _too_large(MAX_BODY_BYTES)


def _bounded(receive: Receive, most: int) -> Receive:
    """Receives no more than so many bytes: then BadBody is raised."""
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise _too_large(most)
        return message

    return receive_some


async def _checked(receive: Receive) -> Receive:
    """Take in the whole body and check it; returns what gives it out again. Raises BadBody."""
    parts: list[bytes] = []
    receive_some, more = _bounded(receive, MAX_BODY_BYTES), True
    while more:
        message = await receive_some()
        if message["type"] == "http.disconnect":
            return _giving(message, receive)
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"".join(parts)
    parts.clear()
    check_json(body)
    return _giving({"type": "http.request", "body": body}, receive)


def _giving(first: Message, receive: Receive) -> Receive:
    """Receives that message, and then what comes after it."""
    left = [first]

    async def give() -> Message:
        return left.pop() if left else await receive()

    return give


def check_json(body: bytes) -> None:
    """Raises BadBody for JSON that would take too much memory, or is nested deeper than anything here is."""
    if not _has_few_values(body):
        body = _without_texts(body)
        if not _has_few_values(body):
            raise BadBody(400, "The request holds far too many values: at most 20,000 points or 500 drawings.")
    if _depth(body) > _MOST_DEPTH and _depth(_without_texts(body)) > _MOST_DEPTH:
        raise BadBody(400, f"The request is nested too deep: at most {_MOST_DEPTH} levels are accepted.")


def _has_few_values(body: bytes) -> bool:
    counts = ((b"[", _MOST_LISTS), (b"{", _MOST_OBJECTS), (b",", _MOST_COMMAS))
    return all(body.count(sign) <= most for sign, most in counts)


def _without_texts(body: bytes) -> bytes:
    """JSON without what is within quotes, of which a file of drawings is a long one. Raises BadBody for too many."""
    body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    if body.count(b'"') > _MOST_QUOTES:
        raise BadBody(400, "The request holds far too many texts.")
    return b"".join(body.split(b'"')[::2])


def _depth(body: bytes) -> int:
    """How deep JSON is nested, at least; brackets in texts count, too."""
    depth, left = 0, body.translate(_BRACKETS, _NO_BRACKETS)
    # Pairs with nothing between them are taken out again and again: what is left is what is around them.
    while left and depth <= _MOST_DEPTH:
        shorter = left.replace(b"[]", b"")
        if len(shorter) == len(left) or _TOO_DEEP in shorter:
            return depth + len(left)
        left, depth = shorter, depth + 1
    return depth


async def _explain(request: Request, error: Exception) -> Response:
    """What is wrong with a request that is not as the route wants it, without repeating it."""
    problems = error.errors()[:3] if isinstance(error, RequestValidationError) else []
    words = "; ".join(f"{shown('.'.join(map(str, each['loc'])))}: {each['msg']}" for each in problems)
    return _refusal(422, f"The request is not as expected. {words}")


async def _not_found(request: Request, error: Exception) -> Response:
    _log.warning("A request named what does not exist", exc_info=error)
    return _refusal(404, "There is nothing of that name or number here.")


async def _malformed(request: Request, error: Exception) -> Response:
    _log.warning("A request was not in a form that is accepted", exc_info=error)
    return _refusal(400, "This request is not in a form that is accepted.")


async def _refuse_bad_body(request: Request, error: Exception) -> Response:
    return _refusal(error.status if isinstance(error, BadBody) else 400, str(error))


async def _failed(request: Request, error: Exception) -> Response:
    # Starlette raises the error again after this, so that it is in the server's log.
    return _refusal(500, "This request cannot be answered. Is it in a form that is accepted?")


async def _not_fetched(request: Request) -> Response:
    return _refusal(403, "Only files that were uploaded here or made here are served.")


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"detail": message, "error": message}, status)


HANDLERS: dict[Any, Any] = {
    BadBody: _refuse_bad_body,
    RequestValidationError: _explain,
    FnIndexInferError: _not_found,
    KeyError: _not_found,
    OSError: _not_found,
    httpx.InvalidURL: _not_found,
    TypeError: _malformed,
    ValueError: _malformed,
    Exception: _failed,
}
# Gradio would fetch any public address and hand its content out as if it were this server's.
NO_FOREIGN_FILES = [
    Route(f"/gradio_api/file{between}{{address:path}}", _not_fetched) for between in ("=http:", "=https:", "/")
]
