"""How long a run will take on this machine, from a measurement of a second or two."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from mnist_core.config import TrainConfig
from mnist_core.data.datasets import Mnist, load_mnist
from mnist_core.data.pen_images import pen_digit_count
from mnist_core.inference.classifier import Classifier
from mnist_core.inference.evaluation import figures
from mnist_core.model.network import parameter_count
from mnist_core.training.trainer import train

_SMALL, _LARGE = 32, 512  # batch sizes that tell the cost of a step from the cost of an image
_MEASURED_SECONDS = 0.2


@dataclass(frozen=True)
class Speed:
    """What training costs on a machine, in seconds.

    Attributes:
        start: from `train` to its first progress: building the graph.
        step: of one step with plain SGD, whatever its batch size, for the standard model.
        optimizer: of one step with any other optimizer, besides.
        image: of one image in a step, for the standard model.
        augmentation: of one image's augmentation.
        test: of one test on the MNIST test set.
    """

    start: float
    step: float
    optimizer: float
    image: float
    augmentation: float
    test: float

    def seconds(self, config: TrainConfig) -> float:
        """How long a run with this config will take, about."""
        images = picture_count(config)
        steps_per_epoch = -(-images // config.batch_size)
        size = parameter_count(config) / parameter_count(TrainConfig())
        image = self.image * size + (self.augmentation if config.augment else 0)
        step = (self.step + (self.optimizer if config.optimizer != "sgd" else 0)) * size
        epoch = steps_per_epoch * step + images * image
        tests = min(config.epochs, config.epochs * images / 5_000)
        return self.start + config.epochs * epoch + tests * self.test


def picture_count(config: TrainConfig) -> int:
    """How many training images an epoch of a run with this config goes through."""
    return config.train_size + (pen_digit_count() if config.include_pen_digits else 0)


def measure_speed() -> Speed:
    """Train for a moment, in ways that tell the costs apart; takes two or three seconds."""
    data = load_mnist()
    _, adam = _time_run(TrainConfig(batch_size=_SMALL), data)
    # Not the first run's start: in that one TensorFlow was imported, which no later run has to wait for.
    start, sgd = _time_run(TrainConfig(batch_size=_SMALL, optimizer="sgd"), data)
    _, large = _time_run(TrainConfig(batch_size=_LARGE), data)
    _, augmented = _time_run(TrainConfig(batch_size=_LARGE, augment=True), data)
    # An image costs a + b / batch size: two sizes give both.
    step = max(0.0, (adam - large) / (1 / _SMALL - 1 / _LARGE))
    image = max(large - step / _LARGE, 1e-9)
    optimizer = min(step, max(0.0, (adam - sgd) * _SMALL))
    return Speed(start, step - optimizer, optimizer, image, max(0.0, augmented - large), _time_test(data))


def _time_run(config: TrainConfig, data: Mnist) -> tuple[float, float]:
    """Seconds to the first progress, and seconds of an image after it."""
    begun = time.perf_counter()
    run = train(replace(config, epochs=100), data)
    next(run)
    start = time.perf_counter() - begun
    until = time.perf_counter() + _MEASURED_SECONDS
    speeds = []
    while time.perf_counter() < until:
        speeds.append(next(run).samples_per_second)
    run.close()
    # The best of several: what else the machine was doing made the others slower.
    return start, 1 / max(speeds)


def _time_test(data: Mnist) -> float:
    begun = time.perf_counter()
    figures(Classifier.load().weights, "cross_entropy", data.test_images, data.test_labels)
    return time.perf_counter() - begun
