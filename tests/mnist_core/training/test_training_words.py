"""What a visitor is told when a run cannot start or goes wrong, word for word; how much memory a run is to need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mnist_core import TrainConfig
from mnist_core.model.weights import Weights
from mnist_core.training.trainer import _check_extra, _divergence_message, _needed_memory, check_init

CONFIG = TrainConfig(learning_rate=0.5)


@pytest.mark.parametrize(
    ("config", "advice"),
    [
        (CONFIG, "(it is 0.5), for example to 0.05, or add warm-up epochs."),
        (replace(CONFIG, loss="squared_error"), "(it is 0.5), for example to 0.05, or use the cross-entropy loss."),
        (
            replace(CONFIG, rate_changes=((3, 2.0), (5, 3.0), (6, 4.0))),
            "(it is 4), for example to 0.4, or add warm-up epochs.",
        ),
    ],
)
def test_a_divergence_is_explained_with_the_rate_that_was_in_force(config: TrainConfig, advice: str) -> None:
    begin = "The loss is no longer a finite number at step 7: the training diverged. Lower the learning rate "
    assert _divergence_message(config, 7) == begin + advice


@pytest.mark.parametrize(("augment", "of_batch"), [(False, 4 * 784 + 3 * 30), (True, 12 * 784 + 3 * 30)])
def test_the_memory_of_a_run_is_reckoned_by_its_parts(augment: bool, of_batch: int) -> None:
    config = replace(CONFIG, hidden_units=(20, 10), batch_size=100, augment=augment)
    parameters = 784 * 20 + 20 + 20 * 10 + 10 + 10 * 10 + 10
    floats = 6 * parameters + 100 * of_batch + 50 * (784 + 30)
    assert _needed_memory(config, 1000, 50) == 4 * floats + 2 * 1000 * 784 + 64e6


def test_extra_pictures_that_do_not_fit_are_described() -> None:
    with pytest.raises(ValueError) as shape:
        _check_extra(np.zeros((2, 28), np.uint8), np.zeros(3, np.uint8))
    assert str(shape.value) == (
        "Invalid value for argument `extra`. Expected images (n, 28, 28) uint8 and labels (n,). "
        "Received: (2, 28) uint8, (3,)"
    )
    with pytest.raises(ValueError) as label:
        _check_extra(np.zeros((1, 28, 28), np.uint8), np.array([10]))
    assert str(label.value) == "Invalid value for argument `extra`. Expected labels 0..9."


def test_weights_to_start_from_that_do_not_fit_are_described() -> None:
    shapes = [(784, 4), (4,), (4, 3), (3,), (3, 10), (10,)]
    init = Weights.from_arrays([np.zeros(shape) for shape in shapes], "relu")
    check_init(replace(CONFIG, hidden_units=(4, 3)), init)
    with pytest.raises(ValueError) as wrong:
        check_init(CONFIG, init)
    assert str(wrong.value) == (
        "Invalid value for argument `hidden_units`. Expected (4, 3), as the model to start from has. "
        "Received: (256, 128)"
    )
