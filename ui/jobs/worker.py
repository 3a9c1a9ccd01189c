"""One worker thread trains and teaches: one task at a time; the others wait in the order in which they came."""

from __future__ import annotations

import gc
import logging
import os
import threading
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from mnist_core import DamagedData, TrainingDiverged
from mnist_core.errors import InvalidInput
from mnist_core.heap import give_back_free_memory
from ui.visitor.runs import Run

CLOSING = "The server is being stopped. My drawings are safe in your browser; models and runs are not kept."
_NICE = 10  # of 19: whatever else wants the processor, such as a reading, goes first

_log = logging.getLogger(__name__)


class QueueFull(RuntimeError):
    """No task can be added: too many visitors wait already, or the server is being stopped."""


class Task(ABC):
    """What the worker does: waiting, under way or ended. The worker writes, pages read.

    Attributes:
        owner: whose it is, of whom the worker takes so many at once; "" for nobody's.
        stopped: why it ended early: "stop" when it was asked to, "time" when its time was up, "server" when the server
            is being stopped; else "".
        error: why it failed, in words for the visitor; else "".
        run: the model that it ended with; None when there is none.

    Args:
        worker: that will do it.
    """

    def __init__(self, worker: Worker) -> None:
        self.owner = self.stopped = self.error = ""
        self.run: Run | None = None
        self._worker = worker
        self._ended = threading.Event()

    @abstractmethod
    def work(self) -> None:
        """Do it, in the worker's thread; return soon when `stopped` is set."""

    def finish(self) -> None:
        """Called once at the end, however it came, before `wait` says so."""
        return

    @property
    def eta_seconds(self) -> float | None:
        """About how long it will still take; None when that is not known."""
        return None

    @property
    def place(self) -> int:
        """How many tasks are before it; 0 also when it has ended."""
        return self._worker.place(self)

    def stop(self) -> None:
        """Ask it to end: at once while it waits; while it learns, that takes about a tenth of a second."""
        self._worker.stop(self)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end, but no longer than that, if it is given; returns whether it has ended."""
        return self._ended.wait(seconds)

    def do(self) -> None:
        """Work; what goes wrong is told in `error`."""
        try:
            self.work()
        except (InvalidInput, TrainingDiverged, DamagedData) as error:
            self.error = str(error)
        except MemoryError:
            self.error = (
                "There is not enough memory for this run. Choose narrower layers or a smaller batch, or try again "
                "later."
            )
        except Exception:
            _log.exception("A run failed")
            self.error = "The run failed for a reason that is not yours. Try again."

    def end(self) -> None:
        """Say that it has ended."""
        if self.stopped == "server" and self.run is None:
            self.error = CLOSING
        try:
            self.finish()
        except Exception:
            _log.exception("The end of a run failed")
        finally:
            self._ended.set()


class Worker:
    """One thread of a low priority, which lasts, and the tasks in their order; the first one has the machine."""

    def __init__(self) -> None:
        # A thread for each task would get a part of the heap of its own (glibc's arenas), which keeps what is freed.
        self._thread = ThreadPoolExecutor(1, "worker", initializer=_lower_priority)
        self._tasks: list[Task] = []
        self._current: Task | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._tasks)

    def add(self, task: Task, most: int, most_of_owner: int) -> None:
        """Put a task behind the others.

        Args:
            task: to be done.
            most: that may wait, besides the first one.
            most_of_owner: tasks that its owner may have here.

        Raises:
            QueueFull: too many wait already, or too many of the same owner, or the worker is closed.
        """
        with self._lock:
            if self._is_closed:
                raise QueueFull(CLOSING)
            if len(self._tasks) > most:
                raise QueueFull(f"The queue is full: {most} runs are waiting. Try again in a minute.")
            if task.owner and sum(other.owner == task.owner for other in self._tasks) >= most_of_owner:
                raise QueueFull(
                    f"Runs from your address take {most_of_owner} places in the queue, as many as one address may "
                    "have. Try again when one has ended."
                )
            self._append(task)

    def add_if_idle(self, task: Task) -> bool:
        """Do a task at once if there is no other; returns whether it will be done."""
        with self._lock:
            if self._tasks or self._is_closed:
                return False
            self._append(task)
            return True

    def place(self, task: Task) -> int:
        """How many are before it."""
        with self._lock:
            return self._tasks.index(task) if task in self._tasks else 0

    def first(self) -> Task | None:
        """The task that has the machine."""
        with self._lock:
            return self._tasks[0] if self._tasks else None

    def stop(self, task: Task, why: str = "stop") -> None:
        """Ask a task to end; one that waits ends at once, one that has ended stays as it is."""
        with self._lock:
            if task not in self._tasks:
                return
            task.stopped = task.stopped or why
            if task is self._current:
                return
            self._tasks.remove(task)
        task.end()

    def close(self, seconds: float) -> bool:
        """End all tasks, and take no more.

        Args:
            seconds: that they may take to end.

        Returns:
            Whether there were any.
        """
        with self._lock:
            self._is_closed = True
            tasks = list(self._tasks)
        for task in tasks:
            self.stop(task, "server")
        for task in tasks[:1]:  # those that waited have ended
            task.wait(seconds)
        return bool(tasks)

    def _append(self, task: Task) -> None:
        self._tasks.append(task)
        if len(self._tasks) == 1:
            self._thread.submit(self._work_off)

    def _work_off(self) -> None:
        while task := self._take():
            task.do()
            with self._lock:
                self._tasks.remove(task)
            task.end()
            _spare_collector()
            give_back_free_memory()

    def _take(self) -> Task | None:
        with self._lock:
            self._current = self._tasks[0] if self._tasks else None
            return self._current


@cache
def _spare_collector() -> None:
    """Once TensorFlow is loaded, let the garbage collector pass over all there is.

    Each of its full passes over TensorFlow's 420,000 objects stops every thread, and so every reading, for 0.3 s.
    """
    gc.collect()
    gc.freeze()


def _lower_priority() -> None:
    """Let this thread, and those that TensorFlow starts from it, step back behind the others, where the system can."""
    if hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        except OSError:
            _log.warning("Training could not be given a lower priority.")
