"""Gives the machine to one run at a time, and says beforehand how long a run will take on it."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable

import numpy as np

from mnist_core import DamagedData, Speed, TrainConfig, Weights, check_init, measure_speed
from ui.drawings import Drawing
from ui.job import Job
from ui.lesson import Base, Lesson
from ui.limits import PROGRAM_RUNS, Limits
from ui.line import Line
from ui.turn import lower_priority

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
        self._line = Line()
        self._speed: Speed | None = None
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
        address: str = "",
        is_program: bool = False,
    ) -> Job:
        """Put a run in the line and start it when it is its turn.

        Args:
            config: the hyperparameters.
            number: of the run.
            name: of the run.
            init: weights to start from; default: fresh ones.
            drawings: the visitor's own, to learn from besides the rest.
            look_at: gives the (28, 28) picture on the visitor's pad, or None.
            address: where whoever starts it comes from; "" for nowhere.
            is_program: whether it is not started on the page.

        Raises:
            QueueFull: too many wait already, or too many from that address.
            ValueError: the weights to start from do not fit the config.
        """
        check_init(config, init)
        job = Job(
            self._line,
            self.max_seconds,
            number=number,
            name=name,
            config=config,
            init=init,
            drawings=drawings,
            look_at=look_at,
            on_end=self._learn_from,
        )
        self._join(job, address, is_program)
        job.start()
        return job

    def _join(self, member: object, address: str, is_program: bool = False) -> None:
        """Raises QueueFull."""
        most = PROGRAM_RUNS if is_program else self._limits.runs_of_address
        owner = f"programs at {address}" if is_program and address else address
        self._line.join(member, self._limits.waiting_runs, owner, most)

    def teach(self, base: Base, drawings: tuple[Drawing, ...], number: int, address: str = "") -> Lesson:
        """Put a lesson in the line and start it when it is its turn.

        Args:
            base: the model to teach.
            drawings: to learn from, at least one.
            number: of the run that it will be.
            address: where whoever starts it comes from; "" for nowhere.

        Raises:
            QueueFull: too many wait already, or too many from that address.
            ValueError: there are no drawings.
        """
        lesson = Lesson(self._line, base, drawings, number)
        self._join(lesson, address)
        lesson.start()
        return lesson

    def close(self, seconds: float) -> bool:
        """The server is being stopped: end all runs and lessons, and start no more.

        Args:
            seconds: that they may take to end.

        Returns:
            Whether there were any.
        """
        under_way = [member for member in self._line.close() if isinstance(member, Job | Lesson)]
        for member in under_way:
            member.close()
        self._line.wait_until_empty(seconds)
        return bool(under_way)

    def __len__(self) -> int:
        """How many runs are learning or waiting."""
        return len(self._line)

    def measure(self) -> None:
        """Measure the machine's speed, once, if nobody has a run on it."""
        token = object()
        if self._speed or not self._line.join_if_empty(token):
            return
        try:
            measuring = threading.Thread(target=self._measure, name="measure-speed", daemon=True)
            measuring.start()
            measuring.join()
        finally:
            self._line.leave(token)

    def seconds(self, config: TrainConfig) -> float | None:
        """About how long a run will take; None as long as the speed is not known."""
        return self._speed.seconds(config) * self._slowness if self._speed else None

    def _learn_from(self, job: Job) -> None:
        """A long run that went to its end tells more than the short measurement: from then on, it counts by half."""
        if self._speed and job.run and job.is_complete and job.run.seconds >= _TELLING_SECONDS:
            self._slowness = math.sqrt(self._slowness * job.run.seconds / self._speed.seconds(job.config))

    def _measure(self) -> None:
        lower_priority()
        try:
            self._speed = measure_speed()
        except (DamagedData, MemoryError) as error:
            _log.warning("The machine's speed could not be measured: %s", error)
        except Exception:
            _log.exception("The machine's speed could not be measured")
