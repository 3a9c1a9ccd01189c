from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest

from mnist_core import Classifier, Evaluation, TrainConfig, evaluate
from tests.support.waiting import PATIENCE
from ui.jobs.trainer import Trainer
from ui.limits import Limits
from ui.visitor.runs import Run
from ui.visitor.session import Model
from ui.visitor.sessions import Sessions

MakeRun = Callable[..., Run]
MakeTrainer = Callable[..., Trainer]


@cache
def shipped() -> Classifier:
    return Classifier.load()


def evaluation(right: int, of: int = 100) -> Evaluation:
    """Of a made-up classifier that reads everything as 1: `right` of the labels are 1."""
    images, labels = np.zeros((of, 28, 28), np.uint8), np.array([1] * right + [7] * (of - right))
    found = evaluate(shipped(), images, labels)
    predicted = int(found.predicted[0])
    return evaluate(shipped(), images, np.where(labels == 1, predicted, (predicted + 1) % 10))


@pytest.fixture
def make_run() -> MakeRun:
    def make(number: int, right: int = 99, config: TrainConfig | None = None, name: str = "Recommended") -> Run:
        results = {"mnist_test": evaluation(right), "pen_dev": evaluation(right)}
        return Run(number, name, shipped(), results, config or TrainConfig())

    return make


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(Model(shipped(), "Shipped"), grace=0.2)


@pytest.fixture
def make_trainer() -> Iterator[MakeTrainer]:
    """Makes trainers, each with the limits that it is given."""
    made: list[Trainer] = []

    def make(**limits: float) -> Trainer:
        made.append(Trainer(Limits(**limits)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    left = [trainer.job_count for trainer in made]
    for trainer in made:
        trainer.close(PATIENCE)  # or the tests would not end before a run that a failed one has left
    assert not any(left), "a slot is stuck"


@pytest.fixture
def trainer(make_trainer: MakeTrainer) -> Trainer:
    return make_trainer()
