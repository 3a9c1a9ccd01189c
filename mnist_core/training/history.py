"""How a run went, as bounded curves of plain numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Generic, TypeVar

from mnist_core.config import TrainConfig
from mnist_core.inference.evaluation import Figures
from mnist_core.training.trainer import Progress

Point = TypeVar("Point")

MAX_POINTS = 200  # of a curve: as many as a chart on a page can show


class Curve(Generic[Point]):
    """Points of a curve in their order, evenly thinned so that there are never many.

    Args:
        limit: the most points it holds, at least 2.
    """

    def __init__(self, limit: int = MAX_POINTS) -> None:
        self._limit = limit
        self._kept: list[Point] = []
        self._last: list[Point] = []
        self._stride = 1
        self._seen = 0

    @property
    def points(self) -> list[Point]:
        """The points that are left; the first and the newest one always are."""
        return self._kept + self._last

    def add(self, point: Point) -> None:
        """Add the newest point."""
        self._last = [point]
        if self._seen % self._stride == 0:
            self._kept.append(point)
            self._last = []
        self._seen += 1
        if len(self.points) >= self._limit:
            self._last = [point]
            self._kept = self._kept[: -1 if self._kept[-1] is point else None : 2]
            self._stride *= 2


@dataclass(frozen=True)
class TrainPoint:
    """What one moment of a run told of the images it trains on.

    Attributes:
        step: steps done.
        epochs: passes over the images, as a number with a fraction.
        loss: mean over the images of the last chunk.
        accuracy: share of them read right, 0..1.
        learning_rate: of the last step.
    """

    step: int
    epochs: float
    loss: float
    accuracy: float
    learning_rate: float


@dataclass(frozen=True)
class TestPoint:
    """What one moment of a run told of the test images; attributes as in `TrainPoint`."""

    __test__ = False  # not for pytest

    step: int
    epochs: float
    loss: float
    accuracy: float


@dataclass(eq=False)
class History:
    """The curves of one run.

    Attributes:
        train: points about the images trained on.
        test: points about the test images.
    """

    train: Curve[TrainPoint] = field(default_factory=Curve)
    test: Curve[TestPoint] = field(default_factory=Curve)

    def add(self, progress: Progress, config: TrainConfig) -> None:
        """Take down what a run has yielded."""
        step, epochs = progress.step, epochs_done(progress, config)
        self.train.add(TrainPoint(step, epochs, progress.train_loss, progress.train_accuracy, progress.learning_rate))
        if progress.test_accuracy is not None and progress.test_loss is not None:
            self.add_test(progress, config, Figures(progress.test_accuracy, progress.test_loss))

    def add_test(self, progress: Progress, config: TrainConfig, figures: Figures) -> None:
        """Take down what the model was measured at, after that progress."""
        self.test.add(TestPoint(progress.step, epochs_done(progress, config), figures.loss, figures.accuracy))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "train": [asdict(point) for point in self.train.points],
            "test": [asdict(point) for point in self.test.points],
        }


def epochs_done(progress: Progress, config: TrainConfig) -> float:
    """Passes over the training images so far, as a number with a fraction."""
    return progress.step * config.epochs / progress.total_steps
