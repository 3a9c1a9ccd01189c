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
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakValueDictionary

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.limits import (
    BYTES_PER_UNIT,
    MIN_FILE_BYTES,
    REFUSAL_SECONDS,
    STREAMS_OF_ADDRESS,
    Limits,
)
from ui.server.gate.bodies import (
    BrokenBody,
    Held,
    SlowBody,
    TooManyHeld,
    TooManyParts,
    counted_parts,
    in_time,
    replayed,
)
from ui.server.gate.buckets import Charge
from ui.server.gate.calls import BadCall, check_call
from ui.server.gate.charges import for_asking, for_fetching, name_in, units_of
from ui.server.gate.clients import address_of, place_of
from ui.server.gate.json_bounds import BadBody, check_json
from ui.server.gate.lanes import check_room, lane_of
from ui.server.gate.request_heads import Refused, boundary, check_address, check_type, is_upload, stated_length
from ui.server.gate.streams import is_stream, nothing_to_hear
from ui.server.gate.toll import Toll
from ui.server.turns import seconds_waited
from ui.visitor.sessions import Sessions

_API = "/gradio_api"
_SERVER = "/component_server"
_JOINING = ("/queue/join", "/call/")
_READING = "read_drawing"  # the server function that does not wait for others of the same page


@dataclass(frozen=True)
class Admitted:
    """A request that is let in.

    Attributes:
        receive: what the app is to receive from.
        charges: what it was let in for, the client's own first; its answer is charged to the same.
        address: where it comes from.
        turn: whose requests are worked off one at a time; "" for nobody's.
        is_timed: whether the time that it takes is charged, too.
        cut_off: why the app receives no more of it than it has, if so.
        answer: in the place of the app's.
        listener: the address that listens by it, for as long as it likes; "" for none, and for this machine.
    """

    receive: Receive
    charges: tuple[Charge, ...] = ()
    address: str = ""
    turn: str = ""
    is_timed: bool = False
    cut_off: list[Refused] = field(default_factory=list)
    answer: Response | None = None
    listener: str = ""


