"""How the shipped detector is made: the reader's own training loop, with an eleventh class.

python -m mnist_core train-detector --out weights/detector.npz
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from mnist_core.config import PRESETS, TrainConfig
from mnist_core.data.datasets import epoch_order, load_mnist
from mnist_core.data.outliers import outlier_images
from mnist_core.data.pen_images import pen_digit_images
from mnist_core.device import check_settings, tensorflow
from mnist_core.files import whole_file
from mnist_core.inference.digit_detector import OUTLIER
from mnist_core.model.network import build_model
from mnist_core.model.weights import NAMES
from mnist_core.training.loop import chunk_function
from mnist_core.training.optimizers import averaged_variables, build_optimizer
from mnist_core.training.schedule import learning_rates

# Chosen on the pen digits' and letters' dev writers.
RECIPE = replace(PRESETS["shipped"], schedule="cosine", ema_decay=0.999, epochs=40)


def train_detector(path: Path, config: TrainConfig = RECIPE) -> Iterator[float]:
    """Train a detector, on one device, and save it.

    Args:
        path: the `.npz` to write.
        config: the recipe.

    Yields:
        The mean loss of each epoch.

    Raises:
        NotWritten: the system refused; what was at `path` is as it was.
        ValueError: as `device.check_settings`.
    """
    check_settings()
    tf = tensorflow()
    images, labels = _pictures(config.seed)
    model = build_model(config, outputs=OUTLIER + 1)
    optimizer = build_optimizer(config)
    optimizer.build(model.trainable_variables)
    train_chunk = chunk_function(config, model, optimizer)
    device_images, device_labels = tf.constant(images), tf.constant(labels)
    steps = math.ceil(len(labels) / config.batch_size)
    for epoch in range(config.epochs):
        rates = learning_rates(config, steps * config.epochs, steps * epoch, steps)
        order = tf.constant(epoch_order(len(labels), config.seed, epoch + 1))
        plan = tf.constant([config.batch_size, 0, steps * epoch, config.seed])
        loss_sum, _ = train_chunk(device_images, device_labels, order, tf.constant(rates), plan)
        yield float(loss_sum) / len(labels)
    arrays = {name: variable.numpy() for name, variable in zip(NAMES, averaged_variables(optimizer))}
    with whole_file(path) as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _pictures(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """MNIST, the pen digits and the outliers: images (n, 28, 28) uint8, labels (n,) uint8, 0..10."""
    mnist = load_mnist()
    pen_images, pen_labels = pen_digit_images(seed)
    outliers = outlier_images(seed)
    images = np.concatenate([mnist.train_images, pen_images, outliers])
    labels = np.concatenate([mnist.train_labels, pen_labels, np.full(len(outliers), OUTLIER, np.uint8)])
    return images, labels
