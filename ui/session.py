"""What one visitor owns. It lives in their own `gr.State` and goes when Gradio drops that, or soon after they leave."""

from __future__ import annotations

import secrets
import threading
import time
import weakref
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakValueDictionary

import numpy as np

from mnist_core import Classifier, Evaluation, evaluate_all
from ui.drawings import Drawings, Notebooks
from ui.job import Job
from ui.lesson import Base, Lesson
from ui.runs import Run, Runs


@dataclass(frozen=True, eq=False)
class Model:
    """A model that reads, and what the page calls it."""

    classifier: Classifier
    name: str

    @cached_property
    def results(self) -> dict[str, Evaluation]:
        """How well it reads, by data set; takes a moment the first time."""
        return evaluate_all(self.classifier)


@dataclass(eq=False)
class Session:
    """One visitor's belongings.

    Attributes:
        shipped: the model that every visitor starts with, shared and read-only.
        key: what their browser names the session by; nobody can guess it.
        runs: the runs they keep.
        in_use: the number of the run whose model reads for them; None for the shipped one.
        job: their run that is waiting or learning now.
        unkept: the model so far of the run that they stopped last, until they keep it or start another.
        lesson: their teaching that is waiting or going on now.
        drawings: what they drew and said what it is; None until their browser has told what it keeps.
        drawing: (28, 28) float32 [0, 1], what was read for them last; None for an empty pad.
        seen: when they last did something, by time.monotonic().
    """

    shipped: Model
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    runs: Runs = field(default_factory=Runs)
    in_use: int | None = None
    job: Job | None = None
    unkept: Run | None = None
    lesson: Lesson | None = None
    drawings: Drawings | None = None
    drawing: np.ndarray | None = None
    seen: float = field(default_factory=time.monotonic)

    @property
    def model(self) -> Model:
        """The model that reads for this visitor."""
        # The pad's requests come from other threads: between two looks, the run may be deleted.
        run = self.runs.find(self.in_use)
        return Model(run.classifier, run.title) if run else self.shipped

    @property
    def base(self) -> Base:
        """The model that Teach starts from: the one in use, or what that one was taught from."""
        run = self.runs.find(self.in_use)
        if run is None:
            return Base(0, self.shipped.name, self.shipped.classifier, self.shipped.results)
        if run.teaching is None or run.init is None:
            return Base(run.number, run.title, run.classifier, run.results)
        base, classifier = run.teaching.base, Classifier(run.init)
        known = self.runs.find(base)
        results = self.shipped.results if not base else known.results if known else evaluate_all(classifier)
        return Base(base, run.teaching.base_title, classifier, results)

    def keep(self, run: Run) -> None:
        """Add a run and let its model read. Raises ValueError when they have all the runs they may."""
        self.runs.add(run)
        self.in_use = run.number

    def delete(self, number: int) -> None:
        """Delete a run; when its model was in use, the shipped one reads again."""
        self.runs.delete(number)
        if self.in_use == number:
            self.in_use = None

    def let_go(self) -> None:
        """Free all that takes room."""
        self.stop()
        self.runs, self.in_use, self.unkept, self.drawing, self.drawings = Runs(), None, None, None, None

    def stop(self) -> None:
        """End what they have under way."""
        for under_way in (self.job, self.lesson):
            if under_way:
                under_way.stop()


class Sessions:
    """Finds the session that a pad's request belongs to, and frees what visitors leave behind.

    The pad asks through a server function, which sees neither `gr.State` nor a session hash it could trust. Only weak
    references are held: a session lives as long as its visitor's state does, and Gradio bounds how many do.

    Args:
        shipped: the model that every visitor starts with.
        grace: seconds from the moment a visitor leaves until their runs are freed: a phone that loses its connection
            for a moment keeps them. Gradio itself keeps a visitor's state for an hour.
    """

    def __init__(self, shipped: Model, grace: float = 300.0) -> None:
        self.shipped = shipped
        self.notebooks = Notebooks()
        self._grace = grace
        self._by_key: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._by_hash: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._left: list[tuple[float, weakref.ref[Session]]] = []

    def __len__(self) -> int:
        return len(self._by_key)

    def open(self, session_hash: str | None = None, key: object = None) -> Session:
        """The session of a visitor whose page has just been loaded: theirs, where they bring a key, or a new one.

        Args:
            session_hash: Gradio's name for this load of the page.
            key: what their browser has kept from before, which may be anything.
        """
        session = self.find(key) or Session(self.shipped)
        self._by_key[session.key] = session
        if session_hash:
            self._by_hash[session_hash] = session
        return session

    def find(self, key: object) -> Session | None:
        """The session with that key; None where there is none, as after a restart."""
        session = self._by_key.get(key) if isinstance(key, str) else None
        if session:
            session.seen = time.monotonic()
        return session

    def leave(self, session_hash: str | None) -> None:
        """The visitor has closed the page or lost their connection."""
        session = self._by_hash.get(session_hash or "")
        if session is None:
            return
        session.stop()
        with self._lock:
            self._left.append((time.monotonic(), weakref.ref(session)))
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
        for left, reference in due:
            session = reference()
            if session and session.seen <= left:
                session.let_go()
        if next_left is not None:
            self._sweep_after(next_left + self._grace - now)
