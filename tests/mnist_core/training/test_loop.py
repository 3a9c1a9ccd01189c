"""A loop is built once and used again by later runs."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

import pytest

from mnist_core import HYPERPARAMETERS, Mnist, TrainConfig, TrainingDiverged, train
from mnist_core.training import loop
from tests.support.training import last, same, trained


def test_a_loop_that_was_used_before_trains_as_a_fresh_one(
    small: Mnist, tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one whose variables a divergence has left without a finite number."""
    monkeypatch.setattr("mnist_core.training.loop._idle", OrderedDict())
    config = replace(tiny_config, optimizer="momentum", loss="squared_error", augment=True, ema_decay=0.9, seed=3)
    fresh = trained(replace(config, learning_rate=0.01), small)
    with pytest.raises(TrainingDiverged):
        trained(replace(config, learning_rate=10.0, seed=4, batch_size=32, epochs=40), small)
    assert len(loop._idle) == 1
    assert same(trained(replace(config, learning_rate=0.01), small), fresh)


def test_a_second_run_builds_no_model(small: Mnist, tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras keeps a part of each model for good: memory would grow with every run."""
    trained(tiny_config, small)
    monkeypatch.delattr("mnist_core.training.loop.build_model")
    trained(replace(tiny_config, seed=7), small)


def test_two_runs_at_once_do_not_share_a_loop(small: Mnist, tiny_config: TrainConfig) -> None:
    alone = trained(tiny_config, small)
    first = train(tiny_config, small)
    next(first)
    assert same(trained(tiny_config, small), alone)
    assert (progress := last(first)).weights is not None
    assert same(progress.weights, alone)


def test_idle_loops_are_bounded(small: Mnist, tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnist_core.training.loop._idle", OrderedDict())
    monkeypatch.setattr("mnist_core.training.loop._MOST_IDLE", 2)
    for width in (3, 4, 5):
        trained(replace(tiny_config, hidden_units=(width, 2), epochs=1), small)
    assert len(loop._idle) == 2


# Of each hyperparameter, another value than its default.
OTHER = {
    "hidden_units": (8, 8), "activation": "tanh", "loss": "squared_error", "optimizer": "sgd", "learning_rate": 0.1,
    "momentum": 0.5, "weight_decay": 0.1, "schedule": "constant", "warmup_epochs": 1.0, "ema_decay": 0.9,
    "label_smoothing": 0.1, "batch_size": 120, "epochs": 3, "train_size": 100, "augment": True, "augment_strength": 0.5,
    "include_pen_digits": True, "seed": 7, "rate_changes": ((1, 0.1),), "max_steps": 5,
}  # fmt: skip


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_a_graph_is_used_again_only_for_what_is_not_built_into_it(name: str) -> None:
    changed = replace(TrainConfig(), **{name: OTHER[name]})  # type: ignore[arg-type]
    is_other_graph = loop._graph_key(changed) != loop._graph_key(TrainConfig())
    assert is_other_graph == HYPERPARAMETERS[name].is_in_graph