class Gate:
    """ASGI middleware.

    Args:
        app: what it stands before.
        limits: that the host has set.
        sessions: knows whose session a request names.
    """

    def __init__(self, app: ASGIApp, limits: Limits, sessions: Sessions) -> None:
        self._app, self._limits, self._sessions = app, limits, sessions
        self._toll = Toll()
        self._held = Held()
        self._streams: Counter[str] = Counter()  # open ones, by address; "" for all that is none
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, now or in a moment, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(_API)
        try:
            admitted = await self._admit(scope, path, receive)
            release = await self._turn(admitted)
        except Refused as refused:
            await self._answer(refused, path)(scope, receive, send)
            return
        app = admitted.answer or self._app
        self._streams[admitted.listener] += 1
        try:
            with self._listening(path):
                await app(scope, admitted.receive, self._charging(admitted, send, release))
        finally:
            release()
            self._streams[admitted.listener] -= 1
            if not self._streams[admitted.listener]:
                del self._streams[admitted.listener]

    def _listening(self, path: str) -> contextlib.AbstractContextManager[None]:
        """As long as a page is open, it listens to its heartbeat."""
        is_page = path.startswith("/heartbeat/")
        return self._sessions.listening(path.rsplit("/", 1)[-1]) if is_page else contextlib.nullcontext()

    def _charging(self, admitted: Admitted, send: Send, release: Callable[[], None]) -> Send:
        """Sends an answer; the work that it took, which only now is known, is charged to who asked for it.

        The next one's turn comes when this one is done, not when a slow client has received it.
        """
        began, waited = time.monotonic(), seconds_waited()

        async def send_and_charge(message: Message) -> None:
            if message["type"] == "http.response.start":
                release()
                timed = admitted.charges if admitted.is_timed else ()
                if admitted.cut_off:  # Gradio says so in these words, but not by this number
                    message["status"] = admitted.cut_off[0].status
                seconds = time.monotonic() - began - sum(waited)
                # For each second of work, one without any: of the client, and of its address.
                self._toll.owe([replace(charge, units=seconds * charge.rate.per_second) for charge in timed])
            units = len(message.get("body", b"")) / BYTES_PER_UNIT
            self._toll.owe([replace(charge, units=units) for charge in admitted.charges])
            await send(message)

        return send_and_charge

    async def _turn(self, admitted: Admitted) -> Callable[[], None]:
        """Wait until it is that request's turn; returns what ends it. Raises Refused when too many wait."""
        if not admitted.turn:
            return lambda: None
        lock = self._turns.setdefault(admitted.turn, asyncio.Lock())
        if lock.locked():
            with self._toll.one_more_waits(admitted.address):
                await lock.acquire()
        else:
            await lock.acquire()
        is_over = False

        def release() -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                lock.release()

        return release

    async def _admit(self, scope: Scope, path: str, receive: Receive) -> Admitted:
        """Wait for the client's turn. Raises Refused."""
        check_address(scope, path)
        address = address_of((scope.get("client") or ("unknown",))[0])
        if scope["method"] not in {"POST", "PUT", "PATCH", "DELETE"}:
            # Files are sent whole: Gradio fails on some parts that may be asked for.
            scope["headers"] = [(key, value) for key, value in scope["headers"] if key != b"range"]
            charges = for_fetching(path, address)
            await self._toll.pay(charges, address)
            if not is_stream(path):
                is_whole = charges[0].units > 1
                return Admitted(receive, address=address, turn=f"pages of {address}" if is_whole else "")
            place = place_of((scope.get("client") or ("",))[0])
            if place and self._streams[place] >= STREAMS_OF_ADDRESS:
                raise Refused(429, f"{STREAMS_OF_ADDRESS} connections of your address listen already.", REFUSAL_SECONDS)
            nothing = nothing_to_hear(scope, path, scope["app"].get_blocks()._queue)
            return Admitted(receive, answer=nothing, listener=place)
        headers = Headers(scope=scope)
        length = stated_length(headers, path, self._limits.upload_bytes)
        check_type(headers, path)
        if is_upload(path):
            scope["query_string"] = b""  # a name by which Gradio would keep how far it has come, for nobody
            return await self._files(counted_parts(receive, boundary(headers)), length, address)
        body = await self._body(receive, address)
        name = name_in(body)
        key = self._sessions.key_of(name)
        units = units_of(path, body)
        charges = for_asking(path, address, key, name, limits=self._limits, units=units)
        await self._toll.pay(charges, address)
        page = scope["app"].get_blocks()
        try:
            check_json(body)
            call = check_call(path, body, page)
        except BadBody as error:
            raise Refused(400, str(error)) from None
        except BadCall as error:
            raise Refused(error.status, str(error)) from None
        if (call.get("session_hash") or "") != name:  # or it would be charged to one and done for another
            raise Refused(400, "`session_hash` must be named once, without escapes.")
        if path.startswith(_JOINING):
            check_room(page._queue, address, name, lane_of(path, call, page))
        is_reading = path.startswith(_SERVER) and call.get("fn_name") == _READING
        whose = f"{'readings' if is_reading else 'requests'} of {charges[0].client}"
        return Admitted(replayed(body, receive), tuple(charges), address, whose, is_timed=not is_reading)

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

    async def _files(self, receive: Receive, length: int, address: str) -> Admitted:
        """An upload, of which each part is charged when it is here. Raises Refused when there is no room for all."""
        own, all_of_them = self._limits.uploads_of_address, self._limits.uploads_of_all

        def charges(size: int) -> list[Charge]:
            return [Charge("files", address, own, size), Charge("files", "", all_of_them, size)]

        await self._toll.check(charges(max(length, MIN_FILE_BYTES)), address)
        await self._toll.pay(charges(MIN_FILE_BYTES), address)
        receive, received, cut_off = in_time(receive), 0, list[Refused]()

        async def receive_and_charge() -> Message:
            nonlocal received
            paid = max(received, MIN_FILE_BYTES)
            try:
                message = await receive()
                received += len(message.get("body", b""))
                if received > paid:
                    await self._toll.pay(charges(received - paid), address, refusal_seconds=0)
            except SlowBody as error:
                cut_off.append(Refused(408, str(error)))
            except TooManyParts as error:
                cut_off.append(Refused(413, str(error)))
            except Refused as refused:
                cut_off.append(refused)
                # Nothing of it is kept: what was charged for it is free for those that arrive beside it.
                self._toll.owe(charges(MIN_FILE_BYTES - paid))
            if cut_off:  # what makes Gradio take away what has arrived, and answer
                raise MultiPartException(cut_off[0].text)
            return message

        return Admitted(receive_and_charge, cut_off=cut_off)

    def _answer(self, refused: Refused, path: str) -> Response:
        headers = {} if refused.seconds is None else {"Retry-After": f"{refused.seconds:.0f}"}
        if refused.status == 408:  # more of the body may come
            headers["Connection"] = "close"
        if is_upload(path):  # of which Gradio shows the text as it is
            return PlainTextResponse(refused.text, refused.status, headers)
        # The pad and the other panels look for `error`, Gradio's client for `detail`.
        content: dict[str, Any] = {"error": refused.text, "detail": refused.text, "again": refused.seconds}
        return Response(json.dumps(content), refused.status, headers, "application/json")
