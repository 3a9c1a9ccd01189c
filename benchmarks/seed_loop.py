"""The seed recipe's speed: an eager loop, one step at a time from Python, beside ours. `python -m benchmarks.seed_loop`

Both train 784-256-128-10 with summed squared error / batch and SGD 0.01 at batch 32, from the same weights on the same
pictures in the same order, 300 steps a turn, in turns. Tracing and warm-up are not counted; the losses must agree.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

import numpy as np

from benchmarks.machine import describe_machine
from mnist_core import PRESETS, Mnist, TrainConfig, build_model, load_mnist
from mnist_core.data import epoch_order
from mnist_core.device import describe_device, tensorflow
from mnist_core.loop import chunk_function
from mnist_core.optimizers import build_optimizer

STEPS = 300
TURNS = 5


def main() -> None:
    config = replace(PRESETS["seed"], train_size=STEPS * PRESETS["seed"].batch_size)
    data = load_mnist()
    order = epoch_order(config.train_size, config.seed, epoch=1)
    eager_rates, our_rates = [], []
    for _ in range(TURNS):
        eager_rate, eager_loss = time_eager(config, data, order)
        our_rate, our_loss = time_ours(config, data, order)
        if abs(eager_loss - our_loss) > 1e-3 * eager_loss:
            raise RuntimeError(f"The two did not do the same work: mean loss {eager_loss} and {our_loss}.")
        eager_rates.append(eager_rate)
        our_rates.append(our_rate)
    eager, ours = statistics.median(eager_rates), statistics.median(our_rates)
    print(f"{describe_machine()}; {describe_device()}; median of {TURNS} turns of {STEPS} steps\n")
    print("| batch 32, seed recipe | pictures/s | ratio |\n|---|---:|---:|")
    print(f"| eager loop | {eager:,.0f} | 1 |\n| ours | {ours:,.0f} | {ours / eager:.1f} |")


def time_eager(config: TrainConfig, data: Mnist, order: np.ndarray) -> tuple[float, float]:
    """Pictures per second and mean loss of the eager loop, its data prepared beforehand by tf.data."""
    tf = tensorflow()
    import keras

    model, optimizer, metric = build_model(config), keras.optimizers.SGD(config.learning_rate), keras.metrics.Accuracy()
    images = tf.constant(data.train_images[order], tf.float32) / 255
    batches = tf.data.Dataset.from_tensor_slices((images, data.train_labels[order])).batch(config.batch_size)

    def step(x: object, y: object) -> float:
        with tf.GradientTape() as tape:
            logits = model(tf.reshape(x, (-1, 784)))
            one_hot = tf.one_hot(y, 10)
            loss = tf.reduce_sum(tf.square(logits - one_hot)) / x.shape[0]  # type: ignore[attr-defined]
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        metric.update_state(tf.argmax(one_hot, axis=1), tf.argmax(logits, axis=1))
        return float(loss)

    initial = model.get_weights()
    for x, y in batches.take(5):
        step(x, y)
    model.set_weights(initial)
    started = time.perf_counter()
    losses = [step(x, y) for x, y in batches]
    return config.train_size / (time.perf_counter() - started), float(np.mean(losses))


def time_ours(config: TrainConfig, data: Mnist, order: np.ndarray) -> tuple[float, float]:
    """Pictures per second and mean loss of the loop in the graph."""
    tf = tensorflow()
    model, optimizer = build_model(config), build_optimizer(config)
    optimizer.build(model.trainable_variables)
    images, labels = tf.constant(data.train_images), tf.constant(data.train_labels)
    chunk = chunk_function(config, model, optimizer)
    rates, plan = tf.fill([STEPS], config.learning_rate), tf.constant([config.batch_size, 0, 0, config.seed])
    initial = model.get_weights()
    chunk(images, labels, tf.constant(order), rates[:5], plan)
    model.set_weights(initial)
    started = time.perf_counter()
    loss_sum, _ = chunk(images, labels, tf.constant(order), rates, plan)
    loss = float(loss_sum) / config.train_size
    return config.train_size / (time.perf_counter() - started), loss


if __name__ == "__main__":
    main()
