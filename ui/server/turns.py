"""Work that takes long is done a few at a time, and each address has its turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, TypeVar
from weakref import WeakValueDictionary

Answer = TypeVar("Answer")

_waited: ContextVar[list[float]] = ContextVar("_waited")  # of the request that is being answered, in seconds


def seconds_waited() -> list[float]:
    """From now on, what this request waits for its turns is put down in this list: it is not its own work."""
    waited: list[float] = []
    _waited.set(waited)
    return waited


class Turns:
    """Whose work is being done, and waits for it; who waits holds no thread.

    Of an address, one piece is done at a time, the others wait behind it: so nobody waits for more than one piece of
    each other address, however many those have sent.

    Args:
        at_once: pieces that are done at the same time, of all addresses.
    """

    def __init__(self, at_once: int) -> None:
        # Threads of its own: work whose request was given up goes on, and holds its thread as long as it does.
        self._threads = ThreadPoolExecutor(at_once, "turns")
        self._of_address: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def do(self, address: str, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Call what takes long, in a thread, when it is that address's turn; raises what it raises."""
        asked = time.monotonic()

        def begin() -> Answer:
            if waited is not None:
                waited.append(time.monotonic() - asked)
            return work(*arguments)

        waited = _waited.get(None)
        own = self._of_address.setdefault(address, asyncio.Lock())
        await own.acquire()
        work_in_thread = asyncio.get_running_loop().run_in_executor(self._threads, begin)
        # Not `async with`: who gives up would give the turn back while their work still holds a thread.
        work_in_thread.add_done_callback(lambda _: own.release())
        return await asyncio.shield(work_in_thread)
