from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mnist_core import (
    Classifier,
    DamagedData,
    InvalidWeights,
    Mnist,
    PenDigits,
    TrainConfig,
    load_pen_letters,
    preprocess_strokes,
)
from mnist_core.data.doodles import KINDS, doodle
from mnist_core.data.outliers import LIKE_DIGITS, begin
from mnist_core.inference.digit_detector import DIGIT_SCORE, OUTLIER, Detector, shipped_detector
from mnist_core.training.detector_training import train_detector

SHAPES = [(784, 3), (3,), (3, 2), (2,), (2, 11), (11,)]


def refused(drawings: list[list[np.ndarray]]) -> float:
    images = np.array([preprocess_strokes(strokes) for strokes in drawings])
    return float(np.mean(Classifier.load().digit_scores(images) < DIGIT_SCORE))


def test_digits_of_strangers_are_taken_for_digits(pen_dev: PenDigits) -> None:
    assert refused(pen_dev.strokes) <= 0.015


def test_mnist_is_taken_for_digits(mnist: Mnist) -> None:
    assert np.mean(Classifier.load().digit_scores(mnist.test_images) < DIGIT_SCORE) <= 0.015


def test_letters_of_strangers_are_refused() -> None:
    letters = load_pen_letters("dev")
    clear = [strokes for strokes, label in zip(letters.strokes, letters.labels) if label not in LIKE_DIGITS]
    assert refused(clear) >= 0.95


@pytest.mark.parametrize("kind", KINDS)
def test_doodles_of_each_kind_are_refused(kind: str) -> None:
    random = np.random.default_rng(99)
    assert refused([doodle(kind, random) for _ in range(40)]) >= 0.7


def test_doodles_span_the_pad_and_differ() -> None:
    random = np.random.default_rng(0)
    for kind in KINDS:
        points, others = (np.concatenate(doodle(kind, random)) for _ in range(2))
        assert points.min() == pytest.approx(0, abs=1e-9)
        assert points.max() == pytest.approx(1)
        assert points.shape != others.shape or not np.array_equal(points, others)


def test_the_score_is_the_share_of_the_ten_digits() -> None:
    arrays = [np.zeros(shape, np.float32) for shape in SHAPES]
    arrays[-1][OUTLIER] = np.log(10)
    assert Detector(arrays).digit_scores(np.ones((2, 28, 28), np.float32)) == pytest.approx([0.5, 0.5])
    arrays[-1][OUTLIER] = np.log(30)
    assert Detector(arrays).digit_scores(np.ones((1, 28, 28), np.float32)) == pytest.approx([0.25])


def test_less_ink_than_a_digit_has_scores_nothing() -> None:
    arrays = [np.zeros(shape, np.float32) for shape in SHAPES]
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 0, :19] = 1
    assert Detector(arrays).digit_scores(image) == 0
    image[0, 0, 19] = 1
    assert Detector(arrays).digit_scores(image) > 0.5


@pytest.mark.parametrize("spoil", ["missing", "shape", "classes", "nan"])
def test_other_networks_are_refused(spoil: str) -> None:
    arrays = [np.zeros(shape, np.float32) for shape in SHAPES]
    if spoil == "missing":
        arrays.pop()
    elif spoil == "shape":
        arrays[2] = arrays[2].T
    elif spoil == "classes":
        arrays[4], arrays[5] = arrays[4][:, :10], arrays[5][:10]
    else:
        arrays[0][0, 0] = np.nan
    with pytest.raises(InvalidWeights, match="784-h1-h2-11"):
        Detector(arrays)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "detector.npz"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(DamagedData, match=r"detector.npz cannot be read.*git checkout -- weights/detector.npz"):
        shipped_detector(path)
    path.unlink()
    with pytest.raises(DamagedData, match=r"detector.npz is missing.*git checkout"):
        shipped_detector(path)


def test_a_beginning_is_the_first_part_of_the_ink() -> None:
    strokes = [np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]), np.array([[0.0, 1.0], [2.0, 1.0]])]
    assert [stroke.tolist() for stroke in begin(strokes, 0.25)] == [[[0, 0], [1, 0]]]
    assert [stroke.tolist() for stroke in begin(strokes, 0.5)] == [[[0, 0], [1, 0], [2, 0]]]
    assert len(begin(strokes, 0.9)) == 2
    assert sum(map(len, begin(strokes, 1.0))) == 5


@pytest.mark.slow
def test_training_writes_a_detector_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "small.npz"
    config = TrainConfig(hidden_units=(16, 8), epochs=2, ema_decay=0.99, learning_rate=0.004, batch_size=512)
    losses = list(train_detector(path, config))
    assert losses[1] < losses[0]
    assert shipped_detector(path).digit_scores(np.zeros((1, 28, 28), np.float32)).shape == (1,)
