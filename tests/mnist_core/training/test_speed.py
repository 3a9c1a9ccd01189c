from __future__ import annotations

from dataclasses import replace

import pytest

from mnist_core import TrainConfig, build_model, layer_table, measure_speed, parameter_count, picture_count
from mnist_core.data.pen_images import draw_pen_digits, pen_digit_count, pen_digit_images
from mnist_core.training.speed import Speed

SPEED = Speed(start=1.0, step=0.001, optimizer=0.0005, image=1e-5, augmentation=2e-5, test=0.1)


def test_the_time_of_a_run_by_hand() -> None:
    """1 s to start; 600 steps of 1 ms with SGD; 60,000 pictures of 10 us; one test of 0.1 s."""
    config = TrainConfig(batch_size=100, epochs=1, optimizer="sgd")
    assert SPEED.seconds(config) == pytest.approx(1 + 0.6 + 0.6 + 0.1)
    assert SPEED.seconds(replace(config, optimizer="adam")) == pytest.approx(1 + 0.9 + 0.6 + 0.1)
    assert SPEED.seconds(replace(config, augment=True)) == pytest.approx(1 + 0.6 + 1.8 + 0.1)
    assert SPEED.seconds(replace(config, epochs=10)) == pytest.approx(1 + 10 * 1.3)


def test_the_machines_speed_is_measured() -> None:
    speed = measure_speed()
    assert speed.image > 0
    assert speed.start > 0
    assert speed.test > 0
    assert speed.seconds(TrainConfig(epochs=20)) > speed.seconds(TrainConfig(epochs=1))


def test_the_import_of_tensorflow_is_no_part_of_a_runs_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first run of a process waits for it, and when this is measured that one has been."""
    starts = iter([5.0, 0.5, 0.5, 0.5])
    monkeypatch.setattr("mnist_core.training.speed._time_run", lambda config, data: (next(starts), 1e-5))
    assert measure_speed().start == 0.5


@pytest.mark.parametrize("config", [TrainConfig(), TrainConfig((7, 5), "linear")])
def test_layers_and_parameters_are_keras_own(config: TrainConfig) -> None:
    model = build_model(config)
    assert parameter_count(config) == model.count_params()
    assert [parameters for _, _, parameters in layer_table(config)] == [layer.count_params() for layer in model.layers]
    assert [shape for _, shape, _ in layer_table(config)] == [tuple(layer.kernel.shape) for layer in model.layers]


def test_pen_digits_count_among_the_pictures() -> None:
    assert picture_count(TrainConfig(train_size=100)) == 100
    assert picture_count(TrainConfig(train_size=100, include_pen_digits=True)) == 100 + pen_digit_count()


@pytest.mark.slow
def test_pen_digits_are_drawn_in_small_steps_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnist_core.data.pen_images._drawn", {})
    shares = list(draw_pen_digits(5, 1))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert list(draw_pen_digits(5, 1)) == []
    images, labels = pen_digit_images(5, 1)
    assert images is pen_digit_images(5, 1)[0]
    assert len(images) == len(labels) == len(shares)
    stopped = draw_pen_digits(6, 1)
    next(stopped)
    stopped.close()
    assert next(draw_pen_digits(6, 1)) == pytest.approx(1 / len(images))
