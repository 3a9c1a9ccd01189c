"""Teaching a hand, with the pen digits' writers standing in for people. `python -m benchmarks.teaching FOLDER`

Every writer with at least 60 digits teaches 3 drawings of each digit and is tested on the rest. The shipped model has
never seen the dev writers; for the others, five models are trained as it was, each without a fifth of the train
writers (17 minutes on one core), and kept in FOLDER for the next time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.machine import describe_machine
from mnist_core import (
    PRESETS,
    Classifier,
    Mnist,
    PenDigits,
    Weights,
    load_mnist,
    load_pen_digits,
    preprocess_strokes,
    teach,
    train,
)
from mnist_core.data import pen_images as drawn

FOLDS = 5
LEAST_DIGITS = 60
TAUGHT = 3  # drawings of each digit
SEEDS = 3  # choices of those


@dataclass(frozen=True)
class Outcome:
    """Shares of errors of one writer's digits, and of MNIST test, before and after, and the seconds it took."""

    before: float
    after: float
    mnist_before: float
    mnist_after: float
    seconds: float


def main() -> None:
    folder, data = Path(sys.argv[1]), load_mnist()
    outcomes = list(all_outcomes(folder, data))
    print(f"{describe_machine()}; {len(outcomes) // SEEDS} writers, {SEEDS} choices of drawings each\n")
    print("| writers who started | times taught | errors before, % | after, % | MNIST test, before, % | after, % |")
    print("|---|---:|---:|---:|---:|---:|")
    for title, chosen in (
        ("under 98%", [outcome for outcome in outcomes if outcome.before > 0.02]),
        ("at 98% or more", [outcome for outcome in outcomes if outcome.before <= 0.02]),
    ):
        before, after, mnist_before, mnist_after = (
            np.mean([getattr(outcome, name) for outcome in chosen])
            for name in ("before", "after", "mnist_before", "mnist_after")
        )
        print(
            f"| {title} | {len(chosen)} | {100 * before:.2f} | {100 * after:.2f} | {100 - 100 * mnist_before:.2f} | "
            f"{100 - 100 * mnist_after:.2f} |"
        )
    print(f"\nSeconds to teach: median {np.median([outcome.seconds for outcome in outcomes]):.1f}")


def all_outcomes(folder: Path, data: Mnist) -> Iterator[Outcome]:
    train_digits, dev_digits = load_pen_digits("train"), load_pen_digits("dev")
    folds = fold_of_writers(train_digits)
    for digits in (train_digits, dev_digits):
        for writer, count in zip(*np.unique(digits.writers, return_counts=True)):
            if count < LEAST_DIGITS:
                continue
            fold = folds.get(str(writer))
            base = Classifier.load() if fold is None else base_model(folder, fold, folds, data)
            for seed in range(SEEDS):
                yield outcome(base, digits, np.flatnonzero(digits.writers == writer), data, seed)


def fold_of_writers(digits: PenDigits) -> dict[str, int]:
    writers = np.random.default_rng(0).permutation(np.unique(digits.writers))
    return {str(writer): number % FOLDS for number, writer in enumerate(writers)}


def base_model(folder: Path, fold: int, folds: dict[str, int], data: Mnist) -> Classifier:
    """The model trained without the writers of a fold; trained when it is not in the folder yet."""
    path = folder / f"fold{fold}.npz"
    if not path.exists():
        digits = load_pen_digits("train")
        kept = [i for i, writer in enumerate(digits.writers) if folds[str(writer)] != fold]
        others = PenDigits([digits.strokes[i] for i in kept], digits.labels[kept], digits.writers[kept])
        drawn._drawn.clear()
        with patch.object(drawn, "load_pen_digits", lambda split: others):
            *_, last = train(PRESETS["shipped"], data)
        drawn._drawn.clear()
        assert last.weights is not None
        last.weights.save(path)
    return Classifier(Weights.load(path))


def outcome(base: Classifier, digits: PenDigits, own: np.ndarray, data: Mnist, seed: int) -> Outcome:
    """Teach a base model one writer's drawings, chosen by the seed, and test it on their other ones."""
    random = np.random.default_rng((seed, *own[:1]))
    by_digit = [random.permutation(own[digits.labels[own] == digit]) for digit in range(10)]
    # Of a digit that the writer wrote three times or less, one stays for the test.
    taught = np.concatenate([some[: min(TAUGHT, max(0, len(some) - 1))] for some in by_digit])
    tested = np.setdiff1d(own, taught)
    started = time.perf_counter()
    *_, last = teach(base, [(digits.strokes[i], int(digits.labels[i])) for i in taught], data, seed)
    seconds = time.perf_counter() - started
    assert last.weights is not None
    images = np.array([preprocess_strokes(digits.strokes[i]) for i in tested])
    after = Classifier(last.weights)
    return Outcome(
        errors(base, images, digits.labels[tested]),
        errors(after, images, digits.labels[tested]),
        errors(base, data.test_images, data.test_labels),
        errors(after, data.test_images, data.test_labels),
        seconds,
    )


def errors(classifier: Classifier, images: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(classifier.logits(images).argmax(axis=1) != labels))


if __name__ == "__main__":
    main()
