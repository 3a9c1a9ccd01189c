"""What requests pay before they are let in: who is a little too fast waits, who is far too fast is refused."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from ui.limits import MAX_WAITING_REQUESTS, REFUSAL_SECONDS, WAITING_OF_ADDRESS
from ui.server.gate.buckets import Buckets, Charge, TooFast
from ui.server.gate.charges import refused
from ui.server.gate.request_heads import Refused


class Toll:
    """Who has paid how much lately, and how many requests wait here."""

    def __init__(self) -> None:
        self._buckets = Buckets()
        self._waiting: Counter[str] = Counter()

    def owe(self, charges: Sequence[Charge]) -> None:
        """Charge for what was done already; units may be negative, for what is given back."""
        self._buckets.owe(charges, time.monotonic())

    async def check(self, charges: Sequence[Charge], address: str) -> None:
        """Raises Refused, after a pause, when there is no room for as much; charges nothing."""
        try:
            self._buckets.check(charges, time.monotonic())
        except TooFast as too_fast:
            await self.pause(REFUSAL_SECONDS, address)
            raise refused(too_fast) from None

    async def pay(self, charges: Sequence[Charge], address: str, *, refusal_seconds: float = REFUSAL_SECONDS) -> None:
        """Wait until the client may go on. Raises Refused, after a pause, when that would take too long."""
        try:
            seconds = self._buckets.take(charges, time.monotonic())
        except TooFast as too_fast:
            await self.pause(refusal_seconds, address)
            raise refused(too_fast) from None
        if seconds > 0:
            await self.pause(seconds, address)

    async def pause(self, seconds: float, address: str) -> None:
        """Wait. Raises Refused when too many do."""
        with self.one_more_waits(address):
            await asyncio.sleep(seconds)

    @contextlib.contextmanager
    def one_more_waits(self, address: str) -> Iterator[None]:
        """Raises Refused when too many wait already, of that address or of all."""
        if self._waiting.total() >= MAX_WAITING_REQUESTS or self._waiting[address] >= WAITING_OF_ADDRESS:
            raise Refused(503, "Too many requests wait here. Try again in a moment.", REFUSAL_SECONDS)
        self._waiting[address] += 1
        try:
            yield
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]
