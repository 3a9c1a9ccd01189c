"""How well a model reads: accuracy, confusion, worst mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnist_core.errors import InvalidInput
from mnist_core.inference.classifier import Classifier
from mnist_core.model.weights import CLASSES, Weights


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model's results on labelled images.

    Attributes:
        accuracy: share read right, 0..1.
        confusion: (10, 10) int64: how often a digit (row) was read as each digit (column).
        per_class: (10,) float64: share of each digit read right, 0..1; NaN for a digit that does not occur.
        mistakes: (m,) int64: indices of the images misread, the one most surely misread first.
        predicted: (n,) uint8: what each image was read as.
        confidence: (n,) float32: how sure the model was of that, 0..1.
    """

    accuracy: float
    confusion: np.ndarray
    per_class: np.ndarray
    mistakes: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the accuracy, lowest and highest, each 0..1.

        Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22, 1927.
        """
        from scipy.stats import binomtest  # slow to import, and a reading does without it

        count = len(self.predicted)
        found = binomtest(count - len(self.mistakes), count).proportion_ci(0.95, "wilson")
        return float(found.low), float(found.high)

    def cell(self, labels: np.ndarray, label: int, read_as: int) -> np.ndarray:
        """Indices (k,) of the images of one digit that were read as one digit, the one most surely so first.

        Args:
            labels: (n,) the images' labels, as `evaluate` got them.
            label: the digit, 0..9: a row of the confusion matrix.
            read_as: what it was read as, 0..9: a column.
        """
        found = np.flatnonzero((labels == label) & (self.predicted == read_as))
        return found[np.argsort(-self.confidence[found], kind="stable")]


@dataclass(frozen=True)
class Figures:
    """Accuracy, 0..1, and mean loss on labelled images."""

    accuracy: float
    loss: float


def evaluate(classifier: Classifier, images: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Read labelled images and count.

    Args:
        classifier: the model.
        images: (n, 28, 28) uint8 [0, 255] or float [0, 1], n at least 1.
        labels: (n,) whole numbers 0..9.

    Raises:
        ValueError: the shapes do not fit, or there are no images.
    """
    labels = np.asarray(labels)
    if labels.shape != np.shape(images)[:1] or not labels.size:
        raise InvalidInput(
            f"Invalid value for argument `labels`. Expected one for each image. Received: {labels.shape}"
        )
    probabilities = classifier.probabilities(images)
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    with np.errstate(invalid="ignore"):
        per_class = confusion.diagonal() / confusion.sum(axis=1)
    mistakes = wrong[np.argsort(-confidence[wrong], kind="stable")]
    accuracy = float((predicted == labels).mean())
    return Evaluation(accuracy, confusion, per_class, mistakes, predicted.astype(np.uint8), confidence)


def figures(weights: Weights, loss: str, images: np.ndarray, labels: np.ndarray) -> Figures:
    """Accuracy and loss alone, in one forward pass: what a run measures of itself as it goes.

    Args:
        weights: of the model.
        loss: one of config.LOSSES; without label smoothing.
        images: (n, 28, 28) uint8 [0, 255] or float [0, 1].
        labels: (n,) whole numbers 0..9.
    """
    logits = Classifier(weights).logits(images)
    accuracy = float((logits.argmax(axis=1) == labels).mean())
    if loss == "squared_error":
        losses = np.square(logits - np.eye(CLASSES, dtype=np.float32)[labels]).sum(axis=1)
    else:
        shifted = logits - logits.max(axis=1, keepdims=True)
        losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]
    return Figures(accuracy, float(losses.mean()))
