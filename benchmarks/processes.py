"""Two processes of the app behind nginx: does every visitor keep their model? `python -m benchmarks.processes`

nginx runs with docs/nginx.conf, on ports that are free. Visitors train, each with another seed, draw, reload the page
and draw again. The same models are trained here, too: a reading tells by its probabilities whose model it came from.
Then one process is killed, and started again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.machine import describe_machine
from mnist_core import PRESETS, Classifier, load_mnist, load_pen_digits, read_number, train
from tests.support.visitor import ROOT, Visitor, free_port, running_app, wait_for
from ui.api.answers import number_answer

CONFIGURATION = ROOT / "docs" / "nginx.conf"
VISITORS, DRAWINGS = 8, 25
PICTURES = 2000  # to train on: models that differ clearly, within a second
COLUMNS = ("their own model", "the shipped model", "another's model", "failed")

Strokes = list[list[list[float]]]


def main() -> None:
    if not shutil.which("nginx"):
        sys.exit("This needs nginx on the PATH: apt-get install nginx-light")
    drawings = [[stroke.tolist() for stroke in digit] for digit in load_pen_digits("dev").strokes[:DRAWINGS]]
    expected = [probabilities(Classifier.load(), drawings)]
    expected += [probabilities(trained(seed), drawings) for seed in range(VISITORS)]
    with contextlib.ExitStack() as running:
        ports = {"a": free_port(), "b": free_port()}
        pids = {name: running.enter_context(running_app(port=port))[1] for name, port in ports.items()}
        url = running.enter_context(running_nginx(ports))
        visitors = [Visitor(url) for _ in range(VISITORS)]
        served = {name: [i for i in range(VISITORS) if visitors[i].cookies["process"] == name] for name in ports}
        print(f"{describe_machine()}; " + ", ".join(f"process {name}: {len(i)} visitors" for name, i in served.items()))
        print("\n| readings by | " + " | ".join(COLUMNS) + " |\n|---|" + "---:|" * len(COLUMNS))

        def tell(what: str, who: Sequence[int]) -> None:
            counts = read_all(visitors, who, drawings, np.array(expected))
            print(f"| {what} | " + " | ".join(str(counts[column]) for column in COLUMNS) + " |", flush=True)

        everybody = range(VISITORS)
        tell("before anybody trains", everybody)
        at_once(lambda i: run(visitors[i], i), everybody)
        tell("after everybody's own run", everybody)
        at_once(lambda i: visitors[i].reload(), everybody)
        tell("after a reload of the page", everybody)
        os.kill(pids["a"], signal.SIGKILL)
        tell("a killed: visitors of b", served["b"])
        tell("a killed: visitors of a", served["a"])
        at_once(lambda i: visitors[i].reload(), served["a"])
        at_once(lambda i: run(visitors[i], i), served["a"])
        tell("a killed: visitors of a, after a reload and another run", served["a"])
        running.enter_context(running_app(port=ports["a"]))
        tell("a back: everybody", everybody)
        for visitor in visitors:
            visitor.leave()


@contextlib.contextmanager
def running_nginx(ports: dict[str, int]) -> Iterator[str]:
    """nginx before the processes at these ports of this machine: its address."""
    text, port = CONFIGURATION.read_text(encoding="utf-8"), free_port()
    for written, actual in (("7861", ports["a"]), ("7862", ports["b"]), ("8080", port)):
        text = text.replace(written, str(actual))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # started by root, nginx works as another user
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        command = ["nginx", "-p", name, "-c", "nginx.conf", "-g", "daemon off;"]
        with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as nginx:
            try:
                wait_for(port)
                yield f"http://127.0.0.1:{port}"
            finally:
                nginx.terminate()


def trained(seed: int) -> Classifier:
    """The model of the visitor with that seed, trained in this process."""
    config = replace(PRESETS["recommended"], epochs=1, train_size=PICTURES, seed=seed)
    *_, last = train(config, load_mnist())
    return Classifier(last.weights)


def run(visitor: Visitor, seed: int) -> None:
    """Train the model with that seed through the page."""
    *_, text = visitor.start(Epochs=1, Training_images=PICTURES, Seed=seed)
    if not text.startswith("Done"):
        raise RuntimeError(f"The run did not end well: {text}")


def probabilities(classifier: Classifier, drawings: Sequence[Strokes]) -> np.ndarray:
    """(n, 10): what this model makes of each drawing."""
    return np.array([number_answer(read_number(classifier, strokes), "")["probabilities"] for strokes in drawings])


def read_all(
    visitors: Sequence[Visitor], who: Sequence[int], drawings: Sequence[Strokes], expected: np.ndarray
) -> Counter[str]:
    """Let these visitors draw all drawings, all of them at once; returns how many readings came from whose model."""

    def read(i: int) -> list[str]:
        return [reader(visitors[i], i, drawings[n], expected[:, n]) for n in range(len(drawings))]

    return Counter(column for columns in at_once(read, who) for column in columns)


def reader(visitor: Visitor, number: int, strokes: Strokes, expected: np.ndarray) -> str:
    """Which of COLUMNS a reading belongs to; expected (1 + VISITORS, 10): of the shipped model, then theirs."""
    try:
        found = visitor.read(strokes)["probabilities"]
    except httpx.HTTPError:
        return "failed"
    differences = np.abs(expected - found).max(axis=1)
    owner = int(differences.argmin())
    if differences[owner] > 1e-4:
        raise RuntimeError(f"Visitor {number} got a reading of no known model: {found}")
    return {0: "the shipped model", number + 1: "their own model"}.get(owner, "another's model")


def at_once(do: Callable[[int], Any], who: Sequence[int]) -> list[Any]:
    with ThreadPoolExecutor(VISITORS) as threads:
        return list(threads.map(do, who))


if __name__ == "__main__":
    main()
