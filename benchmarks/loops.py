"""One training, in the hands of seven: the loops that `python -m benchmarks.training` compares.

Each trains 784-256-128-10 with summed squared error / batch and plain SGD, from the same weights, on the same pictures
in the same order. All but ours get their pictures ready, as float32 [0, 1] in the order in which they are needed.

Each function takes a batch size and returns one that does a number of steps from the first picture on, and returns the
weights: six arrays, kernels (inputs, outputs) and biases.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from mnist_core import PRESETS, TrainConfig, build_model, load_mnist
from mnist_core.data.datasets import epoch_order

PICTURES = 56_320  # a whole number of batches of each size
Steps = Callable[[int], list[np.ndarray]]


def ours(batch_size: int) -> Steps:
    from mnist_core.device import tensorflow
    from mnist_core.training.loop import chunk_function
    from mnist_core.training.optimizers import build_optimizer

    tf = tensorflow()
    config = _config(batch_size)
    model, optimizer = build_model(config), build_optimizer(config)
    optimizer.build(model.trainable_variables)
    data = load_mnist()
    images, labels, order = (tf.constant(a) for a in (data.train_images, data.train_labels, _order(config)))
    chunk = chunk_function(config, model, optimizer)

    def steps(count: int) -> list[np.ndarray]:
        chunk(images, labels, order, tf.fill([count], config.learning_rate), tf.constant([batch_size, 0, 0, 0]))
        return list(model.get_weights())

    return steps


def eager(batch_size: int) -> Steps:
    """The seed recipe's own loop: one step at a time from Python, with its metric."""
    tf = _tensorflow_as_it_comes()
    import keras

    config = _config(batch_size)
    model, optimizer, metric = build_model(config), keras.optimizers.SGD(config.learning_rate), keras.metrics.Accuracy()
    batches = _dataset(tf, config)

    def steps(count: int) -> list[np.ndarray]:
        for x, y in batches.take(count):
            with tf.GradientTape() as tape:
                logits = model(tf.reshape(x, (-1, 784)))
                one_hot = tf.one_hot(y, 10)
                loss = tf.reduce_sum(tf.square(logits - one_hot)) / x.shape[0]
            metric.update_state(tf.argmax(logits, axis=1), y)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return list(model.get_weights())

    return steps


def function_on_dataset(batch_size: int) -> Steps:
    """The same step in a tf.function, its batches from tf.data."""
    tf = _tensorflow_as_it_comes()
    import keras

    config = _config(batch_size)
    model, optimizer = build_model(config), keras.optimizers.SGD(config.learning_rate)
    batches = _dataset(tf, config).prefetch(tf.data.AUTOTUNE)

    @tf.function
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = model(tf.reshape(x, (-1, 784)), training=True)
            loss = tf.reduce_sum(tf.square(logits - tf.one_hot(y, 10))) / tf.cast(tf.shape(x)[0], tf.float32)
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    def steps(count: int) -> list[np.ndarray]:
        for x, y in batches.take(count):
            step(x, y)
        return list(model.get_weights())

    return steps


def keras_fit(batch_size: int, **compile_options: Any) -> Steps:
    """Keras' own loop, plain or with what `compile` can be told: steps_per_execution and jit_compile."""
    _tensorflow_as_it_comes()
    import keras

    config = _config(batch_size)
    images, labels = _pictures(config)
    targets = np.eye(10, dtype=np.float32)[labels]
    model = build_model(config)

    def loss(targets: Any, logits: Any) -> Any:
        return keras.ops.sum(keras.ops.square(logits - targets), axis=-1)

    model.compile(keras.optimizers.SGD(config.learning_rate), loss, **compile_options)

    def steps(count: int) -> list[np.ndarray]:
        part = slice(count * batch_size)
        model.fit(images[part], targets[part], batch_size=batch_size, shuffle=False, verbose=0)
        return list(model.get_weights())

    return steps


def keras_fit_tuned(batch_size: int, steps_per_execution: int, jit_compile: bool) -> Steps:
    return keras_fit(batch_size, steps_per_execution=steps_per_execution, jit_compile=jit_compile)


