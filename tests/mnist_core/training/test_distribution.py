"""Several devices in one process, and several processes: they learn what one device learns, and fail in words."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_core import Mnist, Progress, TrainConfig, TrainingDiverged, Weights, WorkerLost, load_mnist, train
from mnist_core.__main__ import main
from mnist_core.cluster import Cluster, cluster_of
from mnist_core.device import describe_device, tensorflow, training_strategy
from mnist_core.training.loop import _replica_seed

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SGD = TrainConfig((32, 16), optimizer="sgd", learning_rate=0.1, schedule="constant", batch_size=37, epochs=1)
REAL = TrainConfig(train_size=20_000, batch_size=100, epochs=1)
AGREED = 0.002  # of accuracy


@pytest.fixture(scope="module")
def two_devices() -> Iterator[ProcessPoolExecutor]:
    """A process in which the CPU is two logical devices: that has to be said before TensorFlow starts."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_divide_cpu) as pool:
        yield pool


def _divide_cpu() -> None:
    tf = tensorflow()
    half = tf.config.LogicalDeviceConfiguration()
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], [half, half])


def run(config: TrainConfig, data: Mnist | None = None) -> tuple[list[np.ndarray], Progress]:
    """The weights and the last progress of a run, as far as it can be sent to another process."""
    *_, last = train(config, data or load_mnist())
    assert last.weights is not None
    return last.weights.arrays, replace(last, weights=None, snapshot=None)  # type: ignore[arg-type]


def replicas() -> int:
    return int(training_strategy().num_replicas_in_sync)


def test_one_device_needs_no_strategy_of_its_own() -> None:
    assert training_strategy() is tensorflow().distribute.get_strategy()
    assert describe_device().startswith(("CPU, ", "GPU: "))


@pytest.mark.parametrize(
    "config",
    [
        SGD,
        replace(SGD, batch_size=499),  # of 500 pictures: one device gets no picture of the last batch
        replace(SGD, optimizer="momentum", learning_rate=0.01, ema_decay=0.9),
        replace(SGD, optimizer="adamw", learning_rate=0.001, loss="squared_error"),
    ],
    ids=["odd batches", "a batch of one", "momentum, averaged", "adamw"],
)
def test_two_devices_take_the_same_steps(two_devices: ProcessPoolExecutor, small: Mnist, config: TrainConfig) -> None:
    assert two_devices.submit(replicas).result() == 2
    weights, progress = run(config, small)
    divided_weights, divided = two_devices.submit(run, config, small).result()
    for array, other in zip(weights, divided_weights):
        np.testing.assert_allclose(other, array, atol=1e-5)
    assert divided.train_loss == pytest.approx(progress.train_loss, rel=1e-4)
    assert divided.train_accuracy == progress.train_accuracy


def test_two_devices_are_as_accurate_as_one(two_devices: ProcessPoolExecutor) -> None:
    _, progress = run(REAL)
    _, divided = two_devices.submit(run, REAL).result()
    assert progress.test_accuracy and progress.test_accuracy > 0.9
    assert divided.test_accuracy == pytest.approx(progress.test_accuracy, abs=AGREED)


def seeds() -> list[tuple[int, ...]]:
    tf = tensorflow()
    strategy = training_strategy()
    steps = [strategy.run(_replica_seed, (tf.constant(7), tf.constant(step))) for step in range(3)]
    return [tuple(seed.numpy()) for step in steps for seed in strategy.experimental_local_results(step)]


def test_no_two_devices_distort_alike(two_devices: ProcessPoolExecutor) -> None:
    found = two_devices.submit(seeds).result()
    assert len(set(found)) == len(found) == 6


def in_a_thread(data: Mnist) -> list[float]:
    """Close one run, change the rate of another one, let a third diverge: as the page does, in a thread."""
    rates: list[float] = []

    def work() -> None:
        closed = train(replace(SGD, augment=True, epochs=2000), data)
        next(closed)
        closed.close()
        changed = train(replace(SGD, augment=True, epochs=2000), data)
        next(changed)
        rates.append(changed.send(0.05).learning_rate)
        try:
            run(replace(SGD, activation="linear", loss="squared_error", learning_rate=10.0, epochs=40), data)
        except TrainingDiverged:
            rates.append(10.0)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return rates


def test_a_run_on_two_devices_can_be_closed_changed_and_diverge(two_devices: ProcessPoolExecutor, small: Mnist) -> None:
    assert two_devices.submit(in_a_thread, small).result() == pytest.approx([0.05, 10])


def addresses(count: int = 2) -> list[str]:
    """Of ports that are free."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    found = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return found


def config_of(workers: list[str], index: int) -> str:
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})


def start(workers: list[str], index: int, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "TF_CONFIG": config_of(workers, index)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def end(worker: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error; one that hangs is killed and fails the test."""
    try:
        out, error = worker.communicate(timeout=80)
    except subprocess.TimeoutExpired:
        worker.kill()
        raise
    assert "Traceback" not in error
    return worker.returncode, out, error


