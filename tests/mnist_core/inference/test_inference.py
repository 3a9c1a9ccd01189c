from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_core import (
    BlankDrawing,
    Classifier,
    TrainConfig,
    Weights,
    build_model,
    evaluate,
    preprocess_strokes,
    render_strokes,
)
from mnist_core.config import ACTIVATIONS
from mnist_core.inference.classifier import softmax
from mnist_core.model.network import get_weights, initial_weights, set_weights


def classifier(activation: str = "relu", seed: int = 0) -> Classifier:
    random = np.random.default_rng(seed)
    shapes = [(784, 9), (9,), (9, 8), (8,), (8, 10), (10,)]
    return Classifier(Weights.from_arrays([random.normal(0, 0.3, shape) for shape in shapes], activation))


def test_the_model_is_the_seeds_three_layers() -> None:
    model = build_model(TrainConfig())
    assert [layer.units for layer in model.layers] == [256, 128, 10]
    assert [layer.activation.__name__ for layer in model.layers] == ["relu", "relu", "linear"]
    assert model.count_params() == 235_146


def test_the_seed_decides_the_initial_weights_and_no_two_layers_share_them() -> None:
    config = TrainConfig(hidden_units=(10, 10), seed=5)
    first, again, other = (build_model(c).get_weights() for c in (config, config, TrainConfig(hidden_units=(10, 10))))
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[2], first[4])


def test_the_weights_of_a_new_model_are_known_without_one() -> None:
    config = TrainConfig(hidden_units=(12, 10), seed=5)
    arrays, built = initial_weights(config), build_model(config).get_weights()
    assert [array.dtype for array in arrays] == [array.dtype for array in built]
    assert all(np.array_equal(a, b) for a, b in zip(arrays, built, strict=True))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_numpy_and_keras_agree(activation: str, random: np.random.Generator) -> None:
    reader = classifier(activation)
    model = build_model(TrainConfig(hidden_units=(9, 8), activation=activation))
    set_weights(model, reader.weights)
    images = random.random((5, 28, 28), dtype=np.float32)
    assert np.allclose(reader.logits(images), model(images.reshape(5, 784)).numpy(), atol=1e-4)
    assert np.array_equal(get_weights(model, activation).kernel_1, reader.weights.kernel_1)


def test_weights_of_other_widths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(9, 8\), the model of \(256, 128\)"):
        set_weights(build_model(TrainConfig()), classifier().weights)


def test_one_unit_worked_out_by_hand() -> None:
    """One pixel of 0.5 through kernels of 2, 3 and 4 with biases 1, -1, 0: 0.5 x 2 + 1 = 2, x 3 - 1 = 5, x 4 = 20."""
    kernel_1 = np.zeros((784, 1), np.float32)
    kernel_1[28 * 3 + 5] = 2
    kernel_3 = np.zeros((1, 10), np.float32)
    kernel_3[0, 7] = 4
    one, three = np.ones(1, np.float32), np.full((1, 1), 3, np.float32)
    reader = Classifier(Weights(kernel_1, one, three, -one, kernel_3, np.zeros(10, np.float32)))
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 3, 5] = 0.5
    assert reader.logits(image)[0].tolist() == [0, 0, 0, 0, 0, 0, 0, 20, 0, 0]
    assert reader.probabilities(image)[0, 7] == pytest.approx(1 / (1 + 9 * math.exp(-20)))


def test_a_reading_holds_what_the_three_layers_put_out(seven: list[list[list[float]]]) -> None:
    reader = Classifier.load()
    reading = reader.read(seven)
    first, second, logits = reading.layers
    assert (first.shape, second.shape, logits.shape) == ((256,), (128,), (10,))
    assert np.array_equal(first, reader.first_layer(reading.image[None])[0])
    assert np.array_equal(softmax(logits), reading.probabilities)
    assert second == pytest.approx(np.maximum(first @ reader.weights.kernel_2 + reader.weights.bias_2, 0), abs=1e-4)


def test_softmax_of_large_and_equal_logits() -> None:
    assert softmax(np.array([[1000.0, 1000.0]])).tolist() == [[0.5, 0.5]]
    assert softmax(np.array([[math.log(2), 0.0]]))[0] == pytest.approx([2 / 3, 1 / 3])


def test_bytes_and_shares_of_one_mean_the_same(random: np.random.Generator) -> None:
    images = random.integers(0, 256, (4, 28, 28), dtype=np.uint8)
    reader = classifier()
    probabilities = reader.probabilities(images)
    assert probabilities.shape == (4, 10)
    assert probabilities.dtype == np.float32
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert np.allclose(probabilities, reader.probabilities(images / 255), atol=1e-5)


