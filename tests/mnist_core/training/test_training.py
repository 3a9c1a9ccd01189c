from __future__ import annotations

import math
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

from mnist_core import (
    Classifier,
    Mnist,
    TrainConfig,
    TrainingDiverged,
    Weights,
    evaluate,
    train,
)
from mnist_core.data.datasets import epoch_order
from tests.support.training import last, same, trained


def silent(hidden: tuple[int, int]) -> Weights:
    shapes = [(784, hidden[0]), (hidden[0],), hidden, (hidden[1],), (hidden[1], 10), (10,)]
    return Weights.from_arrays([np.zeros(shape) for shape in shapes], "relu")


def test_one_step_of_the_whole_loop_by_hand() -> None:
    """From silent weights only the last bias has a gradient: 2 (0 - one-hot), averaged over the batch.

    Labels 3, 3, 3, 5: the bias of 3 becomes 0.1 x 2 x 3/4, that of 5 becomes 0.1 x 2 x 1/4.
    """
    images = np.full((10, 28, 28), 255, np.uint8)
    labels = np.array([3, 3, 3, 5] + [0] * 6, np.uint8)
    data = Mnist(images[:4], labels[:4], images[:4], labels[:4])
    config = TrainConfig((4, 3), "relu", "squared_error", "sgd", 0.1, schedule="constant", batch_size=4, epochs=1)
    progress = last(train(config, data, init=silent((4, 3))))
    assert progress.weights is not None
    assert progress.weights.bias_3 == pytest.approx([0, 0, 0, 0.15, 0, 0.05, 0, 0, 0, 0])
    assert not progress.weights.kernel_1.any()
    assert progress.train_loss == pytest.approx(1)
    assert progress.test_accuracy == 0.75


@pytest.mark.parametrize("augment", [False, True])
def test_the_same_config_gives_bit_identical_weights(small: Mnist, tiny_config: TrainConfig, augment: bool) -> None:
    config = replace(tiny_config, augment=augment, ema_decay=0.9)
    first = trained(config, small)
    assert same(first, trained(config, small))
    assert not same(first, trained(replace(config, seed=1), small))


def test_the_real_model_is_bit_identical_too(mnist: Mnist) -> None:
    config = TrainConfig(epochs=1, train_size=6000)
    assert same(trained(config, mnist), trained(config, mnist))


def test_a_tiny_batch_is_learned_by_heart(small: Mnist) -> None:
    config = TrainConfig((32, 16), train_size=20, batch_size=20, epochs=150, learning_rate=0.01)
    weights = trained(config, small)
    assert evaluate(Classifier(weights), small.train_images[:20], small.train_labels[:20]).accuracy == 1


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_every_optimizer_and_loss_learns(small: Mnist, optimizer: str, loss: str) -> None:
    rate = {"sgd": 0.05, "momentum": 0.01}.get(optimizer, 0.003)
    config = TrainConfig((32, 16), "relu", loss, optimizer, rate, batch_size=16, epochs=25, train_size=500)
    assert (last(train(config, small)).test_accuracy or 0) > 0.5


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "linear"])
def test_every_activation_learns(small: Mnist, activation: str) -> None:
    config = TrainConfig((32, 16), activation, learning_rate=0.01, batch_size=16, epochs=8, train_size=500)
    progress = last(train(config, small))
    assert (progress.test_accuracy or 0) > 0.5
    assert progress.weights is not None
    assert progress.weights.activation == activation


def test_progress_counts_every_step_and_tests_at_the_end_of_epochs(small: Mnist, tiny_config: TrainConfig) -> None:
    steps = list(train(replace(tiny_config, epochs=3), small))
    assert [p.step for p in steps] == sorted({p.step for p in steps})
    assert steps[-1].step == steps[-1].total_steps == 3 * math.ceil(500 / 64)
    assert [p.step for p in steps if p.test_accuracy is not None] == [8, 16, 24]
    assert {p.epoch for p in steps} == {1, 2, 3}
    assert all(p.weights is None for p in steps[:-1])
    assert steps[-1].eta_seconds == pytest.approx(0, abs=1e-6)
    assert all(p.samples_per_second > 0 and 0 <= p.train_accuracy <= 1 for p in steps)


def test_train_size_limits_the_pictures(small: Mnist, tiny_config: TrainConfig) -> None:
    config = replace(tiny_config, train_size=100, batch_size=50)
    assert last(train(config, small)).total_steps == 4
    fewer = Mnist(small.train_images[:100], small.train_labels[:100], small.test_images, small.test_labels)
    assert same(trained(config, small), trained(config, fewer))


