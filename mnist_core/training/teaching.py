"""Teaching a model somebody's hand: it goes on learning from their drawings, without forgetting what it knew.

On MNIST and on other people's pen digits the target is what the model itself said before, so that it stays as it is
there. A quarter of the way from the old weights to the new ones is then gone back: it costs little of the new and
gives back some of the old.
Sources: Z. Li, D. Hoiem, "Learning without Forgetting", ECCV 2016; M. Wortsman et al., "Robust fine-tuning of zero-shot
models", CVPR 2022.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.config import TrainConfig
from mnist_core.data.datasets import Mnist
from mnist_core.data.pen_images import pen_digit_sample, vary_strokes
from mnist_core.device import tensorflow
from mnist_core.errors import InvalidInput
from mnist_core.inference.classifier import Classifier
from mnist_core.inference.evaluation import figures
from mnist_core.memory import require_memory
from mnist_core.model.network import get_weights, set_weights
from mnist_core.model.weights import CLASSES, INPUTS, Weights
from mnist_core.preprocessing.strokes import check_strokes, preprocess_strokes
from mnist_core.shown import shown
from mnist_core.training.augment import augment
from mnist_core.training.loop import Loop, divide, give_back, loss_per_sample, part_count, take_loop, train_step
from mnist_core.training.schedule import learning_rates
from mnist_core.training.trainer import Progress

if TYPE_CHECKING:
    import keras

Labelled = tuple[Sequence[Any], int]  # strokes as for `check_strokes`, and the digit that they are

LEAST_DRAWINGS = 10  # for holding some out: a share of fewer says nothing
HOLD_OUT_EVERY = 3

# Chosen on the pen digits' writers, each held out of the model that was taught (benchmarks/teaching.py).
STEPS = 200
BATCH = (48, 192, 32)  # of a step: drawings, MNIST, other people's pen digits
LEARNING_RATE = 0.001
NEW_SHARE = 0.75  # of the way from the old weights to the learned ones
_FULL_WEIGHT = 30  # drawings: fewer weigh less, so that a single odd one does not turn everything over
_LEAST_WEIGHT = 0.25
_AUGMENT_STRENGTH = 0.5  # of the drawings, on top of their variants
_PICTURES = 600  # of all drawings together, about: what can be drawn in a quarter of a second
_VARIANTS = (3, 60)  # of one drawing
_MNIST_PICTURES = 20_000
_CHUNK_STEPS = 20
_BYTES = 300e6  # that it takes at most, about, and the app meanwhile


def teach(classifier: Classifier, drawings: Sequence[Labelled], data: Mnist, seed: int = 0) -> Iterator[Progress]:
    """Let a model go on learning from labelled drawings, mixed with what it knows so that nothing is forgotten.

    On one device, whatever there is: 200 steps are too few to be divided.

    Args:
        classifier: the model to start from; it stays as it is.
        drawings: (strokes, label) each: strokes as for `check_strokes`, label 0..9.
        data: MNIST; a third of its training images take part, its test images give `test_accuracy`.
        seed: of the variants that are drawn, and of the order. The same arguments give bit-identical weights.

    Yields:
        Progress, about ten times a second, of one epoch; the last one holds the weights, of the same widths and
        activation, and their test accuracy.

    Raises:
        ValueError: there are no drawings, or a drawing is not acceptable; the message says which and why.
        MemoryError: there is not enough memory for it.
    """
    tensorflow()
    require_memory(_BYTES, "Teaching")
    images, targets, counts = _pictures(classifier, drawings, data, seed)
    config = TrainConfig(
        hidden_units=classifier.weights.hidden_units,
        activation=classifier.weights.activation,
        learning_rate=LEARNING_RATE,
        batch_size=sum(BATCH),
        warmup_epochs=0.1,
        epochs=1,
        seed=seed,
    )
    loop = take_loop(config, _teaching_function)
    try:
        set_weights(loop.model, classifier.weights)
        weights = _sample_weights(len(drawings))
        yield from _learn(loop, config, classifier.weights, (images, targets), _batches(counts, seed), weights, data)
    finally:
        give_back(loop, config, _teaching_function)


def _learn(  # noqa: PLR0917
    loop: Loop,
    config: TrainConfig,
    before: Weights,
    pictures: tuple[np.ndarray, np.ndarray],
    batches: np.ndarray,
    sample_weights: np.ndarray,
    data: Mnist,
) -> Iterator[Progress]:
    tf = tensorflow()
    images, targets, sample_weights = (tf.constant(array) for array in (*pictures, sample_weights))
    started = time.perf_counter()

    def weights() -> Weights:
        return _between(before, get_weights(loop.model, config.activation))

    for step in range(0, STEPS, _CHUNK_STEPS):
        chunk_started = time.perf_counter()
        chosen = batches[step : step + _CHUNK_STEPS]
        done = step + len(chosen)
        rates = learning_rates(config, STEPS, step, len(chosen))
        loss_sum, correct = loop.train_chunk(
            images, targets, sample_weights, tf.constant(chosen), tf.constant(rates), tf.constant([step, config.seed])
        )
        loss, accuracy = float(loss_sum) / chosen.size, int(correct) / chosen.size
        now = time.perf_counter()
        is_last = done == STEPS
        tested = figures(weights(), config.loss, data.test_images, data.test_labels) if is_last else None
        yield Progress(
            step=done,
            total_steps=STEPS,
            epoch=1,
            samples_per_second=chosen.size / (now - chunk_started),
            train_loss=loss,
            train_accuracy=accuracy,
            test_accuracy=tested.accuracy if tested else None,
            eta_seconds=(STEPS - done) * (now - started) / done,
            learning_rate=float(rates[-1]),
            test_loss=tested.loss if tested else None,
            weights=weights() if is_last else None,
            snapshot=weights,
        )


def _pictures(
    classifier: Classifier, drawings: Sequence[Labelled], data: Mnist, seed: int
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Drawings, MNIST and pen digits: images (n, 28, 28) uint8, targets (n, 10) float32, and how many of each."""
    own, labels = drawing_images(drawings, seed, variants_of(len(drawings)))
    random = np.random.default_rng((seed, 6))
    count = len(data.train_labels)
    few = random.choice(count, min(count, _MNIST_PICTURES), replace=False)
    known = np.concatenate([data.train_images[few], pen_digit_sample()])
    targets = np.concatenate([np.eye(CLASSES, dtype=np.float32)[labels], classifier.probabilities(known)])
    return np.concatenate([own, known]), targets, [len(own), len(few), len(known) - len(few)]


