from __future__ import annotations

import json

import pytest

from mnist_core import Curve, History, Mnist, TrainConfig, train


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
