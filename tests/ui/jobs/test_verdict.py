"""What is said of a run."""

from __future__ import annotations

import re

import pytest

from mnist_core import History, TrainConfig
from mnist_core.training.history import TestPoint, TrainPoint
from ui.jobs.verdict import diagnose


def history(trained: float, tested: float, losses: tuple[float, ...] = (1.0, 1.0)) -> History:
    made = History()
    for epoch, loss in enumerate(losses, 1):
        made.train.add(TrainPoint(epoch, epoch, loss, trained, 0.1))
        made.test.add(TestPoint(epoch, epoch, loss, tested))
    return made


@pytest.mark.parametrize(
    ("config", "how", "words"),
    [
        (TrainConfig(), history(0.999, 0.985), "learned well"),
        (TrainConfig(train_size=1000), history(1.0, 0.89), "overfits.*More training images"),
        (TrainConfig(), history(1.0, 0.97), "overfits.*Fewer epochs.*augmentation"),
        (TrainConfig(augment=True), history(1.0, 0.97), r"overfits.*Fewer epochs help\.$"),
        (TrainConfig(activation="linear"), history(0.93, 0.92), "underfits.*linear map"),
        (TrainConfig(hidden_units=(4, 128)), history(0.8, 0.8), "underfits.*widen"),
        (TrainConfig(), history(0.9, 0.9, (1.0, 0.8, 0.6, 0.4)), "underfits.*still falling"),
        (TrainConfig(augment=True), history(0.9, 0.92), "underfits.*Augmentation"),
        (TrainConfig(), history(0.9, 0.9), "underfits.*more epochs"),
        (TrainConfig(learning_rate=1.0), history(0.1, 0.1), "nothing.*too high"),
        (TrainConfig(learning_rate=1e-5), history(0.1, 0.1), "nothing.*too low"),
    ],
)
def test_the_verdict_names_what_went_wrong_and_what_to_change(config: TrainConfig, how: History, words: str) -> None:
    verdict = diagnose(config, how)
    assert re.search(words, verdict), verdict
