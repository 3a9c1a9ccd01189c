"""Learn a little, in every way, after a setting was made; prints as JSON the weights' digests, or what was raised.

python learn_under_settings.py CODE: Python that makes the setting.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core import Classifier, History, Mnist, TrainConfig, build_model, load_mnist, teach, train, write_run
from mnist_core.data.datasets import array_digest
from mnist_core.training.detector_training import RECIPE, train_detector

CONFIG = TrainConfig(hidden_units=(16, 12), epochs=1, batch_size=64, train_size=200, augment=True)
SEVEN = ([[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]], 7)


def digest(arrays: list[np.ndarray]) -> list[str]:
    return [f"{array.dtype} {array_digest(array)}" for array in arrays]


def learned(progress: Any) -> list[str]:
    *_, last = progress
    return digest(last.weights.arrays)


def of_detector(data: Mnist) -> list[str]:
    from mnist_core.training import detector_training

    detector_training._pictures = lambda _: (data.train_images, data.train_labels)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "detector.npz"
        list(train_detector(path, replace(RECIPE, epochs=1)))
        with np.load(path) as arrays:
            return digest([arrays[name] for name in sorted(arrays.files)])


def exported() -> list[str]:
    """The types that the model states that other people's code loads."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.zip"
        write_run(path, Classifier.load().weights, CONFIG, history=History(), accuracy={})
        with zipfile.ZipFile(path) as run, zipfile.ZipFile(io.BytesIO(run.read("model.keras"))) as model:
            config = json.loads(model.read("config.json"))["config"]
    types = [json.dumps(layer["config"]["dtype"]) for layer in config["layers"]]
    return [name for name in types if "float32" not in name or "mixed" in name]


def ways(data: Mnist) -> dict[str, Callable[[], list[str]]]:
    averaged = replace(CONFIG, optimizer="adamw", ema_decay=0.9)
    other = replace(CONFIG, optimizer="momentum", loss="squared_error", augment=False)
    return {
        "train": lambda: learned(train(CONFIG, data)),
        "train, averaged": lambda: learned(train(averaged, data)),
        "train, momentum": lambda: learned(train(other, data)),
        "teach": lambda: learned(teach(Classifier.load(), [SEVEN], data)),
        "detector": lambda: of_detector(data),
        "model": lambda: digest(build_model(CONFIG).get_weights()),
        "export": exported,
    }


def main(setting: str) -> None:
    exec(setting, {})
    mnist = load_mnist()
    data = Mnist(mnist.train_images[:200], mnist.train_labels[:200], mnist.test_images[:100], mnist.test_labels[:100])
    found: dict[str, list[str]] = {}
    for name, way in ways(data).items():
        try:
            found[name] = way()
        except Exception as error:
            found[name] = [f"{type(error).__name__}: {error}"]
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
