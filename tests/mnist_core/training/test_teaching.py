from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnist_core import (
    Classifier,
    Mnist,
    PenDigits,
    TrainConfig,
    Weights,
    drawing_images,
    hold_out,
    preprocess_strokes,
    teach,
    train,
    variants_of,
)
from mnist_core.training.teaching import Labelled

SEVEN = [[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]]


@pytest.fixture(scope="module")
def base(mnist: Mnist) -> Classifier:
    """A small model, whose widths and activation are not the usual ones."""
    config = TrainConfig(hidden_units=(32, 16), activation="tanh", epochs=3, train_size=6000)
    *_, last = train(config, mnist)
    assert last.weights is not None
    return Classifier(last.weights)


def misread(classifier: Classifier, digits: PenDigits) -> Labelled:
    images = np.array([preprocess_strokes(strokes) for strokes in digits.strokes])
    wrong = np.flatnonzero(classifier.probabilities(images).argmax(axis=1) != digits.labels)
    return digits.strokes[wrong[0]], int(digits.labels[wrong[0]])


def taught(classifier: Classifier, drawings: list[Labelled], data: Mnist, seed: int = 0) -> Weights:
    *_, last = teach(classifier, drawings, data, seed)
    assert last.weights is not None
    return last.weights


def test_a_misread_drawing_is_read_right_afterwards(base: Classifier, pen_dev: PenDigits, mnist: Mnist) -> None:
    strokes, label = misread(base, pen_dev)
    before = base.weights.arrays[0].copy()
    weights = taught(base, [(strokes, label)], mnist)
    assert Classifier(weights).read(strokes).digit == label
    assert np.array_equal(base.weights.arrays[0], before)


def test_the_shipped_model_learns_a_drawing_that_it_misreads(pen_dev: PenDigits, mnist: Mnist) -> None:
    shipped = Classifier.load()
    strokes, label = misread(shipped, pen_dev)
    assert Classifier(taught(shipped, [(strokes, label)], mnist)).read(strokes).digit == label


def test_widths_and_activation_stay(base: Classifier, mnist: Mnist) -> None:
    weights = taught(base, [(SEVEN, 7)], mnist)
    assert (weights.hidden_units, weights.activation) == ((32, 16), "tanh")


def test_the_same_arguments_teach_the_same(base: Classifier, mnist: Mnist) -> None:
    first, second, other = (taught(base, [(SEVEN, 7)], mnist, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first.arrays, second.arrays))
    assert not all(np.array_equal(a, b) for a, b in zip(first.arrays, other.arrays))


def test_progress_ends_with_the_weights(base: Classifier, mnist: Mnist) -> None:
    *earlier, last = teach(base, [(SEVEN, 7)], mnist)
    assert all(progress.weights is None for progress in earlier)
    assert last.step == last.total_steps


def test_the_first_picture_of_a_drawing_is_the_drawing(pen_dev: PenDigits) -> None:
    drawings = [(pen_dev.strokes[i], int(pen_dev.labels[i])) for i in (0, 1)]
    images, labels = drawing_images(drawings, seed=0, variants=3)
    assert (images.shape, images.dtype, labels.dtype) == ((6, 28, 28), np.uint8, np.uint8)
    assert labels.tolist() == [label for _, label in drawings] * 3
    for number, (strokes, _) in enumerate(drawings):
        assert np.array_equal(images[number], np.round(preprocess_strokes(strokes) * 255))
        assert not np.array_equal(images[number], images[number + 2])


def test_variants_depend_on_the_seed_and_not_on_the_place_on_the_pad() -> None:
    moved = [[[0.5 + x / 2, 0.4 + y / 2] for x, y in stroke] for stroke in SEVEN]
    images, _ = drawing_images([(SEVEN, 7)], seed=1, variants=4)
    assert np.array_equal(images, drawing_images([(SEVEN, 7)], seed=1, variants=4)[0])
    assert not np.array_equal(images, drawing_images([(SEVEN, 7)], seed=2, variants=4)[0])
    assert np.abs(images.astype(int) - drawing_images([(moved, 7)], seed=1, variants=4)[0]).mean() < 1


@pytest.mark.parametrize(
    "drawings, message",
    [
        ([], "At least one drawing"),
        ([SEVEN], "Drawing 0 must be strokes and a label 0..9. Received: list"),
        ([(SEVEN, 7), (SEVEN, 10)], "Drawing 1 must be .* Received the label 10"),
        ([(SEVEN, True)], "Received the label True"),
        ([(SEVEN, "7")], "Received the label '7'"),
        ([([], 7)], "Received no stroke"),
        ([([[]], 7)], "Received no stroke"),
        ([([[[0.1, "a"]]], 7)], "Stroke 0 must be a list"),
    ],
)
def test_what_is_no_labelled_drawing_is_refused(drawings: Any, message: str, base: Classifier, mnist: Mnist) -> None:
    with pytest.raises(ValueError, match=message):
        drawing_images(drawings, 0, 2)
    with pytest.raises(ValueError, match=message):
        next(teach(base, drawings, mnist))


def test_few_drawings_are_worth_more_pictures_each() -> None:
    assert [variants_of(count) for count in (0, 1, 30, 100, 500)] == [60, 60, 20, 6, 3]


def test_every_third_drawing_of_each_digit_is_held_out() -> None:
    labels = [4, 4, 7, 4, 7, 4, 7, 4, 4, 1]
    kept, held = hold_out(labels)
    assert held == [3, 6, 8]
    assert sorted(kept + held) == list(range(10))


@pytest.mark.parametrize("labels", [[], [3], [3] * 9])
def test_nothing_is_held_out_of_few_drawings(labels: list[int]) -> None:
    assert hold_out(labels) == (list(range(len(labels))), [])


def test_nothing_is_held_out_of_one_drawing_of_each_digit() -> None:
    assert hold_out(range(10)) == (list(range(10)), [])