def _batches(counts: Sequence[int], seed: int) -> np.ndarray:
    """Which images each step learns from, (STEPS, sum(BATCH)) int32: of each kind as many as BATCH says."""
    random = np.random.default_rng((seed, 7))
    firsts = np.cumsum([0, *counts])
    parts = [random.integers(first, first + count, (STEPS, size)) for first, count, size in zip(firsts, counts, BATCH)]
    return np.concatenate(parts, axis=1).astype(np.int32)


def _sample_weights(drawings: int) -> np.ndarray:
    """How much each image of a step counts, (sum(BATCH),) float32."""
    own = np.clip(drawings / _FULL_WEIGHT, _LEAST_WEIGHT, 1)
    return np.repeat([own, 1, 1], BATCH).astype(np.float32)


def _between(old: Weights, new: Weights) -> Weights:
    """NEW_SHARE of the way from the old weights to the new ones."""
    return Weights.from_arrays([a + NEW_SHARE * (b - a) for a, b in zip(old.arrays, new.arrays)], old.activation)


def _teaching_function(
    config: TrainConfig, model: keras.Sequential, optimizer: keras.optimizers.Optimizer
) -> Callable[..., Any]:
    """Build the graph that teaches: `loop.chunk_function` with chosen batches, targets that are probabilities, and
    augmentation of the drawings only."""
    tf = tensorflow()
    parts = part_count(config.batch_size)

    def weighted_losses(wanted: Any, logits: Any, sample_weights: Any) -> Any:
        return sample_weights * loss_per_sample(config, wanted, logits)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 28, 28], tf.uint8),
            tf.TensorSpec([None, CLASSES], tf.float32),
            tf.TensorSpec([sum(BATCH)], tf.float32),
            tf.TensorSpec([None, sum(BATCH)], tf.int32),
            tf.TensorSpec([None], tf.float32),
            tf.TensorSpec([2], tf.int32),
        ],
        autograph=False,
    )
    def teaching_chunk(  # noqa: PLR0917
        images: Any, targets: Any, sample_weights: Any, batches: Any, rates: Any, plan: Any
    ) -> tuple[Any, Any]:
        def next_step(i: Any, loss_sum: Any, correct: Any) -> tuple[Any, Any, Any]:
            pixels = tf.cast(tf.gather(images, batches[i]), tf.float32) / 255.0
            drawn = augment(pixels[: BATCH[0]], tf.stack([plan[0] + i, plan[1]]), _AUGMENT_STRENGTH)
            pixels = tf.reshape(tf.concat([drawn, pixels[BATCH[0] :]], axis=0), [-1, INPUTS])
            wanted = tf.gather(targets, batches[i])
            batch = list(zip(*(divide(tensor, parts) for tensor in (pixels, wanted, sample_weights))))
            optimizer.learning_rate.assign(rates[i])
            losses, hits = train_step(model, optimizer, batch, tf.size(sample_weights), weighted_losses)
            return i + 1, loss_sum + losses, correct + hits

        first = (tf.constant(0), tf.constant(0.0), tf.constant(0))
        _, loss_sum, correct = tf.while_loop(lambda i, *_: i < tf.size(rates), next_step, first)
        return loss_sum, correct

    return teaching_chunk


