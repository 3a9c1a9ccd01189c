"""What Gradio's queue has to say to pages and programs, until they fetch it: bounded, and programs' goes first."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from gradio.queueing import Queue
from gradio.server_messages import EstimationMessage, HeartbeatMessage, ProcessGeneratingMessage, ProgressMessage

from ui.limits import MAX_EVENTS
from ui.server.gate.calls import check_name

MAX_BOXES = 2000  # as many as Gradio keeps
MAX_UNREAD = 40  # steps of a run, five a second, that nobody fetches; a connection that is slow holds more itself
UNREAD_SECONDS = 60.0  # that an answer is kept for who asked for it
_PASSING = (EstimationMessage, HeartbeatMessage, ProgressMessage)  # the next one says more


class Mailbox(asyncio.Queue[Any]):
    """What waits for one page or program.

    Args:
        abandon: called when nobody fetches it.
    """

    def __init__(self, abandon: Callable[[], None]) -> None:
        super().__init__()
        self._abandon = abandon
        self._steps = 0
        self.last_put = time.monotonic()

    def put_nowait(self, item: Any) -> None:
        """Add a message; what only says how long it will take is left out where others wait already."""
        if isinstance(item, _PASSING) and self.qsize() >= MAX_UNREAD:
            return
        self.last_put = time.monotonic()
        super().put_nowait(item)
        self._steps += isinstance(item, ProcessGeneratingMessage)
        if self._steps == MAX_UNREAD or self.qsize() == MAX_EVENTS:
            self._abandon()

    def get_nowait(self) -> Any:
        """The next message."""
        item = super().get_nowait()
        self._steps -= isinstance(item, ProcessGeneratingMessage)
        return item


class Mailboxes(OrderedDict[str, "asyncio.Queue[Any]"]):
    """In the place of Gradio's `Queue.pending_messages_per_session`.

    That one makes room by dropping the one that came first, a visitor's page with a run, when 2,000 programs have
    called, and bounds neither what a box holds nor for how long.

    Args:
        queue: whose messages these are.
        is_visitors: whether a name is that of an open page.
    """

    def __init__(self, queue: Queue, is_visitors: Callable[[str], bool]) -> None:
        super().__init__()
        self._queue, self._is_visitors = queue, is_visitors
        self._tasks: set[asyncio.Task[None]] = set()

    def __setitem__(self, name: str, box: asyncio.Queue[Any]) -> None:
        """Give a page or program a box of ours. Raises BadCall for a name that is too long."""
        check_name(name)
        if name not in self and len(self) >= MAX_BOXES:
            self.forget(self._least_needed())
        super().__setitem__(name, Mailbox(lambda: self._abandon(name)))

    def __missing__(self, name: str) -> asyncio.Queue[Any]:
        """What is said to nobody is not kept."""
        return Mailbox(lambda: None)

    def forget(self, name: str) -> None:
        """Keep nothing of that name."""
        self.pop(name, None)
        self._queue.pending_event_ids_session.pop(name, None)

    def sweep(self) -> None:
        """Forget those to whom all has been said, and what nobody fetched; called now and then."""
        before = time.monotonic() - UNREAD_SECONDS
        for name in {*self, *self._queue.pending_event_ids_session}:
            box = self.get(name)
            is_read = box is None or box.empty()
            is_old = isinstance(box, Mailbox) and box.last_put < before and not self._is_visitors(name)
            if not self._is_under_way(name) and (is_old or (is_read and not self._is_awaited(name))):
                self.forget(name)

    def _least_needed(self) -> str:
        for is_needed in (lambda name: self._is_visitors(name) or self._is_under_way(name), self._is_visitors):
            for name in self:
                if not is_needed(name):
                    return name
        return next(iter(self))

    def _is_awaited(self, name: str) -> bool:
        """Whether something was not fetched yet."""
        return bool(self._queue.pending_event_ids_session.get(name))

    def _is_under_way(self, name: str) -> bool:
        known = self._queue.event_ids_to_events
        return any(event in known for event in self._queue.pending_event_ids_session.get(name, ()))

    def _abandon(self, name: str) -> None:
        """End what goes on for nobody, as when a connection breaks."""

        async def end() -> None:
            await self._queue.clean_events(session_hash=name)
            self.forget(name)

        task = asyncio.get_running_loop().create_task(end())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
