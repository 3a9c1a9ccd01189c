"""One teaching in a thread of its own: it waits for its turn, teaches the visitor's drawings, and is judged."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core import Classifier, Evaluation, Weights, evaluate_all, hold_out, teach
from ui.drawings import Drawing, read_drawings
from ui.job import mnist
from ui.line import Line
from ui.runs import Run, Teaching
from ui.turn import take_turn

NAME = "Taught"


@dataclass(frozen=True, eq=False)
class Base:
    """The model that is taught.

    Attributes:
        number: of its run; 0 for the shipped one.
        title: what the page calls it.
        classifier: the model.
        results: how well it reads, by data set.
    """

    number: int
    title: str
    classifier: Classifier
    results: dict[str, Evaluation]


class Lesson:
    """Teaching: waiting, learning or ended. Its thread writes, the page reads.

    Some drawings are held out of a first teaching, which is there to be measured; what is used has learned from all.

    Attributes:
        base: the model that is taught.
        share: done so far, 0..1.
        stopped: whether it was asked to end.
        is_closing: whether that is because the server is being stopped.
        error: why it failed, in words for the visitor; else "".
        run: the model that it ended with; None when there is none.

    Args:
        line: where it waits for its turn.
        base: the model to teach; it stays as it is.
        drawings: to learn from, at least one.
        number: of the run that it will be.

    Raises:
        ValueError: there are no drawings.
    """

    def __init__(self, line: Line, base: Base, drawings: Sequence[Drawing], number: int) -> None:
        if not drawings:
            raise ValueError("There is nothing to teach: draw a digit and say what it is.")
        self.base, self.drawings, self.number = base, tuple(drawings), number
        self.share = 0.0
        self.stopped = False
        self.error = ""
        self.run: Run | None = None
        self.is_closing = False
        self._line = line
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"lesson-{number}", daemon=True)

    def start(self) -> None:
        """Begin as soon as it is its turn."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; that takes about a tenth of a second."""
        with self._line.changed:
            self.stopped = self.stopped or not self._ended.is_set()
            self._line.changed.notify_all()

    def close(self) -> None:
        """Ask it to end because the server is being stopped."""
        self.is_closing = True
        self.stop()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, but no longer than that; returns whether it has ended."""
        return self._ended.wait(seconds)

    @property
    def place(self) -> int:
        """How many runs are before it in the line."""
        try:
            return self._line.place(self)
        except ValueError:
            return 0

    def _live(self) -> None:
        self.error = take_turn(self._line, self, lambda: self.stopped, self._learn)
        self._ended.set()

    def _learn(self) -> None:
        started = time.monotonic()
        kept, held = hold_out([drawing.label for drawing in self.drawings])
        measured = [self.drawings[i] for i in held]
        trial = self._teach([self.drawings[i] for i in kept], 0.0, 0.5) if held else None
        weights = self._teach(self.drawings, 0.5 if held else 0.0, 1.0)
        if weights is None or (held and trial is None):
            return
        classifier = Classifier(weights, known=np.array([drawing.image for drawing in self.drawings]))
        teaching = Teaching(
            self.base.number,
            self.base.title,
            count=len(self.drawings),
            held_out=len(held),
            right_before=_count_right(measured, self.base.classifier),
            right_after=_count_right(measured, Classifier(trial)) if trial else 0,
        )
        results = evaluate_all(classifier)
        self.run = Run(
            self.number,
            NAME,
            classifier,
            results=results,
            seconds=time.monotonic() - started,
            verdict=f"{self.base.title}, taught with {drawings_text(len(self.drawings))} of yours.",
            init=self.base.classifier.weights,
            drawings=self.drawings,
            teaching=teaching,
        )

    def _teach(self, drawings: Sequence[Drawing], first: float, last: float) -> Weights | None:
        """Teach, while the share goes from first to last; None when it was stopped."""
        labelled = [(drawing.strokes, drawing.label) for drawing in drawings]
        weights: Weights | None = None
        for progress in teach(self.base.classifier, labelled, mnist()):
            if self.stopped:
                return None
            self.share = first + (last - first) * progress.step / progress.total_steps
            weights = progress.weights
        return weights


def drawings_text(count: int) -> str:
    """A count of drawings in words."""
    return "1 drawing" if count == 1 else f"{count} drawings"


def _count_right(drawings: Sequence[Drawing], classifier: Classifier) -> int:
    read = read_drawings(list(drawings), classifier)
    return sum(digit == drawing.label for digit, drawing in zip(read, drawings))
