"""Training as a generator of progress: the loop itself, with its gradient tape, is in loop.py."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.cluster import check_agreement, cluster, lost_worker_named
from mnist_core.config import TrainConfig
from mnist_core.data.datasets import Mnist, epoch_order
from mnist_core.data.pen_images import pen_digit_images
from mnist_core.device import out_of_memory_named, tensorflow, training_strategy
from mnist_core.errors import InvalidInput
from mnist_core.inference.evaluation import figures
from mnist_core.memory import require_memory
from mnist_core.model.network import get_weights, parameter_count, set_weights
from mnist_core.model.weights import CLASSES, INPUTS, Weights
from mnist_core.training.loop import Loop, give_back, take_loop
from mnist_core.training.optimizers import averaged_variables
from mnist_core.training.schedule import learning_rates

CHUNK_SECONDS = 0.1  # what one call into the graph should take: the time until a Stop is noticed
_FIRST_CHUNK_SAMPLES, _FIRST_CHUNK_WEIGHTS = 3_000, 22_000_000  # at most: images, and changes of a weight
_SPARE_BYTES = 64e6  # for the graph, and for whatever else the process does meanwhile


class TrainingDiverged(RuntimeError):
    """The loss is no longer a finite number; the message names the step and what to change."""


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a run has come. All numbers are plain Python.

    Attributes:
        step: steps done, 1..total_steps.
        total_steps: steps of the whole run.
        epoch: the epoch that the last step belongs to, 1..epochs.
        samples_per_second: training images per second, over the last chunk.
        train_loss: mean over the last chunk.
        train_accuracy: share of the last chunk's images read right while training on them, 0..1.
        test_accuracy: on the test images, 0..1, of the weights that the run would return now. None between the ends
            of epochs; where epochs are short, also at most of those (testing would take longer than training).
        eta_seconds: time left, in seconds.
        learning_rate: of the last step.
        test_loss: mean over the test images, with `test_accuracy`; else None.
        weights: the result, on the last progress of the run only; else None.
        snapshot: copies the weights that the run would return now; to be called before the generator goes on.
    """

    step: int
    total_steps: int
    epoch: int
    samples_per_second: float
    train_loss: float
    train_accuracy: float
    test_accuracy: float | None
    eta_seconds: float
    learning_rate: float
    test_loss: float | None
    weights: Weights | None
    snapshot: Callable[[], Weights]


def train(
    config: TrainConfig,
    data: Mnist,
    *,
    init: Weights | None = None,
    extra: tuple[np.ndarray, np.ndarray] | None = None,
) -> Generator[Progress, float | None, None]:
    """Train a model and yield how it goes, about ten times a second and at the end of each epoch.

    The same arguments give bit-identical weights on the same CPU. Closing the generator ends the run. Sending it a
    number changes the learning rate from the next step on, as `config.with_rate` of the last step would have.
    With several devices (`device.training_strategy`) it is the same run, its steps divided among them. With several
    workers each has to call this with the same arguments, go on to the end, and send the same rates after the same
    steps: a worker that leaves off ends the others' runs too, with WorkerLost, after a minute at the latest.

    Args:
        config: the hyperparameters.
        data: training images, and the test images that `test_accuracy` is measured on.
        init: weights to start from; their activation and widths must be the config's. Default: fresh ones.
        extra: more training images: images (n, 28, 28) uint8 [0, 255], labels (n,) 0..9.

    Yields:
        Progress; the last one holds the weights.

    Raises:
        ValueError: `init` or `extra` do not fit, or the rate that was sent is out of its limits; or several workers
            were given different arguments.
        TrainingDiverged: the loss stopped being finite.
        WorkerLost: one of several workers ended, does not answer, or never came up.
        MemoryError: there is not enough memory for it.
    """
    images, labels = _training_pictures(config, data, extra)
    check_init(config, init)
    strategy = training_strategy()
    require_memory(_needed_memory(config, len(labels), len(data.test_labels)), "This run")
    with lost_worker_named(tensorflow()) if cluster() else nullcontext():
        if cluster():
            start = [array.tobytes() for array in init.arrays] if init else []
            check_agreement(tensorflow(), strategy, repr(config).encode(), images.tobytes(), labels.tobytes(), *start)
        with out_of_memory_named():
            loop = take_loop(config, strategy=strategy)
            try:
                with closing(_Run(config, loop, init, images, labels)) as run:
                    del images, labels  # the device has its own
                    yield from _progress(run, data)
            finally:
                give_back(loop, config, strategy=strategy)