@pytest.mark.parametrize(
    "images", [np.zeros((28, 28)), np.zeros((1, 784)), np.zeros((1, 28, 27)), np.zeros((1, 28, 28), int), [[1.0]]]
)
def test_images_of_another_shape_or_type_are_refused(images: np.ndarray) -> None:
    with pytest.raises(ValueError, match="`images`"):
        classifier().probabilities(images)


def test_strokes_and_a_picture_are_read(seven: list[list[list[float]]]) -> None:
    reader = Classifier.load()
    for drawing in (seven, render_strokes(seven)):
        reading = reader.read(drawing)
        assert reading.digit == 7
        assert reading.is_digit is True
        assert reading.probabilities.shape == (10,)
        assert reading.probabilities.argmax() == 7
        assert reading.image.shape == (28, 28)


@pytest.mark.parametrize("drawing", [[[[0.5, 0.5]]], render_strokes([[[0.5, 0.5]]])])
def test_a_dot_is_no_digit(drawing: object) -> None:
    assert Classifier.load().read(drawing).is_digit is False


def test_whether_it_is_a_digit_does_not_depend_on_the_model(seven: list[list[list[float]]]) -> None:
    silent = [np.zeros(shape, np.float32) for shape in [(784, 2), (2,), (2, 2), (2,), (2, 10), (10,)]]
    reading = Classifier(Weights.from_arrays(silent, "relu")).read(seven)
    assert reading.probabilities == pytest.approx([0.1] * 10)
    assert reading.is_digit is True
    assert reading.digit_score == Classifier.load().read(seven).digit_score > 0.5


@pytest.mark.parametrize("drawing", [[], [[]], np.full((50, 50), 255, np.uint8)])
def test_a_blank_drawing_has_no_reading(drawing: object) -> None:
    with pytest.raises(BlankDrawing):
        classifier().read(drawing)


def test_evaluation_counts_as_by_hand() -> None:
    """A reader that always says 3, of labels 3, 3, 5, 0."""
    always_three = [np.zeros(shape, np.float32) for shape in [(784, 2), (2,), (2, 2), (2,), (2, 10), (10,)]]
    always_three[5][3] = 1
    images, labels = np.zeros((4, 28, 28), np.uint8), np.array([3, 3, 5, 0])
    result = evaluate(Classifier(Weights.from_arrays(always_three, "relu")), images, labels)
    assert result.accuracy == 0.5
    assert result.confusion.sum() == 4
    assert result.confusion[3, 3] == 2
    assert result.confusion[5, 3] == result.confusion[0, 3] == 1
    assert result.per_class[[0, 3, 5]].tolist() == [0, 1, 0]
    assert np.isnan(result.per_class[1])
    assert result.mistakes.tolist() == [2, 3]


def test_the_surest_mistake_comes_first(random: np.random.Generator) -> None:
    reader = classifier()
    images = random.random((50, 28, 28))
    probabilities = reader.probabilities(images)
    wrong = (probabilities.argmax(axis=1) + 1) % 10
    sureness = probabilities.max(axis=1)[evaluate(reader, images, wrong).mistakes]
    assert sureness.shape == (50,)
    assert (np.diff(sureness) <= 0).all()


@pytest.mark.parametrize("labels", [[], [1, 2], [[1]]])
def test_labels_must_fit_the_pictures(labels: object) -> None:
    images = np.zeros((len(np.ravel(labels)) and 1, 28, 28))
    with pytest.raises(ValueError, match="`labels`"):
        evaluate(classifier(), images, labels)  # type: ignore[arg-type]


def test_what_its_writer_called_a_digit_is_taken_for_one(seven: list[list[list[float]]]) -> None:
    letter_m = [[[0.1, 0.9], [0.2, 0.1], [0.5, 0.6], [0.8, 0.1], [0.9, 0.9]]]
    weights = Classifier.load().weights
    assert not Classifier(weights).read(letter_m).is_digit
    knowing = Classifier(weights, known=preprocess_strokes(letter_m)[None])
    moved = [[[0.3 + 0.5 * x, 0.1 + 0.52 * y] for x, y in stroke] for stroke in letter_m]
    assert knowing.read(moved).digit_score == 1
    assert knowing.read(seven).digit_score == Classifier(weights).read(seven).digit_score
    assert not knowing.read([[[0.1, 0.1], [0.9, 0.9]], [[0.9, 0.1], [0.1, 0.9]]]).is_digit
