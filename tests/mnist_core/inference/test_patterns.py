from __future__ import annotations

import numpy as np
import pytest

from mnist_core import Classifier, Mnist, Weights, most_used_units, unit_pictures


@pytest.fixture
def weights() -> Weights:
    """Four first-layer units; unit 2 is loudest, then 0, then 3; unit 1 is never heard."""
    kernel_1 = np.zeros((784, 4))
    kernel_1[400] = [1, 1, 1, 1]
    kernel_2 = np.array([[2.0, 0], [0, 0], [3, 0], [1, 0]])
    return Weights.from_arrays([kernel_1, np.zeros(4), kernel_2, np.zeros(2), np.zeros((2, 10)), np.zeros(10)], "relu")


@pytest.fixture
def images() -> np.ndarray:
    pictures = np.zeros((2, 28, 28), np.uint8)
    pictures[0].flat[400] = 255
    return pictures


def test_units_are_ranked_by_what_they_say_and_who_listens(weights: Weights, images: np.ndarray) -> None:
    assert most_used_units(weights, images, 3) == [2, 0, 3]
    assert most_used_units(weights, images) == [2, 0, 3, 1]


def test_units_already_shown_keep_their_places(weights: Weights, images: np.ndarray) -> None:
    assert most_used_units(weights, images, 3, shown=[3, 1, 0]) == [3, 2, 0]
    assert most_used_units(weights, images, 2, shown=[3, 1, 0]) == [2, 0]


def test_a_pattern_counts_where_pixels_vary_and_is_scaled_by_its_largest(images: np.ndarray) -> None:
    kernel_1 = np.zeros((784, 2))
    kernel_1[400] = [-2, 0]
    kernel_1[0] = 5  # a pixel that never has ink
    arrays = [kernel_1, np.zeros(2), np.zeros((2, 2)), np.zeros(2), np.zeros((2, 10)), np.zeros(10)]
    pictures = unit_pictures(Weights.from_arrays(arrays, "relu"), [0, 1], images)
    assert pictures.shape == (2, 28, 28)
    assert pictures[0].flat[400] == -1
    assert pictures[0].flat[0] == 0
    assert not pictures[1].any()


def test_the_first_layer_is_what_the_forward_pass_starts_with(mnist: Mnist) -> None:
    shipped = Classifier.load()
    first = shipped.first_layer(mnist.test_images[:3])
    weights = shipped.weights
    by_hand = np.maximum(mnist.test_images[:3].reshape(3, 784) / 255 @ weights.kernel_1 + weights.bias_1, 0)
    assert first == pytest.approx(by_hand, abs=1e-3)
