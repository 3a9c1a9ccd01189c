"""A job that teaches a model the visitor's drawings: it waits for its turn, learns, and tells what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from mnist_core import Classifier, Weights, evaluate_all, hold_out, teach
from mnist_core.errors import InvalidInput
from ui.jobs.job import mnist
from ui.jobs.worker import Task, Worker
from ui.visitor.drawings import Drawing, read_drawings
from ui.visitor.runs import Base, Run, TeachingResult

NAME = "Taught"


class TeachingJob(Task):
    """Teaching a model: waiting, learning or ended.

    It is done twice: without some of the drawings, to measure on these, and with all of them, for use.

    Attributes:
        base: the model that is taught.
        share: done so far, 0..1.

    Args:
        worker: that will do it.
        base: the model to teach; it stays as it is.
        drawings: to learn from, at least one.
        number: of the run that it will be.
        on_end: told of this job at its end.

    Raises:
        ValueError: there are no drawings.
    """

    def __init__(
        self,
        worker: Worker,
        base: Base,
        drawings: Sequence[Drawing],
        number: int,
        on_end: Callable[[TeachingJob], None] = lambda job: None,
    ) -> None:
        if not drawings:
            raise InvalidInput("There is nothing to teach: draw a digit and say what it is.")
        super().__init__(worker)
        self.base, self.drawings, self.number = base, tuple(drawings), number
        self.share = 0.0
        self._on_end = on_end

    def finish(self) -> None:
        """Tell who started it."""
        self._on_end(self)

    def work(self) -> None:
        """Teach, once to measure and once for use, and measure."""
        started = time.monotonic()
        kept, held = hold_out([drawing.label for drawing in self.drawings])
        measured = [self.drawings[i] for i in held]
        trial = self._teach([self.drawings[i] for i in kept], 0.0, 0.5) if held else None
        weights = self._teach(self.drawings, 0.5 if held else 0.0, 1.0)
        if weights is None or (held and trial is None):
            return
        classifier = Classifier(weights, known=np.array([drawing.image for drawing in self.drawings]))
        teaching = TeachingResult(
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
