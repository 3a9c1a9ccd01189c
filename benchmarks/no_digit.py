"""How well the app says what is no digit, beside other scores, and how well calibrated it is.

`python -m benchmarks.no_digit`, on the pen digits' and letters' dev writers and on MNIST test.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import rankdata

from benchmarks.machine import describe_machine
from mnist_core import Classifier, evaluation_sets, load_mnist, load_pen_digits, load_pen_letters, preprocess_strokes
from mnist_core.data.doodles import KINDS, doodle
from mnist_core.data.outliers import BEGUN_SHARE, LIKE_DIGITS, begin
from mnist_core.data.pen_images import is_straight
from mnist_core.inference.classifier import softmax
from mnist_core.inference.digit_detector import DIGIT_SCORE

DOODLES_OF_A_KIND = 50
NEIGHBOURS = 5
BINS = 15


def main() -> None:
    classifier, sets = Classifier.load(), evaluation_sets()
    digits, letters = sets["pen_dev"][0], letter_pictures()
    print(f"{describe_machine()}; {len(digits)} digits and {len(letters)} letters of dev writers\n")
    print(
        "| score | AUROC | letters refused when 1.5% of digits are, % | digits refused when 95% of letters are, % |\n"
        "|---|---:|---:|---:|"
    )
    for name, score in scores(classifier).items():
        print(f"| {name} | {comparison(score(digits), score(letters))} |")
    print(f"\nRefused at the shipped threshold, {DIGIT_SCORE}:\n\n| | drawings | refused, % |\n|---|---:|---:|")
    groups = {"pen digits, dev writers": digits, "MNIST test": sets["mnist_test"][0]}
    groups |= {"letters, dev writers": letters, "doodles by program, another seed": doodle_pictures()}
    groups |= {"digits of dev writers, only begun": begun_pictures()}
    for name, pictures in groups.items():
        refused = np.mean(classifier.digit_scores(pictures) < DIGIT_SCORE)
        print(f"| {name} | {len(pictures)} | {100 * refused:.1f} |")
    print(f"\n| expected calibration error, {BINS} bins | as shipped, % | best temperature | with it, % |")
    print("|---|---:|---:|---:|")
    for name, (images, labels) in sets.items():
        logits = classifier.logits(images).astype(np.float64)
        best = temperature(logits, labels)
        figures = f"{100 * calibration_error(logits, labels):.2f} | {best:.2f}"
        print(f"| {name} | {figures} | {100 * calibration_error(logits / best, labels):.2f} |")


def letter_pictures() -> np.ndarray:
    """Of dev writers, without those that nobody could tell from a digit: (n, 28, 28) float32 [0, 1]."""
    letters = load_pen_letters("dev")
    clear = [strokes for strokes, label in zip(letters.strokes, letters.labels) if label not in LIKE_DIGITS]
    return np.array([preprocess_strokes(strokes) for strokes in clear])


def doodle_pictures() -> np.ndarray:
    random = np.random.default_rng(2026)
    doodles = [doodle(kind, random) for kind in KINDS for _ in range(DOODLES_OF_A_KIND)]
    return np.array([preprocess_strokes(strokes) for strokes in doodles])


def begun_pictures() -> np.ndarray:
    random = np.random.default_rng(2026)
    digits = load_pen_digits("dev")
    begun = [
        begin(strokes, random.uniform(*BEGUN_SHARE))
        for strokes, label in zip(digits.strokes, digits.labels)
        if label not in (1, 7)
    ]
    return np.array([preprocess_strokes(strokes) for strokes in begun if not is_straight(strokes)])


def scores(classifier: Classifier) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Higher for a digit. Energy: W. Liu et al., "Energy-based Out-of-distribution Detection", NeurIPS 2020."""
    mnist = load_mnist()
    known = _directions(classifier, mnist.train_images[::6])
    return {
        "confidence of the reader": lambda images: classifier.probabilities(images).max(axis=1),
        "energy of the reader": lambda images: np.logaddexp.reduce(classifier.logits(images), axis=1),
        "nearest pictures in its last hidden layer": lambda images: np.sort(
            _directions(classifier, images) @ known.T, axis=1
        )[:, -NEIGHBOURS],
        "the detector: an eleventh class": classifier.digit_scores,
    }


def _directions(classifier: Classifier, images: np.ndarray) -> np.ndarray:
    weights = classifier.weights
    hidden = np.maximum(classifier.first_layer(images) @ weights.kernel_2 + weights.bias_2, 0)
    return np.asarray(hidden / np.linalg.norm(hidden, axis=1, keepdims=True))


def comparison(digits: np.ndarray, others: np.ndarray) -> str:
    """The area under the receiver operating characteristic, and a point of it from either side."""
    ranks = rankdata(np.concatenate([digits, others]))[: len(digits)]
    area = (ranks.mean() - (len(digits) + 1) / 2) / len(others)
    refused = np.mean(others < np.quantile(digits, 0.015))
    lost = np.mean(digits <= np.quantile(others, 0.95))
    return f"{area:.4f} | {100 * refused:.1f} | {100 * lost:.2f}"


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """That makes the labels likeliest. Source: C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017."""

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        return float(np.mean(np.logaddexp.reduce(scaled, axis=1) - scaled[np.arange(len(labels)), labels]))

    return float(minimize_scalar(loss, bounds=(0.2, 5), method="bounded").x)


def calibration_error(logits: np.ndarray, labels: np.ndarray) -> float:
    """Expected calibration error, 0..1: how far confidence and accuracy are apart in bins of equal width."""
    probabilities = softmax(logits)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(right[bins == b].sum() - confidence[bins == b].sum()) for b in range(BINS)]
    return float(sum(gaps) / len(labels))


if __name__ == "__main__":
    main()
