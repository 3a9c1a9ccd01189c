"""The learning rate over a run."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_core import TrainConfig
from mnist_core.training.schedule import learning_rates


def test_the_rate_rises_then_falls_to_zero() -> None:
    config = TrainConfig(learning_rate=1.0, warmup_epochs=1, epochs=5)
    rates = learning_rates(config, total_steps=500, first_step=0, steps=500)
    assert rates[:100] == pytest.approx(np.arange(1, 101) / 100)
    assert rates[100] == pytest.approx(1, abs=1e-3)
    assert rates[300] == pytest.approx(0.5, abs=1e-3)
    assert rates[-1] == pytest.approx(0, abs=1e-3)
    assert (np.diff(rates[100:]) < 0).all()


def test_a_constant_rate_is_constant_and_chunks_do_not_matter() -> None:
    config = TrainConfig(learning_rate=0.25, schedule="constant")
    assert set(learning_rates(config, 100, 0, 100)) == {np.float32(0.25)}
    cosine = TrainConfig(warmup_epochs=2)
    whole = learning_rates(cosine, 100, 0, 100)
    assert np.array_equal(whole[37:60], learning_rates(cosine, 100, 37, 23))


def test_a_changed_rate_follows_the_schedule_from_its_step_on() -> None:
    config = TrainConfig(learning_rate=1.0, schedule="constant", rate_changes=((3, 0.5), (6, 0.25)))
    assert learning_rates(config, 100, 0, 8).tolist() == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
