"""Who is here. What is theirs goes soon after they leave."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from mnist_core.errors import InvalidInput
from ui.limits import MODELS_OF_ADDRESS, Limits
from ui.visitor.runs import Runs
from ui.visitor.session import Model, Session

NO_SESSION = (
    "This page has no place in the app: it was full when you came, you were away for too long, or the server was "
    "started anew. Reload the page."
)
_WITHOUT_PLACE = "Drawings are read, but nothing can be trained or taught. Reload the page in a few minutes."
_SHORT_GRACE = 10.0  # seconds, for who has left, when there is no room for who comes
_MOST_HASHES = 16  # of a session: more tabs than anybody has open


class AppFull(RuntimeError):
    """There is no place for one more visitor; the message says so."""


class Sessions:
    """Knows the visitors, and frees what they leave behind.

    The pad asks through a server function, which sees neither `gr.State` nor a session hash it could trust: it brings
    the key. Sessions are held here and not by Gradio's state, which goes to make room for whoever calls next.

    Args:
        shipped: the model that every visitor starts with.
        grace: seconds from the moment a visitor leaves until all of theirs is freed: a phone that loses its connection
            for a moment keeps it. Also the timeout for pages that never open a heartbeat, as those of programs.
        limits: how many there may be.
    """

    def __init__(self, shipped: Model, grace: float = 300.0, limits: Limits | None = None) -> None:
        self.shipped = shipped
        self._limits = limits or Limits()
        self._grace = grace
        self._by_key: dict[str, Session] = {}
        self._by_hash: dict[str, Session] = {}
        self._listeners: Counter[str] = Counter()  # open pages, by session hash
        self._lock = threading.RLock()
        self._left: list[tuple[float, Session]] = []

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, session: object) -> bool:
        return isinstance(session, Session) and self._by_key.get(session.key) is session

    def open(self, session_hash: str | None = None, key: object = None, address: str = "") -> Session:
        """The session of a visitor whose page has just been loaded: theirs, where they bring a key, or a new one.

        Args:
            session_hash: Gradio's name for this load of the page.
            key: what their browser has kept from before, which may be anything.
            address: where they come from; "" for nowhere.

        Raises:
            AppFull: there is no place for one more.
        """
        with self._lock:
            session = self.find(key)
            if session is None:
                self._make_room(address)
                session = Session(self.shipped, address=address, runs=Runs(partial(self._check_models, address)))
                self._by_key[session.key] = session
            if session_hash:
                self._by_hash[session_hash] = session
                session.hashes.append(session_hash)
                while len(session.hashes) > _MOST_HASHES:
                    self._by_hash.pop(session.hashes.popleft(), None)
        return session

    def _make_room(self, address: str) -> None:
        """Raises AppFull when there is no place, although all were freed who are no longer here."""
        most, most_of_address = self._limits.sessions, self._limits.sessions_of_address
        for silent in (None, self._grace, min(self._grace, _SHORT_GRACE)):
            if silent is not None:
                self._free_silent(silent)
            here = len(self)
            from_there = sum(session.address == address for session in self._by_key.values()) if address else 0
            if here < most and from_there < most_of_address:
                return
        if here >= most:
            raise AppFull(f"The app is full: {here:,} visitors are here. {_WITHOUT_PLACE}")
        raise AppFull(f"{from_there:,} visitors are here from your address, as many as it may have. {_WITHOUT_PLACE}")

    def _check_models(self, address: str) -> None:
        """Raises ValueError when the models that are kept by that address's visitors take as much as they may."""
        there = [session for session in list(self._by_key.values()) if session.address == address]
        kept = {id(weights): weights for session in there for weights in session.weights}  # some are shared
        kept.pop(id(self.shipped.classifier.weights) if self.shipped else 0, None)
        if address and sum(array.nbytes for each in kept.values() for array in each.arrays) >= MODELS_OF_ADDRESS:
            raise InvalidInput(
                f"The models of your address take {MODELS_OF_ADDRESS / 1e6:,.0f} MB, as much as they may. Delete one "
                "under Compare, then start again."
            )

    def _free_silent(self, seconds: float) -> None:
        """Free what those have who have no page open and were not seen for so long."""
        before = time.monotonic() - seconds
        for session in list(self._by_key.values()):
            if session.seen < before and not self.listens(session):
                self._free(session)

    def listens(self, session: Session) -> bool:
        """Whether a page of theirs is open."""
        return any(session_hash in self._listeners for session_hash in session.hashes)

    def _free(self, session: Session) -> None:
        with self._lock:
            self._by_key.pop(session.key, None)
            for session_hash in session.hashes:
                self._by_hash.pop(session_hash, None)
        session.let_go()

    def find(self, key: object) -> Session | None:
        """The session with that key; None where there is none, as after a restart."""
        session = self._by_key.get(key) if isinstance(key, str) else None
        if session:
            session.seen = time.monotonic()
        return session

    def key_of(self, session_hash: str) -> str | None:
        """The key of the session that a page belongs to, by Gradio's name for it; None for none that is open."""
        session = self._by_hash.get(session_hash)
        return session.key if session else None

    @contextmanager
    def listening(self, session_hash: str) -> Iterator[None]:
        """As long as a page is open, which the browser shows by listening."""
        with self._lock:
            self._listeners[session_hash] += 1
        try:
            yield
        finally:
            with self._lock:
                self._listeners[session_hash] -= 1
                if not self._listeners[session_hash]:
                    del self._listeners[session_hash]
            self.leave(session_hash)

    def leave(self, session_hash: str | None) -> None:
        """The visitor has closed a page or lost its connection; with their last page ends what they have under way."""
        session = self._by_hash.get(session_hash or "")
        if session is None or self.listens(session):
            return
        session.stop()
        with self._lock:
            self._left.append((time.monotonic(), session))
            is_first = len(self._left) == 1
        if is_first:
            self._sweep_after(self._grace)

    def _sweep_after(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._sweep)
        timer.daemon = True
        timer.start()

    def _sweep(self) -> None:
        """Free what those have who left long enough ago and were not seen since."""
        now = time.monotonic()
        with self._lock:
            due = [entry for entry in self._left if entry[0] + self._grace <= now]
            self._left = self._left[len(due) :]
            next_left = self._left[0][0] if self._left else None
        for left, session in due:
            if session.seen <= left and not self.listens(session):
                self._free(session)
        if next_left is not None:
            self._sweep_after(next_left + self._grace - now)
