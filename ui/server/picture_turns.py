"""Pictures are read a few at a time: a large one takes a second and 300 MB."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from mnist_core.errors import InvalidInput
from ui.limits import PICTURES_AT_ONCE, PICTURES_OF_CLIENT

Answer = TypeVar("Answer")


class PictureTurns:
    """Whose pictures are being read, and wait for it; who waits holds no thread."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(PICTURES_AT_ONCE)
        self._of_client: Counter[str] = Counter()

    async def read(self, client: str, work: Callable[[], Answer]) -> Answer:
        """Do what reads a picture, in a thread, when it is its turn.

        Raises:
            InvalidInput: the client has as many pictures in work as one may have.
        """
        if self._of_client[client] >= PICTURES_OF_CLIENT:
            raise InvalidInput(f"At most {PICTURES_OF_CLIENT} of your pictures are read at once. Wait for an answer.")
        self._of_client[client] += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(work)
        finally:
            self._of_client[client] -= 1
            if not self._of_client[client]:
                del self._of_client[client]
