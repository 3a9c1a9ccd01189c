from __future__ import annotations

import numpy as np
import pytest

from mnist_core import Mnist
from mnist_core.device import tensorflow
from mnist_core.preprocessing.mnist_frame import centre_of_mass
from mnist_core.training.augment import augment


def augmented(images: np.ndarray, seed: tuple[int, int] = (1, 2), strength: float = 1.0) -> np.ndarray:
    tf = tensorflow()
    return augment(tf.constant(images, tf.float32) / 255, tf.constant(seed), strength).numpy()


def test_no_strength_changes_nothing(mnist: Mnist) -> None:
    images = mnist.train_images[:16]
    assert np.allclose(augmented(images, strength=0), images / 255, atol=1e-3)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 128])
def test_any_batch_size_keeps_its_shape_and_range(mnist: Mnist, count: int) -> None:
    result = augmented(mnist.train_images[:count], strength=2)
    assert result.shape == (count, 28, 28)
    assert 0 <= result.min() <= result.max() <= 1


def test_the_seed_decides(mnist: Mnist) -> None:
    images = mnist.train_images[:16]
    assert np.array_equal(augmented(images), augmented(images))
    assert not np.array_equal(augmented(images), augmented(images, seed=(1, 3)))


def test_pictures_are_distorted_but_stay_where_they_are(mnist: Mnist) -> None:
    images = mnist.train_images[:256]
    result = augmented(images)
    assert 0.02 < np.abs(result - images / 255).mean() < 0.12
    centres = np.array([centre_of_mass(image) for image in result])
    assert np.allclose(centres.mean(axis=0), 14.5, atol=0.3)
    assert result.sum() == pytest.approx(images.sum() / 255, rel=0.1)


def test_some_pictures_get_thicker_and_some_thinner(mnist: Mnist) -> None:
    images = mnist.train_images[:256]
    ratio = augmented(images).sum(axis=(1, 2)) / (images.sum(axis=(1, 2)) / 255)
    assert (ratio > 1.15).mean() > 0.1
    assert (ratio < 0.85).mean() > 0.1
