"""Pictures are read a few at a time: a large one takes a second and 300 MB."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from mnist_core.errors import InvalidInput
from ui.limits import PICTURES_AT_ONCE, PICTURES_OF_CLIENT


class PictureTurns:
    """Whose pictures are being read, and wait for it."""

    def __init__(self) -> None:
        self._slots = threading.Semaphore(PICTURES_AT_ONCE)
        self._lock = threading.Lock()
        self._of_client: Counter[str] = Counter()

    @contextmanager
    def take(self, client: str) -> Iterator[None]:
        """Wait for a turn, and have it until the end of the `with` block.

        Raises:
            ValueError: the client has as many pictures in work as one may have.
        """
        with self._lock:
            if self._of_client[client] >= PICTURES_OF_CLIENT:
                raise InvalidInput(
                    f"At most {PICTURES_OF_CLIENT} of your pictures are read at once. Wait for an answer."
                )
            self._of_client[client] += 1
        try:
            with self._slots:
                yield
        finally:
            with self._lock:
                self._of_client[client] -= 1
                if not self._of_client[client]:
                    del self._of_client[client]
