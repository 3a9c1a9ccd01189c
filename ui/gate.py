"""Lets requests in, each client's at the rate that they may have, so that nobody starves the others.

Who is a little too fast waits for their turn, and notices nothing. Who sends so much that they would have to wait for
long is refused with 429 and a message, after a pause: a program that asks again at once costs next to nothing then.

A client is a session, where the request names one that is open, or else an address. The address is what uvicorn makes
of the connection: behind a proxy, FORWARDED_ALLOW_IPS must name that, or all visitors have one address.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import re
import time
from collections import Counter
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.buckets import Buckets, Charge, TooFast
from ui.json_bounds import BadBody, check_json
from ui.limits import (
    ASSETS_OF_ADDRESS,
    CALLS_OF_PROGRAM,
    CALLS_OF_PROGRAMS,
    CALLS_OF_SESSION,
    CALLS_OF_SESSIONS,
    MAX_BODY_BYTES,
    MAX_HELD_BYTES,
    MAX_WAITING_REQUESTS,
    OPENINGS_OF_ADDRESS,
    PAGES_OF_ADDRESS,
    READINGS_OF_ADDRESS,
    READINGS_OF_SESSIONS,
    REFUSAL_SECONDS,
    UNIT_BYTES,
    Limits,
)
from ui.session import Sessions

_API = "/gradio_api"
_ASSETS = ("/assets/", "/static/", "/svelte/", "/favicon", "/theme.css", "/manifest.json", "/robots.txt", "/pwa_icon")
_WHOLE_PAGE = {"/", "/config", "/info", "/openapi.json"}  # what takes about 10 ms to make
_WHOLE_PAGE_UNITS = 10.0
# Gradio's features that this page does not use, and that write files or take much: no visitor misses them.
_CLOSED = ("/deep_link", "/process_recording", "/vibe-", "/stream/", "/run-history", "/runs", "/proxy=")
_UPLOAD = "/upload"
_SESSION_HASH = re.compile(rb'"session_hash"\s*:\s*"([^"]{1,64})"')
_SESSION = "session "  # before a session's key, where a client is named
_PROGRAM = "program "  # before a program's address, and its own name


def address_of(host: str | None) -> str:
    """What stands for a client: their address, or of IPv6 the network, of which one client has all addresses."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def place_of(host: str | None) -> str:
    """The address whose places in the app are counted; "" for this machine itself, which may take them all."""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host or "").is_loopback:
            return ""
    return address_of(host)


class Refused(Exception):
    """A request that is not let in.

    Attributes:
        status: of the answer.
        text: for whoever sent it.
        seconds: after which it may be sent again; None for never.
    """

    def __init__(self, status: int, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.seconds = status, text, seconds


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
        self._held: Counter[str] = Counter()  # bytes, by address, of requests that are being received

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, now or in a moment, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(_API)
        try:
            receive = await self._admit(scope, path, receive)
        except Refused as refused:
            await self._answer(refused, path)(scope, receive, send)
            return
        if not path.startswith("/heartbeat/"):
            await self._app(scope, receive, send)
            return
        # As long as a page is open, it listens to this.
        with self._sessions.listening(path.rsplit("/", 1)[-1]):
            await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, path: str, receive: Receive) -> Receive:
        """Wait for the client's turn; returns what the app is to receive from. Raises Refused."""
        if path.startswith(_CLOSED):
            raise Refused(404, "Not found.")
        address = address_of((scope.get("client") or ("unknown",))[0])
        if scope["method"] not in {"POST", "PUT", "PATCH", "DELETE"}:
            await self._take_turn(_fetching(path, address))
            return receive
        length = self._length(Headers(scope=scope), path)
        if path.rstrip("/") == _UPLOAD:
            own, all_of_them = self._limits.uploads_of_address, self._limits.uploads_of_all
            await self._take_turn([Charge("files", address, own, length), Charge("files", "", all_of_them, length)])
            return receive
        body = await self._receive(receive, length, address)
        await self._take_turn(self._asking(path, address, _name(body), 1 + length // UNIT_BYTES))
        try:
            check_json(body)
        except BadBody as error:
            raise Refused(400, str(error)) from None
        return _replayed(body, receive)

    def _length(self, headers: MutableMapping[str, str] | Headers, path: str) -> int:
        """Of the request's body, in bytes. Raises Refused."""
        try:
            length = int(headers.get("content-length", ""))
        except ValueError:
            raise Refused(411, "The request must state its length.") from None
        if path.rstrip("/") == _UPLOAD:
            most, noun = self._limits.upload_bytes, "file"
            length_of_file = max(0, length - 1000)  # what is around a file takes a few hundred bytes
        else:
            most, noun, length_of_file = MAX_BODY_BYTES, "request", length
        if length_of_file > most:
            raise Refused(413, f"A {noun} may have {most / 1e6:,.0f} MB at most. Received: {length / 1e6:,.1f} MB.")
        return length

    async def _receive(self, receive: Receive, length: int, address: str) -> bytes:
        """The request's body. Raises Refused."""
        if self._held[address] + length > MAX_HELD_BYTES:
            raise Refused(429, "Your address sends too many large requests at once.", REFUSAL_SECONDS)
        self._held[address] += length
        try:
            parts = []
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refused(400, "The request was cut off.")
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    return b"".join(parts)
        finally:
            self._held[address] -= length
            if not self._held[address]:
                del self._held[address]

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
            raise Refused(429, _words(too_fast.charge), max(1.0, too_fast.seconds - REFUSAL_SECONDS)) from None
        if seconds > 0:
            await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        if self._waiting >= MAX_WAITING_REQUESTS:
            raise Refused(503, "Too many requests wait here. Try again in a moment.", REFUSAL_SECONDS)
        self._waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._waiting -= 1

    def _answer(self, refused: Refused, path: str) -> Response:
        headers = {} if refused.seconds is None else {"Retry-After": f"{refused.seconds:.0f}"}
        if path.rstrip("/") == _UPLOAD:  # of which Gradio shows the text as it is
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


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Receives a body that was received already, and then what comes after it."""
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