def pytorch(batch_size: int, threads: int) -> Steps:
    """PyTorch's eager loop."""
    import torch

    torch.set_num_threads(threads)
    config = _config(batch_size)
    images, labels = (torch.from_numpy(array) for array in _pictures(config))
    targets = torch.nn.functional.one_hot(labels.long(), 10).float()
    linear = [torch.nn.Linear(784, 256), torch.nn.Linear(256, 128), torch.nn.Linear(128, 10)]
    initial = _initial(config)
    with torch.no_grad():
        for layer, kernel, bias in zip(linear, initial[::2], initial[1::2]):
            layer.weight.copy_(torch.from_numpy(kernel.T))
            layer.bias.copy_(torch.from_numpy(bias))
    model = torch.nn.Sequential(linear[0], torch.nn.ReLU(), linear[1], torch.nn.ReLU(), linear[2])
    optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate)

    def steps(count: int) -> list[np.ndarray]:
        for part in _slices(count, batch_size):
            loss = ((model(images[part]) - targets[part]) ** 2).sum() / batch_size
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        arrays = [array.detach().numpy() for layer in linear for array in (layer.weight.T, layer.bias)]
        return [array.copy() for array in arrays]

    return steps


def numpy_by_hand(batch_size: int, threads: int) -> Steps:
    """The chain rule written out, with as few passes over the arrays as NumPy allows."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(threads)
    config = _config(batch_size)
    images, labels = _pictures(config)
    targets = np.eye(10, dtype=np.float32)[labels]
    weights = _initial(config)
    w1, b1, w2, b2, w3, b3 = weights
    gradients = [np.empty_like(array) for array in weights]
    rate = np.float32(config.learning_rate)

    def step(x: np.ndarray, y: np.ndarray) -> None:
        h1 = x @ w1
        h1 += b1
        np.maximum(h1, 0, out=h1)
        h2 = h1 @ w2
        h2 += b2
        np.maximum(h2, 0, out=h2)
        d3 = h2 @ w3
        d3 += b3
        d3 -= y
        d3 *= np.float32(2 / len(x))
        d2 = d3 @ w3.T
        d2 *= h2 > 0
        d1 = d2 @ w2.T
        d1 *= h1 > 0
        for number, (inputs, outputs) in enumerate(((x, d1), (h1, d2), (h2, d3))):
            np.matmul(inputs.T, outputs, out=gradients[2 * number])
            np.sum(outputs, axis=0, out=gradients[2 * number + 1])
        for array, gradient in zip(weights, gradients):
            np.multiply(gradient, rate, out=gradient)
            np.subtract(array, gradient, out=array)

    def steps(count: int) -> list[np.ndarray]:
        for part in _slices(count, batch_size):
            step(images[part], targets[part])
        return weights

    return steps


def _config(batch_size: int) -> TrainConfig:
    return replace(PRESETS["seed"], batch_size=batch_size)


def _order(config: TrainConfig) -> np.ndarray:
    return epoch_order(60_000, config.seed, 1)[:PICTURES]


def _pictures(config: TrainConfig) -> tuple[np.ndarray, np.ndarray]:
    """(PICTURES, 784) float32 [0, 1] and (PICTURES,) uint8, in the order in which they are needed."""
    data, order = load_mnist(), _order(config)
    return data.train_images[order].reshape(-1, 784) / np.float32(255), data.train_labels[order]


def _dataset(tf: Any, config: TrainConfig) -> Any:
    images, labels = _pictures(config)
    pictures = tf.data.Dataset.from_tensor_slices((images.reshape(-1, 28, 28), labels))
    return pictures.batch(config.batch_size, drop_remainder=True).repeat()


def _initial(config: TrainConfig) -> list[np.ndarray]:
    return [array.copy() for array in build_model(config).get_weights()]


def _tensorflow_as_it_comes() -> Any:
    """TensorFlow with the threads that it chooses itself: once it is in use, ours are not set any more."""
    import tensorflow as tf

    tf.config.list_logical_devices()
    return tf


def _slices(count: int, batch_size: int) -> Iterator[slice]:
    for first in range(0, count * batch_size, batch_size):
        yield slice(first, first + batch_size)


# What each row of the table may be: it is run as the variant that is fastest, by its name.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
THREADS = {f"{threads} thread{'s' if threads > 1 else ''}": (threads,) for threads in sorted({1, CORES})}
TUNED = {
    f"steps_per_execution {steps}, jit {jit}": (steps, jit)  # also Keras' own choice of both is among them
    for steps in (1, 10, 50)
    for jit in (False, True)
}
LOOPS: dict[str, tuple[Callable[..., Steps], dict[str, tuple[Any, ...]]]] = {
    "seed loop, eager": (eager, {"": ()}),
    "tf.function on tf.data": (function_on_dataset, {"": ()}),
    "Keras fit": (keras_fit, {"": ()}),
    "Keras fit, best of": (keras_fit_tuned, TUNED),
    "PyTorch eager": (pytorch, THREADS),
    "NumPy by hand": (numpy_by_hand, THREADS),
    "ours": (ours, {"": ()}),
}
