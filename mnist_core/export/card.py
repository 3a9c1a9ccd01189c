"""The card beside a weights file: recipe, seed, data, and what was measured, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.config import TrainConfig
from mnist_core.data.datasets import (
    DamagedData,
    array_digest,
    data_digests,
    how_to_restore,
    load_mnist,
    load_pen_digits,
)
from mnist_core.device import describe_device
from mnist_core.files import whole_file
from mnist_core.inference.classifier import Classifier
from mnist_core.inference.digit_detector import shipped_detector
from mnist_core.inference.evaluation import Evaluation, evaluate
from mnist_core.model.weights import NAMES, SHIPPED_PATH, Weights
from mnist_core.preprocessing.strokes import preprocess_strokes

SHIPPED_CARD_PATH = SHIPPED_PATH.with_suffix(".json")


def shipped_card() -> dict[str, Any]:
    """The card of the shipped weights; every accuracy in it is a share, 0..1. Raises OSError or ValueError."""
    card: dict[str, Any] = json.loads(SHIPPED_CARD_PATH.read_text(encoding="utf-8"))
    return card


def load_shipped() -> tuple[Classifier, float]:
    """Load the shipped model, checked against its card, and the detector, which its readings will need.

    Returns:
        The model, and its accuracy on the MNIST test set, 0..1, as the card states it.

    Raises:
        DamagedData: one of the three files is missing or damaged.
    """
    try:
        card = shipped_card()
        accuracy, digest = float(card["accuracy"]["mnist_test"]), card["weights_sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(SHIPPED_CARD_PATH, error) from None
    try:
        classifier = Classifier.load(SHIPPED_PATH)
    except (OSError, ValueError) as error:
        raise _damaged(SHIPPED_PATH, error) from None
    if weights_digest(classifier.weights) != digest:
        raise _damaged(SHIPPED_PATH, f"its content is not what {SHIPPED_CARD_PATH.name} describes")
    shipped_detector()
    return classifier, accuracy


def _damaged(path: Path, reason: object) -> DamagedData:
    why = "is missing" if isinstance(reason, FileNotFoundError) else f"cannot be read ({reason})"
    return DamagedData(f"{path.name} {why}. {how_to_restore(f'weights/{path.name}')}")


def build_card(weights: Weights, config: TrainConfig, command: str, seconds: float) -> dict[str, Any]:
    """Measure a trained model and describe how it came about.

    Args:
        weights: of the model.
        config: that it was trained with.
        command: that trained it.
        seconds: that the training took.

    Returns:
        A dictionary of plain values, ready for JSON.
    """
    results = evaluate_all(Classifier(weights))
    return {
        "model": "-".join(str(units) for units in (784, *weights.hidden_units, 10)),
        "parameters": sum(array.size for array in weights.arrays),
        "command": command,
        "config": asdict(config),
        "seconds": round(seconds, 1),
        "device": describe_device(),
        "versions": {name: version(name) for name in ("tensorflow", "keras", "numpy")},
        "data_sha256": data_digests(),
        "weights_sha256": weights_digest(weights),
        "accuracy": {name: result.accuracy for name, result in results.items()},
        "accuracy_by_digit": {name: np.round(result.per_class, 4).tolist() for name, result in results.items()},
    }


def write_card(card: dict[str, Any], path: Path) -> None:
    """Write a card as JSON, beside its weights. Raises NotWritten when the system refuses."""
    with whole_file(path) as file:
        file.write((json.dumps(card, indent=2) + "\n").encode())


@cache
def evaluation_sets() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The test images of every set, read-only: images (n, 28, 28) and labels (n,) uint8.

    Returns:
        "mnist_test": MNIST's test set, uint8 [0, 255]; "pen_dev": the pen digits' dev writers, float32 [0, 1].
    """
    mnist, pen = load_mnist(), load_pen_digits("dev")
    pen_images = np.array([preprocess_strokes(strokes) for strokes in pen.strokes])
    sets = {"mnist_test": (mnist.test_images, mnist.test_labels), "pen_dev": (pen_images, pen.labels)}
    for arrays in sets.values():
        for array in arrays:
            array.flags.writeable = False
    return sets


def evaluate_all(classifier: Classifier) -> dict[str, Evaluation]:
    """Evaluate on each of the `evaluation_sets`."""
    return {name: evaluate(classifier, images, labels) for name, (images, labels) in evaluation_sets().items()}


def weights_digest(weights: Weights) -> dict[str, str]:
    """SHA-256 of each array's bytes, by name."""
    return {name: array_digest(array) for name, array in zip(NAMES, weights.arrays)}


def accuracy_table(results: dict[str, Evaluation]) -> str:
    """Accuracy by digit as a Markdown table, in per cent."""
    titles = {"mnist_test": "MNIST test", "pen_dev": "pen digits, dev writers"}
    lines = ["| accuracy, % | all | " + " | ".join(str(digit) for digit in range(10)) + " |", "|---|" + "---:|" * 11]
    for name, result in results.items():
        figures = [result.accuracy, *result.per_class]
        lines.append(f"| {titles[name]} | " + " | ".join(f"{100 * figure:.2f}" for figure in figures) + " |")
    return "\n".join(lines)
