"""The training loop in the graph: batches, augmentation, gradient tape, optimizer, all inside one tf.function.

Python is called once a chunk of steps, not once a step: at batch 32 that alone makes training many times faster than
the same steps from Python. The interpreter's lock is free inside a chunk, so others can read drawings meanwhile.
On several devices each one, a replica in TensorFlow's words, does its share of every step.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.config import HYPERPARAMETERS, TrainConfig
from mnist_core.device import check_settings, tensorflow, training_cores
from mnist_core.model.network import build_model, initial_weights
from mnist_core.model.weights import CLASSES, INPUTS
from mnist_core.training.augment import augment
from mnist_core.training.optimizers import build_optimizer

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


@dataclass(frozen=True, eq=False)
class Loop:
    """A model, its optimizer, and the graph that trains the one with the other.

    Attributes:
        model: [b, 784] float32 [0, 1] -> [b, 10] logits.
        optimizer: built for the model's variables.
        train_chunk: the graph, what `chunk_function` or its like returns.
    """

    model: keras.Sequential
    optimizer: keras.optimizers.Optimizer
    train_chunk: Callable[..., tuple[tf.Tensor, tf.Tensor]]


BuildChunk = Callable[["TrainConfig", Any, Any], Callable[..., Any]]

# Pool of idle compiled loops, least recently used first. TensorFlow never frees the graph of a tf.function or its
# variables (6 MB): reusing them saves memory, and a run starts sooner.
_idle: OrderedDict[tuple[Any, ...], Loop] = OrderedDict()
_MOST_IDLE = 8
_LEAST_PART = 16  # images: below that, handing parts to other cores costs more than it gains
_lock = threading.Lock()


def take_loop(
    config: TrainConfig, build: BuildChunk | None = None, strategy: tf.distribute.Strategy | None = None
) -> Loop:
    """A loop for this run alone, with the config's initial weights and an optimizer that has done nothing yet.

    Args:
        config: what the model, the optimizer and the graph are built for.
        build: builds the graph; default: `chunk_function`.
        strategy: over the devices that train; default: one device.

    Raises:
        ValueError: as `device.check_settings`.
    """
    check_settings()
    build = build or chunk_function
    strategy = strategy or tensorflow().distribute.get_strategy()
    with _lock:
        loop = _idle.pop((strategy, build, *_graph_key(config)), None)
    if loop is None:
        # The scope is this thread's alone; what is built inside it knows its strategy from then on.
        with strategy.scope():
            model, optimizer = build_model(config), build_optimizer(config)
            optimizer.build(model.trainable_variables)
            return Loop(model, optimizer, build(config, model, optimizer))
    loop.model.set_weights(initial_weights(config))
    for variable in loop.optimizer.variables:
        variable.assign(np.zeros(variable.shape, variable.dtype))  # not times 0: after a divergence it may be NaN
    return loop


def give_back(
    loop: Loop,
    config: TrainConfig,
    build: BuildChunk | None = None,
    strategy: tf.distribute.Strategy | None = None,
) -> None:
    """Let another run with the same `take_loop` use the loop."""
    key = (strategy or tensorflow().distribute.get_strategy(), build or chunk_function, *_graph_key(config))
    with _lock:
        _idle[key] = loop
        while len(_idle) > _MOST_IDLE:
            _idle.popitem(last=False)


def _graph_key(config: TrainConfig) -> tuple[Any, ...]:
    """What is built into the graph, and into the optimizer."""
    built = (getattr(config, name) for name, each in HYPERPARAMETERS.items() if each.is_in_graph)
    return (*built, part_count(config.batch_size))  # batches of several sizes share a graph that divides them alike


def chunk_function(
    config: TrainConfig, model: keras.Sequential, optimizer: keras.optimizers.Optimizer
) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
    """Build the graph that trains on consecutive batches of a shuffled order.

    Built in the scope of a `tf.distribute` strategy, it divides each batch among the replicas, and the gradient is that
    of the mean loss of the whole batch, so that one device and several learn the same within rounding.

    Args:
        config: loss and augmentation.
        model: [b, 784] float32 [0, 1] -> [b, 10] logits.
        optimizer: built for the model's variables.

    Returns:
        A function of images (n, 28, 28) uint8 [0, 255], labels (n,) uint8 0..9, order (n,) int32, rates (steps,)
        float32, the learning rate of each step, and plan (4,) int32: batch size, first batch, first step, seed. It
        trains on batches first batch .. first batch + steps - 1 of the order and returns the sum of the losses,
        () float32, and the count of images read right, () int32.
    """
    tf = tensorflow()
    strategy = tf.distribute.get_strategy()  # TensorFlow's default one, with a single replica, where there is no scope
    parts = part_count(config.batch_size) if strategy.num_replicas_in_sync == 1 else 1

    # Sizes and rates come in as tensors: with Python numbers, every new value would trace the graph again. Without
    # autograph: it writes all that it translates to files in the system's temporary folder, where they stay when the
    # process is killed.
    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 28, 28], tf.uint8),
            tf.TensorSpec([None], tf.uint8),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None], tf.float32),
            tf.TensorSpec([4], tf.int32),
        ],
        autograph=False,
    )
    def train_chunk(images: Any, labels: Any, order: Any, rates: Any, plan: Any) -> tuple[Any, Any]:
        batch_size, first_batch, first_step, seed = tf.unstack(plan)

        def step(i: Any, batch: list[tuple[Any, Any]], count: Any, loss_sum: Any, correct: Any) -> tuple[Any, Any]:
            shares = []
            for part, (pictures, digits) in enumerate(batch):
                pixels = _pixels(config, _share(pictures), _replica_seed(seed, first_step + i, part))
                expected = tf.cast(_share(digits), tf.int32)
                shares.append((pixels, target_probabilities(config, expected, model.output_shape[-1])))
            optimizer.learning_rate.assign(rates[i])
            losses, hits = train_step(model, optimizer, shares, count, partial(loss_per_sample, config))
            return loss_sum + losses, correct + hits

        def next_step(i: Any, *sums: Any) -> tuple[Any, ...]:
            start = (first_batch + i) * batch_size
            chosen = order[start : start + batch_size]
            # Gathered before the replicas take their shares: the images then need to be on one device only.
            batch = [(tf.gather(images, part), tf.gather(labels, part)) for part in divide(chosen, parts)]
            return i + 1, *strategy.run(step, (i, batch, tf.size(chosen), *sums))

        first = (tf.constant(0), *strategy.run(_zeros))
        _, loss_sum, correct = tf.while_loop(lambda i, *_: i < tf.size(rates), next_step, first)
        return strategy.reduce("SUM", loss_sum, axis=None), strategy.reduce("SUM", correct, axis=None)

    return train_chunk


def train_step(
    model: keras.Sequential,
    optimizer: keras.optimizers.Optimizer,
    batch: Sequence[tuple[tf.Tensor, ...]],
    count: tf.Tensor,
    losses_of: Callable[..., tf.Tensor],
) -> tuple[tf.Tensor, tf.Tensor]:
    """One step on a batch that is divided into parts: the gradient of the mean loss, and the optimizer.

    Args:
        model: [b, 784] float32 [0, 1] -> [b, c] logits.
        optimizer: built for the model's variables.
        batch: its parts, each pixels (b, 784) float32 [0, 1], targets (b, c) float32, and what else `losses_of` takes.
            TensorFlow works on them side by side, on a core each.
        count: () int32, images of the whole batch, other replicas' included: the optimizer adds up the gradients.
        losses_of: targets and logits of a part, and what else it has -> (b,) float32, the loss of each image.

    Returns:
        The sum of the losses, () float32, and how many images were read right, () int32.
    """
    tf = tensorflow()
    gradients, loss_sums, correct = [], [], []
    for pixels, targets, *others in batch:
        with tf.GradientTape() as tape:
            logits = model(pixels, training=True)
            loss_sum = tf.reduce_sum(losses_of(targets, logits, *others))
            loss = loss_sum / tf.cast(count, tf.float32)
        gradients.append(tape.gradient(loss, model.trainable_variables))
        loss_sums.append(loss_sum)
        hits = tf.equal(tf.argmax(logits, axis=1), tf.argmax(targets, axis=1))
        correct.append(tf.reduce_sum(tf.cast(hits, tf.int32)))
    optimizer.apply([tf.add_n(shares) for shares in zip(*gradients)], model.trainable_variables)
    return tf.add_n(loss_sums), tf.add_n(correct)


def part_count(batch_size: int) -> int:
    """Into how many parts a batch is divided: one for each core, where that leaves each part enough to do."""
    return max(1, min(training_cores(), batch_size // _LEAST_PART))


def divide(batch: tf.Tensor, parts: int) -> list[tf.Tensor]:
    """Divide (b, ...) into consecutive parts, equal but for one; where b is small, some may be empty."""
    size = tensorflow().shape(batch)[0]
    return [batch[size * part // parts : size * (part + 1) // parts] for part in range(parts)]


def _zeros() -> tuple[tf.Tensor, tf.Tensor]:
    """A replica's sum of losses, () float32, and count of images read right, () int32, before its first step."""
    tf = tensorflow()
    return tf.constant(0.0), tf.constant(0)


