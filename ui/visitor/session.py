"""What one visitor owns: their model, runs, drawings, and what they have under way."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mnist_core import Classifier, Evaluation, Weights, evaluate_all
from mnist_core.errors import InvalidInput
from ui.visitor.drawings import Drawings
from ui.visitor.runs import Base, Run, Runs

if TYPE_CHECKING:
    from ui.jobs.job import Job
    from ui.jobs.teaching_job import TeachingJob


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
        job: their run that is waiting or under way.
        stopped_run: the model so far of the run that they stopped last, until they keep it or start another.
        teaching_job: their teaching job that is waiting or under way.
        drawings: what they drew and said what it is; None until their browser has told what it keeps.
        drawing: (28, 28) float32 [0, 1], what was read for them last; None for an empty pad.
        seen: when they last did something, by time.monotonic().
        address: where they came from; "" for nowhere.
        hashes: Gradio's names for the loads of their page, the newest last.
        is_gone: whether they were away for so long that all of this was freed.
    """

    shipped: Model
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    runs: Runs = field(default_factory=Runs)
    in_use: int | None = None
    job: Job | None = None
    stopped_run: Run | None = None
    teaching_job: TeachingJob | None = None
    drawings: Drawings | None = None
    drawing: np.ndarray | None = None
    seen: float = field(default_factory=time.monotonic)
    address: str = ""
    hashes: deque[str] = field(default_factory=deque)
    is_gone: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)  # of job and teaching_job: tabs share them

    @property
    def model(self) -> Model:
        """The model that reads for this visitor."""
        # The pad's requests come from other threads: between two looks, the run may be deleted.
        run = self.runs.find(self.in_use)
        return Model(run.classifier, run.title) if run else self.shipped

    @property
    def weights(self) -> list[Weights]:
        """Of the runs that they keep, and of the one that they stopped last."""
        stopped = [self.stopped_run] if self.stopped_run else []
        return [weights for run in (*self.runs, *stopped) for weights in run.weights]

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

    def keep(self, run: Run, in_place_of: Run | None = None) -> None:
        """Add a run and let its model read. Raises ValueError when they have all the runs they may."""
        self.runs.add(run, in_place_of)
        self.in_use = run.number

    def delete(self, number: int) -> None:
        """Delete a run; when its model was in use, the shipped one reads again."""
        self.runs.delete(number)
        if self.in_use == number:
            self.in_use = None

    def begin_job(self, start: Callable[[], Job]) -> Job:
        """Start a run, whose end goes to `end_job`. Raises Busy, and what `start` raises."""
        with self._lock:
            if self.job and not self.job.is_given_up:
                raise Busy("A run of yours is on already, perhaps in another tab. Stop it first.")
            self.job = start()
            self.stopped_run = None
            return self.job

    def end_job(self, job: Job) -> None:
        """Take over a complete run; one that was stopped waits for the visitor's word."""
        with self._lock:
            if self.job is not job:  # another one was started since, or all is freed
                return
            self.job, self.stopped_run = None, job.run
            if job.run and job.is_complete:
                # There is no room when the visitor has uploaded a model meanwhile: then they are asked, too.
                with suppress(InvalidInput):
                    self.keep(job.run)
                    self.stopped_run = None

    def begin_teaching_job(self, start: Callable[[], TeachingJob]) -> TeachingJob:
        """Start a teaching job, whose end goes to `end_teaching_job`. Raises Busy, and what `start` raises."""
        with self._lock:
            if self.teaching_job and not self.teaching_job.stopped:
                raise Busy("You are teaching already, perhaps in another tab.")
            self.teaching_job = start()
            return self.teaching_job

    def end_teaching_job(self, job: TeachingJob) -> None:
        """Take over what was taught, in place of what was taught from the same model before."""
        with self._lock:
            if self.teaching_job is not job:
                return
            self.teaching_job = None
            if job.run is None or job.stopped:
                return
            try:
                self.keep(job.run, in_place_of=self.runs.taught_from(job.base.number))
            except InvalidInput as error:  # they have uploaded a model meanwhile
                job.error = str(error)

    def let_go(self) -> None:
        """Free all that takes room."""
        self.is_gone = True
        self.stop()
        with self._lock:
            self.job = self.teaching_job = None
        self.runs, self.in_use, self.stopped_run, self.drawing, self.drawings = Runs(), None, None, None, None

    def stop(self) -> None:
        """End what they have under way."""
        for under_way in (self.job, self.teaching_job):
            if under_way:
                under_way.stop()


class Busy(InvalidInput):
    """The visitor has a run or a teaching job under way already."""
