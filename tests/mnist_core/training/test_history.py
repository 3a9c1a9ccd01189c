from __future__ import annotations

import json
import re

import pytest

from mnist_core import Curve, History, Mnist, TrainConfig, diagnose, train
from mnist_core.training.history import TestPoint, TrainPoint


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 100, 1000])
def test_a_curve_stays_small_and_keeps_its_ends_and_its_order(count: int) -> None:
    curve: Curve[int] = Curve(limit=8)
    for point in range(count):
        curve.add(point)
    points = curve.points
    assert points[0] == 0
    assert points[-1] == count - 1
    assert points == sorted(set(points))
    assert min(count, 4) <= len(points) <= 8


def test_a_curve_is_thinned_evenly() -> None:
    curve: Curve[int] = Curve(limit=10)
    for point in range(333):
        curve.add(point)
    steps = {b - a for a, b in zip(curve.points, curve.points[1:-1])}
    assert len(steps) == 1


def test_a_runs_history_is_in_epochs_and_goes_into_json(small: Mnist, tiny_config: TrainConfig) -> None:
    history = History()
    for progress in train(tiny_config, small):
        history.add(progress, tiny_config)
    plain = json.loads(json.dumps(history.to_dict()))
    assert plain["train"][-1]["epochs"] == 2
    assert [point["epochs"] for point in plain["test"]] == [1, 2]
    assert set(plain["train"][0]) == {"step", "epochs", "loss", "accuracy", "learning_rate"}
    assert set(plain["test"][0]) == {"step", "epochs", "loss", "accuracy"}


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
