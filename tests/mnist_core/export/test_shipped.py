"""The shipped weights are their own regression check: they must read as well as their card and the README say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnist_core import PRESETS, Classifier, Mnist, PenDigits, TrainConfig, evaluate, preprocess, preprocess_strokes
from mnist_core import shipped_card as load_card
from mnist_core.data.datasets import data_digests
from mnist_core.export.card import evaluate_all, weights_digest
from tests.support.pictures import picture


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return Classifier.load()


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    return load_card()


def test_the_card_belongs_to_the_weights(shipped: Classifier, card: dict[str, Any]) -> None:
    assert card["weights_sha256"] == weights_digest(shipped.weights)
    assert card["data_sha256"] == data_digests()
    assert (card["model"], card["parameters"]) == ("784-256-128-10", 235_146)
    assert card["command"] == "python -m mnist_core train --preset shipped --out weights/shipped.npz"


def test_the_card_states_the_shipped_preset(card: dict[str, Any]) -> None:
    assert TrainConfig.from_dict(card["config"]) == PRESETS["shipped"]


def test_the_weights_read_as_well_as_the_card_says(shipped: Classifier, card: dict[str, Any]) -> None:
    for name, result in evaluate_all(shipped).items():
        assert result.accuracy == pytest.approx(card["accuracy"][name], abs=2e-4)
        assert result.per_class == pytest.approx(card["accuracy_by_digit"][name], abs=2e-3)


def test_mnist_accuracy(shipped: Classifier, mnist: Mnist) -> None:
    assert evaluate(shipped, mnist.test_images, mnist.test_labels).accuracy >= 0.9925


def test_pen_accuracy(shipped: Classifier, pen_dev: PenDigits) -> None:
    images = np.array([preprocess_strokes(strokes) for strokes in pen_dev.strokes])
    assert evaluate(shipped, images, pen_dev.labels).accuracy >= 0.992


@pytest.mark.slow
@pytest.mark.parametrize("upscaled", [False, True])
def test_accuracy_on_pictures_of_any_brush_size_place_and_polarity(
    shipped: Classifier, pen_dev: PenDigits, random: np.random.Generator, upscaled: bool
) -> None:
    images = np.array([preprocess(picture(strokes, random, upscaled)) for strokes in pen_dev.strokes])
    assert evaluate(shipped, images, pen_dev.labels).accuracy >= 0.99
