"""Lets requests in, each client's at the rate that they may have, so that nobody starves the others.

Who is a little too fast waits for their turn, and notices nothing. Who sends so much that they would have to wait for
long is refused with 429 and a message, after a pause: a program that asks again at once costs next to nothing then.

A client is a session, where the request names one that is open, or else an address. The address is what uvicorn makes
of the connection: behind a proxy, FORWARDED_ALLOW_IPS must name that, or all visitors have one address.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.bodies import BrokenBody, Held, SlowBody, TooManyHeld, charged, in_time, replayed
from ui.buckets import Buckets, Charge, TooFast
from ui.calls import BadCall, check_call
from ui.clients import address_of
from ui.json_bounds import BadBody, check_json
from ui.limits import (
    ASSETS_OF_ADDRESS,
    CALLS_OF_PROGRAM,
    CALLS_OF_PROGRAMS,
    CALLS_OF_SESSION,
    CALLS_OF_SESSIONS,
    MAX_WAITING_REQUESTS,
    MIN_FILE_BYTES,
    OPENINGS_OF_ADDRESS,
    PAGES_OF_ADDRESS,
    READINGS_OF_ADDRESS,
    READINGS_OF_SESSIONS,
    REFUSAL_SECONDS,
    UNIT_BYTES,
    Limits,
)
from ui.request_heads import Refused, check_address, check_type, is_upload, stated_length
from ui.session import Sessions

_API = "/gradio_api"
_ASSETS = ("/assets/", "/static/", "/svelte/", "/favicon", "/theme.css", "/manifest.json", "/robots.txt", "/pwa_icon")
_WHOLE_PAGE = {"/", "/config", "/info", "/openapi.json"}  # what takes about 10 ms to make
_WHOLE_PAGE_UNITS = 10.0
_READING = "read_drawing"  # the server function that answers at once, also beside others of the same page
_SESSION_HASH = re.compile(rb'"session_hash"\s*:\s*"([^"]{1,64})"')
_SESSION = "session "  # before a session's key, where a client is named
_PROGRAM = "program "  # before a program's address, and its own name


@dataclass(frozen=True)
class Admitted:
    """A request that is let in.

    Attributes:
        receive: what the app is to receive from.
        charges: what it was let in for; its answer is charged to the same.
        turn: by whose turn it is worked off, one at a time; "" for no one's.
    """

    receive: Receive
    charges: tuple[Charge, ...] = ()
    turn: str = ""


class Gate:
    """ASGI middleware.

    Args:
        app: what it stands before.
        limits: that the host has set.
        sessions: knows whose session a request names.
    """

    def __init__(self, app: ASGIApp, limits: Limits, sessions: Sessions) -> None:
        self._app, self._limits, self._sessions = app, limits, sessions
        self._buckets = Buckets()
        self._waiting = 0
        self._held = Held()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, now or in a moment, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(_API)
        try:
            admitted = await self._admit(scope, path, receive)
            async with self._turn(admitted.turn):
                await self._serve(admitted, scope, path, send)
        except Refused as refused:
            await self._answer(refused, path)(scope, receive, send)

    async def _serve(self, admitted: Admitted, scope: Scope, path: str, send: Send) -> None:
        if path.startswith("/heartbeat/"):
            # As long as a page is open, it listens to this.
            with self._sessions.listening(path.rsplit("/", 1)[-1]):
                await self._app(scope, admitted.receive, send)
            return
        size = 0

        async def send_counted(message: Message) -> None:
            nonlocal size
            size += len(message.get("body", b""))
            await send(message)

        await self._app(scope, admitted.receive, send_counted)
        # Work is in proportion to its answer, whose size only now is known.
        units = float(size // UNIT_BYTES)
        self._buckets.owe([replace(charge, units=units) for charge in admitted.charges], time.monotonic())

    @contextlib.asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        """While one request of that name is worked off, the others of the same wait. Raises Refused."""
        if not name:
            yield
            return
        lock = self._turns.setdefault(name, asyncio.Lock())
        with self._one_more_waits():
            await lock.acquire()
        try:
            yield
        finally:
            lock.release()

    async def _admit(self, scope: Scope, path: str, receive: Receive) -> Admitted:
        """Wait for the client's turn. Raises Refused."""
        check_address(scope, path)
        address = address_of((scope.get("client") or ("unknown",))[0])
        if scope["method"] not in {"POST", "PUT", "PATCH", "DELETE"}:
            await self._take_turn(_fetching(path, address))
            return Admitted(receive)
        headers = Headers(scope=scope)
        length = stated_length(headers, path, self._limits.upload_bytes)
        check_type(headers, path)
        if is_upload(path):
            scope["query_string"] = b""  # a name by which Gradio would keep how far it has come, for nobody
            return Admitted(await self._files(receive, length, address))
        body = await self._body(receive, address)
        charges = self._asking(path, address, _name(body), 1 + len(body) // UNIT_BYTES)
        await self._take_turn(charges)
        try:
            check_json(body)
            call = check_call(path, body, scope["app"].get_blocks())
        except BadBody as error:
            raise Refused(400, str(error)) from None
        except BadCall as error:
            raise Refused(error.status, str(error)) from None
        session = self._sessions.key_of(_name(body))
        turn = session if session and call.get("fn_name") != _READING else ""
        return Admitted(replayed(body, receive), tuple(charges), turn)

    async def _body(self, receive: Receive, address: str) -> bytes:
        """The request's body. Raises Refused."""
        try:
            return await self._held.receive(receive, address)
        except SlowBody as error:
            raise Refused(408, str(error)) from None
        except BrokenBody as error:
            raise Refused(400, str(error)) from None
        except TooManyHeld as error:
            raise Refused(429, str(error), REFUSAL_SECONDS) from None

    async def _files(self, receive: Receive, length: int, address: str) -> Receive:
        """The upload's body, of which each part is charged when it is here. Raises Refused when there is no room."""
        own, all_of_them = self._limits.uploads_of_address, self._limits.uploads_of_all

        def charges(size: int) -> list[Charge]:
            return [Charge("files", address, own, size), Charge("files", "", all_of_them, size)]

        try:
            self._buckets.check(charges(max(length, MIN_FILE_BYTES)), time.monotonic())
        except TooFast as too_fast:
            await self._pause(REFUSAL_SECONDS)
            raise _refused(too_fast) from None
        await self._take_turn(charges(MIN_FILE_BYTES))
        received = 0

        async def charge(size: int) -> None:
            nonlocal received
            before, received = max(received, MIN_FILE_BYTES), received + size
            try:
                await self._take_turn(charges(max(0, received - before)))
            except Refused as refused:
                # What makes Gradio take away what has arrived, and answer.
                raise MultiPartException(refused.text) from None

        return charged(_in_time_for_gradio(receive), charge)

    def _asking(self, path: str, address: str, name: str, units: float) -> list[Charge]:
        """What is taken for a request that asks for work; `name` is Gradio's for the page or program that sends it."""
        key = self._sessions.key_of(name)
        is_reading = path.startswith("/component_server")
        kind = "readings" if is_reading else "requests"
        if key is not None:
            own = self._limits.readings_of_session if is_reading else CALLS_OF_SESSION
            together = READINGS_OF_SESSIONS if is_reading else CALLS_OF_SESSIONS
            return [Charge(kind, _SESSION + key, own, units), Charge(kind, f"sessions of {address}", together, units)]
        if is_reading:
            return [Charge(kind, address, READINGS_OF_ADDRESS, units)]
        if path.startswith("/run/"):
            # Not so is a named endpoint called, but a page opened: programs of the same address do not hinder it.
            return [Charge("pages", f"opening {address}", OPENINGS_OF_ADDRESS, units)]
        return [
            Charge(kind, f"{_PROGRAM}{address} {name}", CALLS_OF_PROGRAM, units),
            Charge(kind, f"programs of {address}", CALLS_OF_PROGRAMS, units),
        ]

    async def _take_turn(self, charges: list[Charge]) -> None:
        """Wait until the client may go on. Raises Refused, after a pause, when that would take too long."""
        try:
            seconds = self._buckets.take(charges, time.monotonic())
        except TooFast as too_fast:
            await self._pause(REFUSAL_SECONDS)
            raise _refused(too_fast) from None
        if seconds > 0:
            await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        with self._one_more_waits():
            await asyncio.sleep(seconds)

    @contextlib.contextmanager
    def _one_more_waits(self) -> Iterator[None]:
        """Raises Refused when too many wait already."""
        if self._waiting >= MAX_WAITING_REQUESTS:
            raise Refused(503, "Too many requests wait here. Try again in a moment.", REFUSAL_SECONDS)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    def _answer(self, refused: Refused, path: str) -> Response:
        headers = {} if refused.seconds is None else {"Retry-After": f"{refused.seconds:.0f}"}
        if refused.status == 408:  # more of the body may come
            headers["Connection"] = "close"
        if is_upload(path):  # of which Gradio shows the text as it is
            return PlainTextResponse(refused.text, refused.status, headers)
        # The pad and the other panels look for `error`, Gradio's client for `detail`.
        content: dict[str, Any] = {"error": refused.text, "detail": refused.text, "again": refused.seconds}
        return Response(json.dumps(content), refused.status, headers, "application/json")


def _name(body: bytes) -> str:
    """What a request says that its page's or program's name is, as Gradio gives them; "" for none."""
    start = body.rfind(b'"session_hash"')
    named = _SESSION_HASH.match(body, start) if start >= 0 else None
    return named[1].decode(errors="replace") if named else ""


def _fetching(path: str, address: str) -> list[Charge]:
    """What is taken for a request that only fetches something."""
    if path.startswith(_ASSETS):
        return [Charge("scripts", address, ASSETS_OF_ADDRESS)]
    units = _WHOLE_PAGE_UNITS if (path.rstrip("/") or "/") in _WHOLE_PAGE else 1.0
    return [Charge("pages", address, PAGES_OF_ADDRESS, units)]


def _words(charge: Charge) -> str:
    """What a client is told who sends too much."""
    whose = (
        "you" if charge.client.startswith((_SESSION, _PROGRAM)) else "your address" if charge.client else "all visitors"
    )
    if charge.kind == "files":
        megabytes = charge.rate.per_second * 3600 / 1e6
        return f"Too many files: {megabytes:,.0f} MB an hour are accepted of {whose}. Try again later."
    rate = f"{charge.rate.per_second:,.0f} a second of {whose} are answered"
    return f"Too many {charge.kind} at once: {rate}. Wait a moment."


def _refused(too_fast: TooFast) -> Refused:
    return Refused(429, _words(too_fast.charge), max(1.0, too_fast.seconds - REFUSAL_SECONDS))


def _in_time_for_gradio(receive: Receive) -> Receive:
    receive = in_time(receive)

    async def receive_or_fail() -> Message:
        try:
            return await receive()
        except SlowBody as error:
            raise MultiPartException(str(error)) from None

    return receive_or_fail