def _needed_memory(config: TrainConfig, pictures: int, tests: int) -> float:
    """Bytes that a run takes at most, about; generously: the largest one took 330 MB, of which this says 540."""
    widths = sum(config.hidden_units)
    of_batch = config.batch_size * ((12 if config.augment else 4) * INPUTS + 3 * widths)
    of_test = tests * (INPUTS + widths)
    # Weights, gradients, two moments, an average and a copy; and the images, on the device and before.
    return 4 * (6 * parameter_count(config) + of_batch + of_test) + 2 * pictures * INPUTS + _SPARE_BYTES


def _progress(run: _Run, data: Mnist) -> Generator[Progress, float | None, None]:
    done_samples, tested_at = 0, 0
    while run.step < run.end:
        chunk = run.chunk()
        done_samples += chunk.samples
        is_last = run.step == run.end
        # A test of as many images as were trained on takes about a third of the time.
        is_test_due = run.is_at_end_of_epoch and done_samples - tested_at >= len(data.test_labels) / 2
        tested = None
        if is_last or is_test_due:
            tested = figures(run.weights(), run.config.loss, data.test_images, data.test_labels)
            tested_at = done_samples
        rate = yield Progress(
            step=run.step,
            total_steps=run.total_steps,
            epoch=run.epoch,
            samples_per_second=chunk.samples / chunk.seconds,
            train_loss=chunk.loss_sum / chunk.samples,
            train_accuracy=chunk.correct / chunk.samples,
            test_accuracy=tested.accuracy if tested else None,
            eta_seconds=run.eta_seconds,
            learning_rate=chunk.learning_rate,
            test_loss=tested.loss if tested else None,
            weights=run.weights() if is_last else None,
            snapshot=run.weights,
        )
        if rate is not None:
            run.change_rate(rate)


@dataclass(frozen=True)
class _Chunk:
    """What came back from one call into the graph."""

    samples: int
    seconds: float
    loss_sum: float
    correct: int
    learning_rate: float


