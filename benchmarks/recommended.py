"""The preset Recommended beside Keras `fit`, in one run, in turns. `python -m benchmarks.recommended`

Both train the same three layers on the same MNIST from fresh weights, and are timed from nothing but the data to the
trained model, building and compiling included. `fit` runs three epochs at batch 128 with Adam at its defaults.
"""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median

import numpy as np

from benchmarks.machine import describe_machine
from mnist_core import PRESETS, Mnist, TrainConfig, build_model, describe_device, load_mnist, train
from mnist_core.device import tensorflow
from mnist_core.loop import _idle

TURNS = 5
FIT_EPOCHS, FIT_BATCH = 3, 128


def main() -> None:
    tensorflow()
    data = load_mnist()
    inputs = tuple(images.reshape(-1, 784).astype(np.float32) / 255 for images in (data.train_images, data.test_images))
    fits, ours = [], []
    for turn in range(TURNS):
        fits.append(fit(inputs, data, turn))
        ours.append(recommended(data, turn))
    print(f"{describe_machine()}; {describe_device()}; medians of {TURNS} turns with seeds 0 to {TURNS - 1}\n")
    print("| | seconds | MNIST test, % | lowest, % |\n|---|---:|---:|---:|")
    for name, results in ((f"Keras fit, {FIT_EPOCHS} epochs at batch {FIT_BATCH}", fits), ("Recommended", ours)):
        seconds, accuracies = zip(*results)
        print(f"| {name} | {median(seconds):.1f} | {100 * median(accuracies):.2f} | {100 * min(accuracies):.2f} |")


def fit(inputs: tuple[np.ndarray, ...], data: Mnist, seed: int) -> tuple[float, float]:
    """Seconds and test accuracy of Keras' own loop."""
    import keras

    begun = time.perf_counter()
    keras.utils.set_random_seed(seed)
    model = build_model(TrainConfig(seed=seed))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    model.fit(inputs[0], data.train_labels.astype(np.int32), batch_size=FIT_BATCH, epochs=FIT_EPOCHS, verbose=0)
    seconds = time.perf_counter() - begun
    return seconds, model.evaluate(inputs[1], data.test_labels.astype(np.int32), batch_size=1000, verbose=0)[1]


def recommended(data: Mnist, seed: int) -> tuple[float, float]:
    """Seconds and test accuracy of ours, its tests after each epoch included."""
    _idle.clear()  # else all turns but the first would find their graph built
    begun = time.perf_counter()
    *_, last = train(replace(PRESETS["recommended"], seed=seed), data)
    return time.perf_counter() - begun, last.test_accuracy or 0.0


if __name__ == "__main__":
    main()