def drawing_images(drawings: Sequence[Labelled], seed: int, variants: int) -> tuple[np.ndarray, np.ndarray]:
    """Drawings as training images: each as it was drawn, and as the same hand might draw it again.

    Args:
        drawings: (strokes, label) each, at least one.
        seed: of the variants.
        variants: images of each drawing, at least 1; the first is the drawing itself.

    Returns:
        images (n * variants, 28, 28) uint8 [0, 255], labels (n * variants,) uint8.

    Raises:
        ValueError: there are no drawings, or one is not acceptable; the message says which and why.
    """
    checked = [_check_drawing(drawing, number) for number, drawing in enumerate(drawings)]
    if not checked or variants < 1:
        raise InvalidInput(f"At least one drawing and one variant are needed. Received: {len(checked)} and {variants}")
    random = np.random.default_rng((seed, 5))
    images = [preprocess_strokes(strokes) for strokes, _ in checked]
    for _ in range(variants - 1):
        for strokes, label in checked:
            varied = vary_strokes(_fitted(strokes), label, random)
            images.append(preprocess_strokes(varied, pen_width=random.uniform(1.8, 3.2)))
    labels = np.tile(np.array([label for _, label in checked], np.uint8), variants)
    return np.round(np.array(images) * 255).astype(np.uint8), labels


def variants_of(count: int) -> int:
    """How many images `count` drawings are worth each, so that few of them are heard among MNIST's many."""
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
        raise InvalidInput(f"{expected} Received: {type(drawing).__name__}")
    strokes, label = drawing
    is_whole = isinstance(label, (int, np.integer)) and not isinstance(label, bool)
    if not is_whole or not 0 <= label < CLASSES:
        raise InvalidInput(f"{expected} Received the label {shown(label)}")
    checked = check_strokes(strokes)
    if not checked:
        raise InvalidInput(f"{expected} Received no stroke.")
    return checked, int(label)


def _fitted(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """The strokes with their longest side spanning 0..1, as `vary_strokes` takes them."""
    points = np.concatenate(strokes)
    low = points.min(axis=0)
    extent = max(float((points.max(axis=0) - low).max()), 1e-6)
    return [(stroke - low) / extent for stroke in strokes]