def test_two_workers_learn_what_one_device_learns_and_the_chief_writes(tmp_path: Path) -> None:
    workers, outs = addresses(), [tmp_path / "0.npz", tmp_path / "1.npz"]
    options = ["--train-size", "20000", "--batch-size", "100", "--epochs", "1"]
    command = ["-m", "mnist_core", "train", "--preset", "linear", *options, "--out"]
    chief, other = [start(workers, index, *command, str(out)) for index, out in enumerate(outs)]
    results = [end(chief), end(other)]
    assert main(["train", *command[3:-1], "--out", str(tmp_path / "alone.npz")]) == 0
    assert [code for code, _, _ in results] == [0, 0]
    assert ["steps/s" in error for _, _, error in results] == [True, False]
    assert all("CPU, 2 workers" in error or "GPU" in error for _, _, error in results)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.json", "0.npz", "alone.json", "alone.npz"]
    cards = [json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in ("0.json", "alone.json")]
    accuracy, alone = (card["accuracy"]["mnist_test"] for card in cards)
    assert alone > 0.8
    assert accuracy == pytest.approx(alone, abs=AGREED)
    assert re.findall(r"test accuracy [\d.]+%", results[0][1]) == re.findall(r"test accuracy [\d.]+%", results[1][1])
    for array, other_array in zip(Weights.load(outs[0]).arrays, Weights.load(tmp_path / "alone.npz").arrays):
        np.testing.assert_allclose(array, other_array, atol=1e-4)


@pytest.mark.parametrize("killed", [0, 1])
def test_a_worker_that_dies_ends_the_other_with_an_error_that_says_so(killed: int) -> None:
    workers = addresses()
    processes = [start(workers, index, "-m", "mnist_core", "train", "--epochs", "100") for index in (0, 1)]
    chief = processes[0].stderr
    assert chief is not None
    shown = ""
    while not re.search(r"steps/s, epoch", shown):
        character = chief.read(1)
        assert character, shown
        shown += character
    processes[killed].kill()
    since = time.monotonic()
    code, _, error = end(processes[1 - killed])
    assert time.monotonic() - since < 60
    processes[killed].communicate()
    assert code == 2
    assert error.splitlines()[-1].startswith("error: A worker was lost, and the training cannot go on without it.")


def test_a_worker_that_never_comes_up_is_not_waited_for_without_end() -> None:
    code = "from mnist_core import __main__, cluster; cluster.START_SECONDS = 2; exit(__main__.main(['train']))"
    returned, _, error = end(start(workers := addresses(), 1, "-c", code))
    assert returned == 2
    assert "error: Not all 2 workers came up within 2 s. This is worker 1" in error.splitlines()[-1]
    assert workers[0] in error


def test_a_worker_whose_port_is_taken_says_so() -> None:
    workers = addresses()
    host, port = workers[0].split(":")
    with socket.create_server((host, int(port))):
        returned, _, error = end(start(workers, 0, "-m", "mnist_core", "train"))
    assert returned == 2
    assert f"error: Worker 0 cannot listen at {workers[0]}: is the port in use?" in error.splitlines()[-1]


def test_workers_that_were_given_different_commands_are_told() -> None:
    workers = addresses()
    command = ["-m", "mnist_core", "train", "--epochs"]
    processes = [start(workers, index, *command, epochs) for index, epochs in enumerate(("1", "2"))]
    results = [end(process) for process in processes]
    assert [code for code, _, _ in results] == [2, 2]
    assert any("error: The workers do not train the same" in error for _, _, error in results)


WORKERS = ["a:1", "b:2"]
TASK = {"type": "worker", "index": 0}


@pytest.mark.parametrize("text", [None, "", "{}", '{"cluster": {}}', config_of(["a:1"], 0)])
def test_without_other_workers_a_process_is_alone(text: str | None) -> None:
    assert cluster_of(text) is None


def test_workers_are_read_from_the_environment() -> None:
    assert cluster_of(config_of(WORKERS, 1)) == Cluster(("a:1", "b:2"), 1)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "not JSON"),
        ([], "not a JSON object"),
        ({"cluster": ["a:1"], "task": TASK}, r"nothing else, but is \['a:1'\]"),
        ({"cluster": {"worker": WORKERS, "ps": ["c:3"]}, "task": TASK}, r"nothing else, but is \['ps', 'worker'\]"),
        ({"cluster": {"worker": []}, "task": TASK}, "must list host:port"),
        ({"cluster": {"worker": ["a", "b:2"]}, "task": TASK}, "must list host:port"),
        ({"cluster": {"worker": ["a:1", "b:70000"]}, "task": TASK}, "must list host:port"),
        ({"cluster": {"worker": ["a:1", 2]}, "task": TASK}, "must list host:port"),
        ({"cluster": {"worker": ["a:1", "a:1"]}, "task": TASK}, "same address"),
        ({"cluster": {"worker": WORKERS}}, '"task" must be of the type "worker", but is None'),
        ({"cluster": {"worker": WORKERS}, "task": {"type": "chief", "index": 0}}, "'chief'"),
        ({"cluster": {"worker": WORKERS}, "task": {"type": "worker", "index": 2}}, "from 0 to 1, but is 2"),
        ({"cluster": {"worker": WORKERS}, "task": {"type": "worker", "index": "0"}}, "from 0 to 1, but is '0'"),
    ],
)
def test_a_bad_cluster_is_refused_with_what_is_accepted(config: object, message: str) -> None:
    text = config if isinstance(config, str) else json.dumps(config)
    with pytest.raises(ValueError, match=rf"`TF_CONFIG`: .*{message}.*Expected, for example"):
        cluster_of(text)


def test_the_shell_says_what_is_wrong_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TF_CONFIG", "two machines")
    assert main(["train"]) == 2
    assert "error: Invalid value for environment variable `TF_CONFIG`: it is not JSON" in capsys.readouterr().err
    assert issubclass(WorkerLost, RuntimeError)
