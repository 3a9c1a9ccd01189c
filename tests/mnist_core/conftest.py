from __future__ import annotations

import numpy as np
import pytest

from mnist_core import Mnist, PenDigits, TrainConfig, load_mnist, load_pen_digits


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    return load_mnist()


@pytest.fixture(scope="session")
def small(mnist: Mnist) -> Mnist:
    """A tenth of nothing: enough pictures to train for a second."""
    return Mnist(mnist.train_images[:500], mnist.train_labels[:500], mnist.test_images[:200], mnist.test_labels[:200])


@pytest.fixture(scope="session")
def pen_dev() -> PenDigits:
    return load_pen_digits("dev")


@pytest.fixture
def tiny_config() -> TrainConfig:
    return TrainConfig(hidden_units=(16, 12), epochs=2, batch_size=64, train_size=500)


@pytest.fixture
def seven() -> list[list[list[float]]]:
    """A 7 in one stroke, upper left of the pad."""
    return [[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)
