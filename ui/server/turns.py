"""Work that takes long is done a few at a time, and each address has its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

Answer = TypeVar("Answer")


class Turns:
    """Whose work is being done, and waits for it; who waits holds no thread.

    Of an address, one piece is done at a time, the others wait behind it: so nobody waits for more than one piece of
    each other address, however many those have sent.

    Args:
        at_once: pieces that are done at the same time, of all addresses.
    """

    def __init__(self, at_once: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._of_address: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def do(self, address: str, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Call what takes long, in a thread, when it is that address's turn; raises what it raises."""
        own = self._of_address.setdefault(address, asyncio.Lock())
        async with own, self._slots:
            return await asyncio.to_thread(work, *arguments)
