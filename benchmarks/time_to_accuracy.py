"""Seconds from Start to an accuracy on the MNIST test set. `python -m benchmarks.time_to_accuracy`

Needs `pip install -r benchmarks/requirements.txt`. The clock starts with the library imported and MNIST in memory, and
runs on through building, compiling, training and the tests: each trainer is tested after every epoch, on all 10,000
pictures, by its own means. They take turns, each turn in a process of its own, with another seed each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median

import numpy as np

from benchmarks.loops import CORES
from benchmarks.machine import describe_machine
from benchmarks.turns import Contender, ended_afterwards
from mnist_core import PRESETS, TrainConfig, build_model, load_mnist

TARGETS = (0.975, 0.98, 0.985)
TURNS = 5
MOST_EPOCHS = 20
BATCH_SIZE = 128  # of the others; scikit-learn keeps its own, 200

Reached = list[tuple[float, float]]  # seconds, and the accuracy of a test that ended then
Trainer = Callable[[int], Iterator[float]]


def main() -> None:
    results: dict[str, list[Reached]] = {name: [] for name in TRAINERS}
    for seed in range(TURNS):
        for name in TRAINERS:
            with ended_afterwards({name: Contender(prepare, name)}) as contenders:
                results[name].append(contenders[name].turn(seed))
    print(f"{describe_machine()}; {CORES} used; medians of seeds 0 to {TURNS - 1}, at most {MOST_EPOCHS} epochs\n")
    print("| seconds to MNIST test of | " + " | ".join(f"{target:.1%}" for target in TARGETS) + " | at the end, % |")
    print("|---|" + "---:|" * (len(TARGETS) + 1))
    for name, turns in results.items():
        cells = [_cell([seconds_to(target, turn) for turn in turns]) for target in TARGETS]
        ends = median(turn[-1][1] for turn in turns)
        print(f"| {name} | " + " | ".join(cells) + f" | {100 * ends:.2f} |")


def _cell(times: list[float | None]) -> str:
    reached = [seconds for seconds in times if seconds is not None]
    if len(reached) < len(times):
        return f"{len(reached)} of {len(times)} got there"
    return f"{median(reached):.1f}"


def seconds_to(target: float, turn: Reached) -> float | None:
    """When a test first showed that accuracy; None where none did."""
    return next((seconds for seconds, accuracy in turn if accuracy >= target), None)


def prepare(name: str) -> Callable[[int], Reached]:
    """In a trainer's process: the seconds and accuracies of all its tests, with a seed."""
    trainer = TRAINERS[name]()

    def turn(seed: int) -> Reached:
        begun = time.perf_counter()
        reached: Reached = []
        for accuracy in trainer(seed):
            reached.append((time.perf_counter() - begun, accuracy))
            if accuracy >= TARGETS[-1] and name != "ours, Recommended":
                break
        return reached

    return turn


def recommended() -> Trainer:
    """Ours: the whole run, as a visitor gets it; it is over after its last epoch."""
    from mnist_core import train
    from mnist_core.device import tensorflow

    tensorflow()
    data = load_mnist()

    def trainer(seed: int) -> Iterator[float]:
        for progress in train(replace(PRESETS["recommended"], seed=seed), data):
            if progress.test_accuracy is not None:
                yield progress.test_accuracy

    return trainer


def keras_fit() -> Trainer:
    """Keras' own loop with Adam at its defaults."""
    import keras
    import tensorflow as tf

    tf.config.list_logical_devices()  # its own threads, not ours
    (images, labels), (test_images, test_labels) = _pictures()

    def trainer(seed: int) -> Iterator[float]:
        keras.utils.set_random_seed(seed)
        model = build_model(TrainConfig(seed=seed))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"])
        for _ in range(MOST_EPOCHS):
            model.fit(images, labels, batch_size=BATCH_SIZE, verbose=0)
            yield model.evaluate(test_images, test_labels, batch_size=1000, verbose=0)[1]

    return trainer


def scikit_learn() -> Trainer:
    """MLPClassifier at its defaults, but for the widths."""
    from sklearn.neural_network import MLPClassifier

    (images, labels), (test_images, test_labels) = _pictures()

    def trainer(seed: int) -> Iterator[float]:
        model = MLPClassifier((256, 128), random_state=seed)
        for _ in range(MOST_EPOCHS):
            model.partial_fit(images, labels, classes=np.arange(10))
            yield float(model.score(test_images, test_labels))

    return trainer


def pytorch() -> Trainer:
    """A plain eager loop with Adam at its defaults."""
    import torch

    (images, labels), (test_images, test_labels) = (
        (torch.from_numpy(some), torch.from_numpy(digits).long()) for some, digits in _pictures()
    )

    def trainer(seed: int) -> Iterator[float]:
        torch.manual_seed(seed)
        linear = [torch.nn.Linear(784, 256), torch.nn.Linear(256, 128), torch.nn.Linear(128, 10)]
        model = torch.nn.Sequential(linear[0], torch.nn.ReLU(), linear[1], torch.nn.ReLU(), linear[2])
        optimizer, loss_of = torch.optim.Adam(model.parameters()), torch.nn.CrossEntropyLoss()
        for _ in range(MOST_EPOCHS):
            for chosen in torch.randperm(len(labels)).split(BATCH_SIZE):
                loss = loss_of(model(images[chosen]), labels[chosen])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                yield float((model(test_images).argmax(1) == test_labels).float().mean())

    return trainer


def _pictures() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and test images (n, 784) float32 [0, 1], labels (n,) uint8."""
    data = load_mnist()
    return (
        (data.train_images.reshape(-1, 784) / np.float32(255), data.train_labels),
        (data.test_images.reshape(-1, 784) / np.float32(255), data.test_labels),
    )


TRAINERS: dict[str, Callable[[], Trainer]] = {
    "Keras fit, Adam at its defaults": keras_fit,
    "scikit-learn, MLPClassifier": scikit_learn,
    "PyTorch, Adam at its defaults": pytorch,
    "ours, Recommended": recommended,
}


if __name__ == "__main__":
    main()