class _Run:
    """One run's model, optimizer and data on the device, and the graph that trains on them."""

    def __init__(
        self, config: TrainConfig, loop: Loop, init: Weights | None, images: np.ndarray, labels: np.ndarray
    ) -> None:
        tf = tensorflow()
        self.config = config
        self.step = 0
        self.count = len(labels)
        self.steps_per_epoch = math.ceil(self.count / config.batch_size)
        self.total_steps = config.epochs * self.steps_per_epoch
        self.end = min(self.total_steps, config.max_steps or self.total_steps)
        self._loop = loop
        if init is not None:
            set_weights(loop.model, init)
        self._images: Any = tf.constant(images)
        self._labels: Any = tf.constant(labels)
        self._order: Any = None
        most = min(_FIRST_CHUNK_SAMPLES // config.batch_size, _FIRST_CHUNK_WEIGHTS // parameter_count(config))
        self._chunk_steps = max(1, most)
        self._chunks = 0

    @property
    def epoch(self) -> int:
        """The epoch of the last step, from 1."""
        return max(1, math.ceil(self.step / self.steps_per_epoch))

    @property
    def is_at_end_of_epoch(self) -> bool:
        return self.step % self.steps_per_epoch == 0

    @property
    def eta_seconds(self) -> float:
        """Seconds to the end, at the speed so far; the first chunk, which builds the graph, counts only when alone."""
        seconds_per_step = (time.perf_counter() - self._timed_from) / (self.step - self._timed_step)
        return (self.end - self.step) * seconds_per_step

    def change_rate(self, rate: float) -> None:
        """Go on with another learning rate. Raises ValueError where the config would."""
        self.config = self.config.with_rate(self.step, rate)

    def chunk(self) -> _Chunk:
        """Train for about CHUNK_SECONDS, and not past the end of the epoch."""
        done = self.step % self.steps_per_epoch
        if not done:
            epoch = self.step // self.steps_per_epoch + 1
            self._order = tensorflow().constant(epoch_order(self.count, self.config.seed, epoch))
        left = min(self.steps_per_epoch - done, self.end - self.step)
        # Chunks of about one size: the figures of a last chunk of two steps would say nothing.
        return self._chunk(done, math.ceil(left / max(1, round(left / self._chunk_steps))))

    def close(self) -> None:
        """Free the images, 47 MB: whoever keeps the last progress keeps the run."""
        self._images = self._labels = self._order = None

    def weights(self) -> Weights:
        """The weights that the run would return now: averaged where the config says so."""
        if not self.config.ema_decay:
            return get_weights(self._loop.model, self.config.activation)
        averages = [variable.numpy() for variable in averaged_variables(self._loop.optimizer)]
        return Weights.from_arrays(averages, self.config.activation)

    def _chunk(self, first_batch: int, steps: int) -> _Chunk:
        tf = tensorflow()
        rates = learning_rates(self.config, self.total_steps, self.step, steps)
        started = time.perf_counter()
        if self._chunks < 2:
            self._timed_from, self._timed_step = started, self.step
        plan = tf.constant([self.config.batch_size, first_batch, self.step, self.config.seed])
        loss_sum, correct = self._loop.train_chunk(self._images, self._labels, self._order, tf.constant(rates), plan)
        loss_sum, correct = float(loss_sum), int(correct)
        seconds = time.perf_counter() - started
        self.step += steps
        if not math.isfinite(loss_sum):
            raise TrainingDiverged(_divergence_message(self.config, self.step))
        samples = min(steps * self.config.batch_size, self.count - first_batch * self.config.batch_size)
        # The first call may trace the graph: its time says nothing about the next ones. Several workers have to take
        # the same steps together, and each would measure another time.
        if self._chunks and not cluster():
            self._chunk_steps = max(1, round(steps * CHUNK_SECONDS / seconds))
        self._chunks += 1
        return _Chunk(samples, seconds, loss_sum, correct, float(rates[-1]))


def _training_pictures(
    config: TrainConfig, data: Mnist, extra: tuple[np.ndarray, np.ndarray] | None
) -> tuple[np.ndarray, np.ndarray]:
    """All images of the run: (n, 28, 28) uint8, (n,) uint8."""
    parts = [(data.train_images[: config.train_size], data.train_labels[: config.train_size])]
    if config.include_pen_digits:
        parts.append(pen_digit_images(config.seed))
    if extra is not None:
        parts.append(_check_extra(*extra))
    images, labels = zip(*parts)
    return np.concatenate(images), np.concatenate(labels)


def _check_extra(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    images, labels = np.asarray(images), np.asarray(labels)
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        raise InvalidInput(
            "Invalid value for argument `extra`. Expected images (n, 28, 28) uint8 and labels (n,). "
            f"Received: {images.shape} {images.dtype}, {labels.shape}"
        )
    if labels.size and not (labels.min() >= 0 and labels.max() < CLASSES):
        raise InvalidInput("Invalid value for argument `extra`. Expected labels 0..9.")
    return images, labels.astype(np.uint8)


def check_init(config: TrainConfig, init: Weights | None) -> None:
    """Raises ValueError, naming the hyperparameter, when a run with this config cannot start from these weights."""
    if init is None:
        return
    for name in ("hidden_units", "activation"):
        if getattr(init, name) != getattr(config, name):
            raise InvalidInput(
                f"Invalid value for argument `{name}`. Expected {getattr(init, name)!r}, as the model to start from "
                f"has. Received: {getattr(config, name)!r}"
            )


def _divergence_message(config: TrainConfig, step: int) -> str:
    rate = config.rate_changes[-1][1] if config.rate_changes else config.learning_rate
    return (
        f"The loss is no longer a finite number at step {step}: the training diverged. "
        f"Lower the learning rate (it is {rate:g}), for example to {rate / 10:g}"
        + (", or use the cross-entropy loss." if config.loss == "squared_error" else ", or add warm-up epochs.")
    )
