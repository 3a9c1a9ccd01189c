"""Gradio's states of sessions, of which those without a visitor make room first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import copy
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.routes import App
from gradio.state_holder import SessionState, StateHolder
from gradio.utils import get_upload_folder

from ui.limits import SWEEP_SECONDS
from ui.server.files.temporary import remove_empty_folders
from ui.server.gate.calls import check_name
from ui.server.gradio_state.mailboxes import Mailboxes
from ui.visitor.session import Session
from ui.visitor.sessions import Sessions

_SWEEP_SECONDS = 5.0
_ROOM = 200  # states besides those of visitors: of programs that call, each call without a session hash has its own


class _State(SessionState):
    """What Gradio remembers of one session.

    For each `gr.update` or `gr.skip` Gradio makes a component anew, with a number of its own, and keeps it under that
    number, too, when it is used next: a session would grow with whatever is done on its page. With the number of the
    one in whose place it stands, it is kept once.
    """

    def __setitem__(self, key: int, value: Any) -> None:
        if isinstance(value, Block):
            value._id = key
        super().__setitem__(key, value)


class VisitorsFirst(StateHolder):
    """Holds what Gradio remembers of each session.

    Gradio makes room by dropping the state that was used least recently. A visitor who only draws does not use theirs:
    a few hundred calls by a program, and the page would have lost its session.

    Args:
        sessions: knows who is here; `capacity` must be more than they can be.
        capacity: how many states are held.
    """

    def __init__(self, sessions: Sessions, capacity: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Gradio's, without types
        self._sessions, self._capacity = sessions, capacity

    def __getitem__(self, session_id: str) -> SessionState:
        """The state of a session; a new one where there is none. Raises BadCall for a name that is too long."""
        check_name(session_id)
        if session_id not in self.session_data:
            self.session_data[session_id] = self._new()
        return super().__getitem__(session_id)

    def _new(self) -> SessionState:
        """A state without a description of every component as it is when the page comes.

        Gradio makes that, 11 ms and 0.2 MB, for each session and for each call without one, and uses it for links to
        the page as one visitor has it, which this page does not have.
        """
        state = copy(self._first)
        state.blocks_config = copy(self.blocks.default_config)
        state.config_values, state.state_data, state._state_ttl = {}, {}, {}
        return state

    def set_blocks(self, blocks: gr.Blocks) -> None:
        """Hold the states of this page."""
        super().set_blocks(blocks)
        self._first = _State(blocks)

    def update(self, session_id: str) -> None:
        """Note that a state is used, and drop another if there are too many."""
        with self.lock:
            if session_id in self.session_data:
                self.session_data.move_to_end(session_id)
            if len(self.session_data) > self._capacity:
                dropped = next((name for name in list(self.session_data) if not self._is_visitors(name)), session_id)
                self.session_data.pop(dropped, None)
                self.time_last_used.pop(dropped, None)

    def delete_all_expired_state(self) -> None:
        """Called once a second: drop the states of pages that are closed and whose visitor is gone.

        Gradio keeps 0.2 MB of each who was ever here, until there are too many.
        """
        super().delete_all_expired_state()  # type: ignore[no-untyped-call]  # Gradio's, without types
        with self.lock:
            for name, state in list(self.session_data.items()):
                if state.is_closed and not self._is_visitors(name):
                    del self.session_data[name]
                    self.time_last_used.pop(name, None)

    def _is_visitors(self, session_id: str) -> bool:
        values = self.session_data[session_id].state_data.values()
        return any(isinstance(value, Session) and value in self._sessions for value in values)


def holding(sessions: Sessions, most_sessions: int) -> Callable[[App], AbstractAsyncContextManager[None]]:
    """The `lifespan` of an app whose visitors' states and messages go before those of programs.

    Args:
        sessions: knows who is here.
        most_sessions: how many visitors there may be.
    """

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        page = app.get_blocks()
        app.state_holder = VisitorsFirst(sessions, most_sessions + _ROOM)
        app.state_holder.set_blocks(page)
        boxes = Mailboxes(page._queue, lambda name: sessions.key_of(name) is not None)
        page._queue.pending_messages_per_session = boxes  # type: ignore[assignment]  # of the same messages
        sweeping = [asyncio.create_task(_sweep(boxes)), asyncio.create_task(_sweep_folders())]
        yield
        for task in sweeping:
            task.cancel()

    return lifespan


async def _sweep(boxes: Mailboxes) -> None:
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        boxes.sweep()


async def _sweep_folders() -> None:
    empty = set[Path]()
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        empty = await asyncio.to_thread(remove_empty_folders, Path(get_upload_folder()), empty)