def test_extra_pictures_are_trained_on(small: Mnist, tiny_config: TrainConfig) -> None:
    extra = (small.test_images[:30], small.test_labels[:30])
    assert last(train(replace(tiny_config, batch_size=10), small, extra=extra)).total_steps == 2 * 53


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 28, 28)), [1, 2], "float64"),
        (np.zeros((2, 28, 27), np.uint8), [1, 2], r"\(2, 28, 27\)"),
        (np.zeros((2, 28, 28), np.uint8), [1], r"\(1,\)"),
        (np.zeros((2, 28, 28), np.uint8), [1, 10], "labels 0..9"),
        (np.zeros((2, 28, 28), np.uint8), [-1, 1], "labels 0..9"),
    ],
)
def test_bad_extra_pictures_are_refused(
    small: Mnist, tiny_config: TrainConfig, images: np.ndarray, labels: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        next(iter(train(tiny_config, small, extra=(images, np.array(labels)))))


def test_a_run_can_start_from_weights(small: Mnist, tiny_config: TrainConfig) -> None:
    start = trained(tiny_config, small)
    barely = replace(tiny_config, learning_rate=1e-6, epochs=1)
    moved = trained(barely, small, init=start)
    assert not same(moved, start)
    assert np.allclose(moved.kernel_1, start.kernel_1, atol=1e-4)


def test_weights_that_do_not_fit_the_config_are_refused(small: Mnist, tiny_config: TrainConfig) -> None:
    with pytest.raises(ValueError, match="`activation`.*'relu'.*'tanh'"):
        next(iter(train(replace(tiny_config, activation="tanh"), small, init=silent((16, 12)))))
    with pytest.raises(ValueError, match=r"`hidden_units`.*\(4, 3\)"):
        next(iter(train(tiny_config, small, init=silent((4, 3)))))


def test_averaged_weights_lag_behind(small: Mnist, tiny_config: TrainConfig) -> None:
    """A decay of 0 is the last weights, one near 1 stays near the first ones."""
    first = Classifier(silent((16, 12))).weights
    config = replace(tiny_config, optimizer="sgd", learning_rate=0.5, schedule="constant")
    plain = trained(config, small, init=first).bias_3
    averaged = trained(replace(config, ema_decay=0.99), small, init=first).bias_3
    assert np.abs(averaged).sum() < 0.5 * np.abs(plain).sum()


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_divergence_is_named_with_its_step_and_a_way_out(small: Mnist, loss: str) -> None:
    config = TrainConfig((16, 12), "linear", loss, "sgd", 10.0, schedule="constant", epochs=40, train_size=500)
    with pytest.raises(TrainingDiverged, match=r"at step \d+.*Lower the learning rate \(it is 10\).*to 1"):
        for _ in train(config, small):
            pass


def test_a_closed_run_ends_and_the_next_one_starts(small: Mnist, tiny_config: TrainConfig) -> None:
    run = train(replace(tiny_config, epochs=2000), small)
    next(run)
    run.close()
    assert last(train(tiny_config, small)).weights is not None


def test_a_rate_sent_to_a_run_is_as_if_the_config_had_said_so(small: Mnist, tiny_config: TrainConfig) -> None:
    run = train(tiny_config, small)
    first = next(run)
    progress = run.send(0.0005)
    assert progress.learning_rate < 0.0005
    changed_at = first.step
    while progress.weights is None:
        progress = next(run)
    said = trained(tiny_config.with_rate(changed_at, 0.0005), small)
    assert same(progress.weights, said)
    assert not same(said, trained(tiny_config, small))


def test_a_rate_out_of_its_limits_is_refused(small: Mnist, tiny_config: TrainConfig) -> None:
    run = train(tiny_config, small)
    next(run)
    with pytest.raises(ValueError, match="`learning_rate`"):
        run.send(11.0)


def test_a_run_can_end_early_on_the_schedule_of_the_whole(small: Mnist, tiny_config: TrainConfig) -> None:
    run = train(tiny_config, small)
    first = next(run)
    so_far = first.snapshot()
    progress = last(train(replace(tiny_config, max_steps=first.step), small))
    assert (progress.step, progress.total_steps) == (first.step, first.total_steps)
    assert progress.weights is not None
    assert same(progress.weights, so_far)
    assert progress.test_accuracy is not None


def test_neither_epochs_nor_ends_depend_on_how_much_is_done_in_one_call(
    small: Mnist, tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(tiny_config, train_size=8 * tiny_config.batch_size, epochs=3, max_steps=21)
    whole = trained(config, small)
    orders: list[int] = []
    clock = count()  # each call takes a second, as it should: all have about three steps
    monkeypatch.setattr("mnist_core.training.trainer._FIRST_CHUNK_SAMPLES", 3 * config.batch_size)
    monkeypatch.setattr("mnist_core.training.trainer.CHUNK_SECONDS", 1.0)
    monkeypatch.setattr("mnist_core.training.trainer.time", SimpleNamespace(perf_counter=lambda: float(next(clock))))
    monkeypatch.setattr(
        "mnist_core.training.trainer.epoch_order", lambda *given: orders.append(given[2]) or epoch_order(*given)
    )
    seen = [*train(config, small)]
    assert {8, 16, 21} < {progress.step for progress in seen}
    assert max(progress.step for progress in seen) == 21
    assert orders == [1, 2, 3]
    assert seen[-1].weights is not None
    assert same(seen[-1].weights, whole)


@pytest.mark.parametrize(("config", "most"), [(TrainConfig((1024, 1024), batch_size=1), 12), (TrainConfig(), 93)])
def test_a_stop_is_noticed_after_few_steps_however_long_they_take(small: Mnist, config: TrainConfig, most: int) -> None:
    run = train(config, small)
    assert 1 <= next(run).step <= most
    run.close()


def test_where_epochs_are_short_not_each_one_is_tested(mnist: Mnist) -> None:
    """10,000 test images: a test after every 5,000 trained on, and at the end."""
    config = TrainConfig((16, 12), train_size=1000, batch_size=100, epochs=12)
    tested = [p.epoch for p in train(config, mnist) if p.test_accuracy is not None]
    assert tested == [5, 10, 12]


def test_pen_digits_are_mixed_in(small: Mnist, tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 of MNIST and 70 drawn with a pen, in batches of 64."""
    drawn = (small.test_images[:70], small.test_labels[:70])
    monkeypatch.setattr("mnist_core.training.trainer.pen_digit_images", lambda seed: drawn if seed == 3 else None)
    config = replace(tiny_config, include_pen_digits=True, seed=3)
    assert last(train(config, small)).total_steps == 2 * math.ceil(570 / 64)
    assert same(trained(config, small), trained(replace(tiny_config, seed=3), small, extra=drawn))
