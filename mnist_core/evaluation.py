"""How well a model reads: accuracy, confusion, worst mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnist_core.inference import Classifier
from mnist_core.weights import CLASSES


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model's results on labelled pictures.

    Attributes:
        accuracy: share read right, 0..1.
        confusion: (10, 10) int64: how often a digit (row) was read as each digit (column).
        per_class: (10,) float64: share of each digit read right, 0..1; NaN for a digit that does not occur.
        mistakes: (m,) int64: indices of the pictures misread, the one most surely misread first.
    """

    accuracy: float
    confusion: np.ndarray
    per_class: np.ndarray
    mistakes: np.ndarray


def evaluate(classifier: Classifier, images: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Read labelled pictures and count.

    Args:
        classifier: the model.
        images: (n, 28, 28) uint8 [0, 255] or float [0, 1], n at least 1.
        labels: (n,) whole numbers 0..9.

    Raises:
        ValueError: the shapes do not fit, or there are no pictures.
    """
    labels = np.asarray(labels)
    if labels.shape != np.shape(images)[:1] or not labels.size:
        raise ValueError(
            f"Invalid value for argument `labels`. Expected one for each picture. Received: {labels.shape}"
        )
    probabilities = classifier.probabilities(images)
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    wrong = np.flatnonzero(predicted != labels)
    with np.errstate(invalid="ignore"):
        per_class = confusion.diagonal() / confusion.sum(axis=1)
    mistakes = wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")]
    return Evaluation(float((predicted == labels).mean()), confusion, per_class, mistakes)
