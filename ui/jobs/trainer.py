"""Gives the machine to one run at a time, and says beforehand how long a run will take on it."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable

import numpy as np

from mnist_core import Speed, TrainConfig, Weights, check_init, measure_speed
from ui.jobs.job import Job
from ui.jobs.teaching_job import TeachingJob
from ui.jobs.worker import Task, Worker
from ui.limits import PROGRAM_RUNS, Limits
from ui.visitor.drawings import Drawing
from ui.visitor.runs import Base

_TELLING_SECONDS = 4.0

_log = logging.getLogger(__name__)


class Trainer:
    """Gives out jobs, one for each run, and knows how fast the machine is.

    Args:
        limits: how long a run may take, and how many may wait.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.max_seconds = self._limits.train_seconds
        self._worker = Worker()
        self._speed: Speed | None = None
        self._measuring = threading.Lock()
        self._slowness = 1.0  # of the runs before: how much longer they took than was reckoned

    def start(
        self,
        config: TrainConfig,
        *,
        number: int = 1,
        name: str = "",
        init: Weights | None = None,
        drawings: tuple[Drawing, ...] = (),
        look_at: Callable[[], np.ndarray | None] = lambda: None,
        on_end: Callable[[Job], None] = lambda job: None,
        address: str = "",
        is_program: bool = False,
    ) -> Job:
        """Let a run be done when it is its turn.

        Args:
            config: the hyperparameters.
            number: of the run.
            name: of the run.
            init: weights to start from; default: fresh ones.
            drawings: the visitor's own, to learn from besides the rest.
            look_at: gives the (28, 28) image on the visitor's pad, or None.
            on_end: told of the job at its end, before `Job.wait` says so.
            address: where whoever starts it comes from; "" for nowhere.
            is_program: whether it is not started on the page.

        Raises:
            QueueFull: too many wait already, or too many from that address.
            ValueError: the weights to start from do not fit the config.
        """
        check_init(config, init)

        def end(job: Job) -> None:
            self._learn_from(job)
            on_end(job)

        job = Job(
            self._worker,
            self.max_seconds,
            number=number,
            name=name,
            config=config,
            init=init,
            drawings=drawings,
            look_at=look_at,
            on_end=end,
        )
        self._add(job, address, is_program)
        return job

    def _add(self, task: Task, address: str, is_program: bool = False) -> None:
        """Raises QueueFull."""
        most = PROGRAM_RUNS if is_program else self._limits.runs_of_address
        task.owner = f"programs at {address}" if is_program and address else address
        self._worker.add(task, self._limits.waiting_runs, most)

    def teach(
        self,
        base: Base,
        drawings: tuple[Drawing, ...],
        number: int,
        address: str = "",
        on_end: Callable[[TeachingJob], None] = lambda job: None,
    ) -> TeachingJob:
        """Teach when it is this job's turn.

        Args:
            base: the model to teach.
            drawings: to learn from, at least one.
            number: of the run that it will be.
            address: where whoever starts it comes from; "" for nowhere.
            on_end: told of the job at its end, before `TeachingJob.wait` says so.

        Raises:
            QueueFull: too many wait already, or too many from that address.
            ValueError: there are no drawings.
        """
        job = TeachingJob(self._worker, base, drawings, number, on_end)
        self._add(job, address)
        return job

    def close(self, seconds: float) -> bool:
        """The server is being stopped: end all runs and teaching jobs, and start no more.

        Args:
            seconds: that they may take to end.

        Returns:
            Whether there were any.
        """
        return self._worker.close(seconds)

    @property
    def job_count(self) -> int:
        """How many runs are learning or waiting."""
        return len(self._worker)

    def measure(self) -> None:
        """Measure the machine's speed, once, if nobody has a run on it; wait where it is being measured."""
        with self._measuring:
            measurement = _Measurement(self._worker)
            if self._speed or not self._worker.add_if_idle(measurement):
                return
            measurement.wait()
            self._speed = measurement.speed
            if measurement.error:
                _log.warning("The machine's speed could not be measured: %s", measurement.error)

    def seconds(self, config: TrainConfig) -> float | None:
        """About how long a run will take; None as long as the speed is not known."""
        return self._speed.seconds(config) * self._slowness if self._speed else None

    def _learn_from(self, job: Job) -> None:
        """A long run that went to its end tells more than the short measurement: from then on, it counts by half."""
        if self._speed and job.run and job.is_complete and job.run.seconds >= _TELLING_SECONDS:
            self._slowness = math.sqrt(self._slowness * job.run.seconds / self._speed.seconds(job.config))


class _Measurement(Task):
    speed: Speed | None = None

    def work(self) -> None:
        self.speed = measure_speed()
