"""The line in which runs wait for the machine: one at a time, in the order they came."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

CLOSING = "The server is being stopped. My drawings are safe in your browser; models and runs are not kept."


class QueueFull(RuntimeError):
    """No run can join: too many visitors wait already, or the server is being stopped."""


class Line:
    """Who waits for the machine, in order; the first one has it."""

    def __init__(self) -> None:
        self._members: deque[object] = deque()
        self._owners: dict[object, str] = {}
        self._is_closed = False
        self.changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._members)

    def join(self, member: object, most: int, owner: str = "", most_of_owner: int = 0) -> None:
        """Go to the end of the line.

        Args:
            member: who goes.
            most: that may wait, besides the first one.
            owner: whose it is; "" for nobody's.
            most_of_owner: that one owner may have in the line.

        Raises:
            QueueFull: too many wait already, or too many of the same owner, or the line is closed.
        """
        with self.changed:
            if self._is_closed:
                raise QueueFull(CLOSING)
            if len(self._members) > most:
                raise QueueFull(f"The queue is full: {most} runs are waiting. Try again in a minute.")
            if owner and list(self._owners.values()).count(owner) >= most_of_owner:
                raise QueueFull(
                    f"Runs from your address take {most_of_owner} places in the queue, as many as one address may "
                    "have. Try again when one has ended."
                )
            self._members.append(member)
            if owner:
                self._owners[member] = owner

    def join_if_empty(self, member: object) -> bool:
        """Take the machine if nobody has it; returns whether it was taken."""
        with self.changed:
            if self._members or self._is_closed:
                return False
            self._members.append(member)
            return True

    def place(self, member: object) -> int:
        """How many are before it: 0 when it is its turn."""
        with self.changed:
            return self._members.index(member)

    def first(self) -> Any:
        """The member whose turn it is, or None."""
        with self.changed:
            return self._members[0] if self._members else None

    def close(self) -> list[Any]:
        """Let nobody join any more; returns who is in it."""
        with self.changed:
            self._is_closed = True
            return list(self._members)

    def wait_until_empty(self, seconds: float) -> bool:
        """Wait until everybody has left, but no longer than that; returns whether they have."""
        with self.changed:
            return self.changed.wait_for(lambda: not self._members, seconds)

    def leave(self, member: object) -> None:
        """Let the next one have its turn."""
        with self.changed:
            if member in self._members:
                self._members.remove(member)
            self._owners.pop(member, None)
            self.changed.notify_all()
