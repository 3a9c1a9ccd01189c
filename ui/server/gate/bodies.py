"""Bodies of requests, as they arrive: counted when they are here, not when they are announced, and with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from starlette.types import Message, Receive

from ui.limits import BODY_PATIENCE, MAX_FILE_PARTS, MAX_HELD_BYTES, SLOWEST_BODY


class SlowBody(RuntimeError):
    """A body arrives more slowly than is accepted."""

    def __init__(self) -> None:
        rate = f"{SLOWEST_BODY / 1000:.0f} kB a second, after the first {BODY_PATIENCE:.0f} seconds"
        super().__init__(f"The request arrives too slowly: at least {rate}, is accepted. Send it again.")


class BrokenBody(RuntimeError):
    """The connection ended in the middle of a body."""


class TooManyHeld(RuntimeError):
    """One address sends too many large requests at once."""


class TooManyParts(RuntimeError):
    """An upload has more parts than one file needs."""


class Held:
    """How much memory the bodies take that are being received, by address."""

    def __init__(self) -> None:
        self._bytes: Counter[str] = Counter()

    async def receive(self, receive: Receive, address: str) -> bytes:
        """A whole body.

        Args:
            receive: where it comes from.
            address: whose it is.

        Raises:
            SlowBody, BrokenBody: it did not arrive.
            TooManyHeld: with it, more than MAX_HELD_BYTES of that address are being received.
        """
        receive, parts = in_time(receive), list[bytes]()
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BrokenBody("The request was cut off.")
                parts.append(message.get("body", b""))
                self._bytes[address] += len(parts[-1])
                if self._bytes[address] > MAX_HELD_BYTES:
                    raise TooManyHeld("Your address sends too many large requests at once.")
                if not message.get("more_body"):
                    return b"".join(parts)
        finally:
            self._bytes[address] -= sum(map(len, parts))
            if not self._bytes[address]:
                del self._bytes[address]


def in_time(receive: Receive) -> Receive:
    """The same messages of one request; what receives them raises SlowBody when its body falls behind."""
    deadline = time.monotonic() + BODY_PATIENCE
    is_complete = False

    async def receive_in_time() -> Message:
        nonlocal deadline, is_complete
        if is_complete:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), deadline - time.monotonic())
        except TimeoutError:
            raise SlowBody from None
        deadline += len(message.get("body", b"")) / SLOWEST_BODY
        is_complete = not message.get("more_body", False)
        return message

    return receive_in_time


def counted_parts(receive: Receive, boundary: bytes) -> Receive:
    """The same messages of an upload; what receives them raises TooManyParts when it has more than one file's.

    Each part, however small, becomes a file and a folder.
    """
    mark, tail, parts = b"--" + boundary, b"", 0

    async def receive_counted() -> Message:
        nonlocal tail, parts
        message = await receive()
        seen = tail + message.get("body", b"")
        parts += seen.count(mark)
        tail = seen[-(len(mark) - 1) :]
        if parts > MAX_FILE_PARTS:
            raise TooManyParts("An upload holds one file. Send others one after another.")
        return message

    return receive_counted


def replayed(body: bytes, receive: Receive) -> Receive:
    """Receives a body that was received already, and then what comes after it."""
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
