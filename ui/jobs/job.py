"""One run: it waits for its turn, learns, and is measured on the test sets."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from mnist_core import (
    Classifier,
    Curve,
    History,
    Mnist,
    Progress,
    TrainConfig,
    Weights,
    draw_pen_digits,
    drawing_images,
    epochs_done,
    evaluate_all,
    evaluation_sets,
    figures,
    load_mnist,
    most_used_units,
    train,
    unit_pictures,
    variants_of,
)
from ui.jobs.verdict import diagnose
from ui.jobs.worker import Task, Worker
from ui.visitor.drawings import Drawing
from ui.visitor.runs import Run

_LOOK_SECONDS = 0.2  # between two looks at the drawing
_MOST_LOOKS = 80  # at the drawing: ten curves of so many points are sent to the page
_PATTERNS_SECONDS = 0.5  # between two images of the first layer


class Job(Task):
    """One run: waiting, learning or ended.

    Attributes:
        name: of the run.
        config: what it trains with, with what was changed on the way.
        stage: "waiting", "preparing", "training", "judging" or "ended".
        share_prepared: 0..1, of what is done before the first step.
        progress: the newest one.
        history: the curves.
        drawings: the visitor's own that it learns from, too.
        drawing: curve of (epochs, probabilities (10,)) of what is on the visitor's pad.
        patterns: (k, 28, 28) float32 [-1, 1], what the first layer's most used units look for.
        pages: that show it, by Gradio's names for them.

    Args:
        worker: that will do it.
        max_seconds: its time, from its turn on.
        number: of the run.
        name: of the run.
        config: the hyperparameters.
        init: weights to start from; None for fresh ones.
        drawings: the visitor's own, to learn from besides the rest.
        look_at: gives the (28, 28) image on the visitor's pad, or None.
        on_end: told of the job at its end.
    """

    def __init__(
        self,
        worker: Worker,
        max_seconds: float,
        *,
        number: int,
        name: str,
        config: TrainConfig,
        init: Weights | None,
        drawings: tuple[Drawing, ...] = (),
        look_at: Callable[[], np.ndarray | None],
        on_end: Callable[[Job], None],
    ) -> None:
        super().__init__(worker)
        self.number, self.name, self.config, self.drawings = number, name, config, drawings
        self.stage = "waiting"
        self.share_prepared = 0.0
        self.progress: Progress | None = None
        self.history = History()
        self.drawing: Curve[tuple[float, np.ndarray]] = Curve(_MOST_LOOKS)
        self.patterns: np.ndarray | None = None
        self.pages: set[str] = set()
        self._max_seconds = max_seconds
        self._init, self._look_at, self._on_end = init, look_at, on_end
        self._rate: float | None = None
        self._units: list[int] = []
        self._next_look = self._next_patterns = 0.0

    def change_rate(self, rate: float) -> None:
        """Go on with another learning rate. Raises ValueError for one out of its limits."""
        self.config.with_rate(0, rate)
        self._rate = rate

    @property
    def is_complete(self) -> bool:
        """Whether it did all of its steps."""
        return self.run is not None and self.progress is not None and self.progress.weights is not None

    @property
    def is_given_up(self) -> bool:
        """Whether it was stopped before its first step: that ends behind the page's back, it cannot be cut short."""
        return bool(self.stopped) and self.progress is None

    @property
    def eta_seconds(self) -> float | None:
        """About how long it will still take; None when that is not known."""
        return self.progress.eta_seconds if self.progress else None

    @property
    def seconds_to_turn(self) -> float | None:
        """About how long the task that has the machine will still take; None when that is not known."""
        first = self._worker.first()
        return first.eta_seconds if first else None

    def finish(self) -> None:
        """Tell who started it."""
        self.stage = "ended"
        self._on_end(self)

    def work(self) -> None:
        """Prepare, train and evaluate."""
        self.stage = "preparing"
        started = time.monotonic()
        if self.config.include_pen_digits:
            for share in draw_pen_digits(self.config.seed):
                self.share_prepared = share
                if self._is_over(started):
                    return
        progress, weights = self._follow(started)
        if progress is None or weights is None or self.stopped == "server":
            return
        self.stage = "judging"
        if progress.weights is None:
            self.config = replace(self.config, max_steps=progress.step)
        classifier = Classifier(weights)
        seconds = time.monotonic() - started
        if progress.test_accuracy is None:
            self.history.add_test(progress, self.config, figures(classifier.weights, self.config.loss, *_test_set()))
        self.run = Run(
            self.number,
            self.name,
            classifier,
            results=evaluate_all(classifier),
            config=self.config,
            history=self.history,
            seconds=seconds,
            verdict=diagnose(self.config, self.history),
            init=self._init,
            drawings=self.drawings,
        )

    def _follow(self, started: float) -> tuple[Progress | None, Weights | None]:
        """Train; returns the last progress, without weights of its own when ended early, and the weights so far."""
        steps = train(self.config, mnist(), init=self._init, extra=self._extra())
        rate: float | None = None
        while not self._is_over(started):
            try:
                progress = steps.send(rate)
            except StopIteration:
                break
            self._note(progress)
            self.stage = "training"
            rate, self._rate = self._rate, None
            if rate is not None:
                self.config = self.config.with_rate(progress.step, rate)
        return self.progress, self.progress.snapshot() if self.progress else None

    def _extra(self) -> tuple[np.ndarray, np.ndarray] | None:
        if not self.drawings:
            return None
        labelled = [(drawing.strokes, drawing.label) for drawing in self.drawings]
        return drawing_images(labelled, self.config.seed, variants_of(len(labelled)))

    def _is_over(self, started: float) -> bool:
        if time.monotonic() - started > self._max_seconds:
            self.stopped = self.stopped or "time"
        return bool(self.stopped)

    def _note(self, progress: Progress) -> None:
        """Take down what the page shows."""
        self.history.add(progress, self.config)
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            self._look(progress)
        if now >= self._next_patterns or progress.weights:
            self._next_patterns = now + _PATTERNS_SECONDS
            weights = progress.snapshot()
            self._units = most_used_units(weights, _test_set()[0][:256], shown=self._units)
            self.patterns = unit_pictures(weights, self._units, _test_set()[0][:256])
        self.progress = progress

    def _look(self, progress: Progress) -> None:
        image = self._look_at()
        if image is not None:
            probabilities = Classifier(progress.snapshot()).probabilities(image[None])[0]
            self.drawing.add((epochs_done(progress, self.config), probabilities))


@cache
def mnist() -> Mnist:
    """MNIST, loaded once for all visitors, read-only."""
    data = load_mnist()
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        array.flags.writeable = False
    return data


def _test_set() -> tuple[np.ndarray, np.ndarray]:
    return evaluation_sets()["mnist_test"]
