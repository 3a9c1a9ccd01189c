from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_core import TrainConfig
from mnist_core.device import tensorflow
from mnist_core.training.loop import loss_per_sample, target_probabilities

# Logits ln 2 and nine zeros: softmax is 2/11 and nine times 1/11.
LOGITS = [math.log(2)] + [0.0] * 9


def test_cross_entropy_and_its_gradient_by_hand() -> None:
    """Loss -ln(2/11); gradient softmax - one-hot: -9/11, then 1/11 each."""
    loss, gradient = _loss_and_gradient(TrainConfig(loss="cross_entropy"), [0], [LOGITS])
    assert loss == pytest.approx([math.log(11 / 2)])
    assert gradient[0] == pytest.approx([-9 / 11] + [1 / 11] * 9, abs=1e-6)


def test_squared_error_and_its_gradient_by_hand() -> None:
    """Loss (ln 2 - 1)^2 and ln 2 ^ 2 + 1, their mean over a batch of two; gradient 2 (logits - one-hot) / 2."""
    loss, gradient = _loss_and_gradient(TrainConfig(loss="squared_error"), [0, 1], [LOGITS, LOGITS])
    assert loss == pytest.approx([(math.log(2) - 1) ** 2, math.log(2) ** 2 + 1])
    assert gradient[0] == pytest.approx([math.log(2) - 1] + [0.0] * 9, abs=1e-6)
    assert gradient[1] == pytest.approx([math.log(2), -1.0] + [0.0] * 8, abs=1e-6)


def test_label_smoothing_by_hand() -> None:
    """Smoothed by 0.5, the target is 0.55 and nine times 0.05: at equal logits the loss stays ln 10."""
    loss, gradient = _loss_and_gradient(TrainConfig(label_smoothing=0.5), [0], [[0.0] * 10])
    assert loss == pytest.approx([math.log(10)])
    assert gradient[0] == pytest.approx([0.1 - 0.55] + [0.05] * 9, abs=1e-6)


def test_squared_error_is_not_smoothed() -> None:
    config = TrainConfig(loss="squared_error", label_smoothing=0.5)
    assert _loss_and_gradient(config, [0], [LOGITS])[0] == pytest.approx([(math.log(2) - 1) ** 2])


def _loss_and_gradient(config: TrainConfig, labels: list[int], logits: list[list[float]]) -> tuple[list, np.ndarray]:
    tf = tensorflow()
    outputs = tf.constant(logits, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        losses = loss_per_sample(config, target_probabilities(config, tf.constant(labels)), outputs)
        loss = tf.reduce_mean(losses)
    return losses.numpy().tolist(), tape.gradient(loss, outputs).numpy()