def _share(batch: tf.Tensor) -> tf.Tensor:
    """What this replica takes of a batch (b, ...): every n-th, so that also a short batch is divided evenly."""
    context = tensorflow().distribute.get_replica_context()
    count = context.num_replicas_in_sync
    return batch if count == 1 else batch[context.replica_id_in_sync_group :: count]


def _replica_seed(seed: tf.Tensor, step: tf.Tensor, part: int = 0) -> tf.Tensor:
    """(2,) int32: another one for each part of each replica's step, so that no two images are distorted alike."""
    tf = tensorflow()
    context = tf.distribute.get_replica_context()
    count = context.num_replicas_in_sync
    whole = tf.stack([seed, step if count == 1 else step * count + context.replica_id_in_sync_group])
    return tf.random.fold_in(whole, part) if part else whole


def _pixels(config: TrainConfig, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """(b, 28, 28) uint8 [0, 255] -> (b, 784) float32 [0, 1]; augmented, by a seed (2,) int32, if the config says so."""
    tf = tensorflow()
    batch = tf.cast(images, tf.float32) / 255.0
    if config.augment:
        batch = augment(batch, seed, config.augment_strength)
    return tf.reshape(batch, [-1, INPUTS])


def target_probabilities(config: TrainConfig, labels: tf.Tensor, classes: int = CLASSES) -> tf.Tensor:
    """Labels (b,) int32 -> one-hot (b, classes) float32, smoothed where the config says so."""
    tf = tensorflow()
    one_hot = tf.one_hot(labels, classes)
    if config.loss != "cross_entropy":
        return one_hot
    return one_hot * (1 - config.label_smoothing) + config.label_smoothing / classes


def loss_per_sample(config: TrainConfig, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """The loss of each image; the batch's loss is their mean, so squared error is the seed's sum / batch.

    Args:
        config: names the loss.
        targets: (b, 10) float32, each row sums to 1.
        logits: (b, 10) float32.

    Returns:
        (b,) float32.
    """
    tf = tensorflow()
    if config.loss == "squared_error":
        return tf.reduce_sum(tf.square(logits - targets), axis=1)
    return tf.nn.softmax_cross_entropy_with_logits(targets, logits)
