"""Teaching a model somebody's hand: it goes on learning from their drawings, mixed with MNIST."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mnist_core.config import TrainConfig
from mnist_core.data import Mnist
from mnist_core.inference import Classifier
from mnist_core.pen_images import vary_strokes
from mnist_core.strokes import check_strokes, preprocess_strokes
from mnist_core.training import Progress, train
from mnist_core.weights import CLASSES

Labelled = tuple[Sequence[Any], int]  # strokes as for `check_strokes`, and the digit that they are

LEAST_DRAWINGS = 10  # for holding some out: a share of fewer says nothing
HOLD_OUT_EVERY = 3

_PICTURES = 1_000  # of all drawings together, about: what can be drawn in a third of a second
_VARIANTS = (3, 60)  # of one drawing
_MNIST_PICTURES = 6_000
_TEST_PICTURES = 100  # training measures itself on so many; the true measuring is the caller's
_STEPS = 400
_BATCH = 128


def teach(classifier: Classifier, drawings: Sequence[Labelled], data: Mnist, seed: int = 0) -> Iterator[Progress]:
    """Let a model go on learning from labelled drawings, mixed with MNIST so that nothing is forgotten.

    Args:
        classifier: the model to start from; it stays as it is.
        drawings: (strokes, label) each: strokes as for `check_strokes`, label 0..9.
        data: MNIST; every tenth picture of it or so takes part.
        seed: of the variants that are drawn, and of the order. The same arguments give bit-identical weights.

    Yields:
        Progress, about ten times a second; the last one holds the weights, of the same widths and activation.

    Raises:
        ValueError: there are no drawings, or a drawing is not acceptable; the message says which and why.
        TrainingDiverged: the loss stopped being finite.
    """
    extra = drawing_images(drawings, seed, variants_of(len(drawings)))
    few = _every_so_often(data)
    steps_per_epoch = -(-(len(few.train_labels) + len(extra[1])) // _BATCH)
    config = TrainConfig(
        hidden_units=classifier.weights.hidden_units,
        activation=classifier.weights.activation,
        learning_rate=0.0005,
        batch_size=_BATCH,
        epochs=max(1, round(_STEPS / steps_per_epoch)),
        seed=seed,
    )
    yield from train(config, few, init=classifier.weights, extra=extra)


def drawing_images(drawings: Sequence[Labelled], seed: int, variants: int) -> tuple[np.ndarray, np.ndarray]:
    """Drawings as training pictures: each as it was drawn, and as the same hand might draw it again.

    Args:
        drawings: (strokes, label) each, at least one.
        seed: of the variants.
        variants: pictures of each drawing, at least 1; the first is the drawing itself.

    Returns:
        images (n * variants, 28, 28) uint8 [0, 255], labels (n * variants,) uint8.

    Raises:
        ValueError: there are no drawings, or one is not acceptable; the message says which and why.
    """
    checked = [_check_drawing(drawing, number) for number, drawing in enumerate(drawings)]
    if not checked or variants < 1:
        raise ValueError(f"At least one drawing and one variant are needed. Received: {len(checked)} and {variants}")
    random = np.random.default_rng((seed, 5))
    images = [preprocess_strokes(strokes) for strokes, _ in checked]
    for _ in range(variants - 1):
        for strokes, label in checked:
            varied = vary_strokes(_fitted(strokes), label, random)
            images.append(preprocess_strokes(varied, pen_width=random.uniform(1.8, 3.2)))
    labels = np.tile(np.array([label for _, label in checked], np.uint8), variants)
    return np.round(np.array(images) * 255).astype(np.uint8), labels


def variants_of(count: int) -> int:
    """How many pictures `count` drawings are worth each, so that few of them are heard among MNIST's many."""
    least, most = _VARIANTS
    return max(least, min(most, _PICTURES // max(count, 1)))


def hold_out(labels: Sequence[int]) -> tuple[list[int], list[int]]:
    """Divide drawings into those to learn from and those to be measured on.

    Args:
        labels: of the drawings, 0..9, in the order in which they were drawn.

    Returns:
        Indices to learn from, and indices held out: every third drawing of each digit. Nothing is held out of fewer
        than LEAST_DRAWINGS drawings.
    """
    if len(labels) < LEAST_DRAWINGS:
        return list(range(len(labels))), []
    seen = [0] * CLASSES
    kept: list[int] = []
    held: list[int] = []
    for index, label in enumerate(labels):
        seen[label] += 1
        (held if seen[label] % HOLD_OUT_EVERY == 0 else kept).append(index)
    return kept, held


def _check_drawing(drawing: Any, number: int) -> tuple[list[np.ndarray], int]:
    expected = f"Drawing {number} must be strokes and a label 0..9."
    if not isinstance(drawing, (tuple, list)) or len(drawing) != 2:
        raise ValueError(f"{expected} Received: {type(drawing).__name__}")
    strokes, label = drawing
    is_whole = isinstance(label, (int, np.integer)) and not isinstance(label, bool)
    if not is_whole or not 0 <= label < CLASSES:
        raise ValueError(f"{expected} Received the label {label!r}")
    checked = check_strokes(strokes)
    if not checked:
        raise ValueError(f"{expected} Received no stroke.")
    return checked, int(label)


def _fitted(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """The strokes with their longest side spanning 0..1, as `vary_strokes` takes them."""
    points = np.concatenate(strokes)
    low = points.min(axis=0)
    extent = max(float((points.max(axis=0) - low).max()), 1e-6)
    return [(stroke - low) / extent for stroke in strokes]


def _every_so_often(data: Mnist) -> Mnist:
    """Fewer pictures, from all over the set."""
    every = max(1, len(data.train_labels) // _MNIST_PICTURES)
    return Mnist(
        data.train_images[::every],
        data.train_labels[::every],
        data.test_images[:_TEST_PICTURES],
        data.test_labels[:_TEST_PICTURES],
    )
