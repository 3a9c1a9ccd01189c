"""A run's archive: what is in it, that its command makes the same weights again, and who may bring weights."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mnist_core import (
    Classifier,
    History,
    InvalidWeights,
    Mnist,
    TrainConfig,
    Weights,
    read_weights,
    train,
    write_run,
)
from mnist_core.model.weights import MAX_FILE_BYTES
from tests.support.training import same, trained

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_the_command_makes_the_same_weights_again(tmp_path: Path, mnist: Mnist) -> None:
    """Also from other weights, with the rate changed on the way, and stopped early."""
    start = trained(TrainConfig((16, 12), epochs=1, train_size=640), mnist)
    config = TrainConfig(
        (16, 12),
        "tanh",
        batch_size=64,
        epochs=3,
        train_size=1000,
        augment=True,
        rate_changes=((20, 5e-4),),
        max_steps=40,
    )
    start = Weights.from_arrays(start.arrays, "tanh")
    weights = trained(config, mnist, init=start)
    write_run(tmp_path / "run.zip", weights, config, history=History(), accuracy={}, init=start)
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path)
    command = shlex.split((tmp_path / "command.txt").read_text(encoding="utf-8"))
    command[0] = sys.executable
    out = tmp_path / "again.npz"
    command[command.index("weights.npz")] = str(out)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert same(Weights.load(out), weights)


def test_the_archive_holds_what_it_promises(tmp_path: Path, small: Mnist, tiny_config: TrainConfig) -> None:
    history = History()
    for progress in train(tiny_config, small):
        history.add(progress, tiny_config)
        weights = progress.weights
    assert weights is not None
    write_run(tmp_path / "run.zip", weights, tiny_config, history=history, accuracy={"mnist_test": 0.5})
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        names = sorted(archive.namelist())
        archive.extractall(tmp_path)
    assert names == ["README.txt", "command.txt", "config.json", "history.json", "model.keras", "weights.npz"]
    described = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert TrainConfig.from_dict(described["config"]) == tiny_config
    assert described["accuracy"] == {"mnist_test": 0.5}
    assert json.loads((tmp_path / "history.json").read_text(encoding="utf-8")) == history.to_dict()
    assert same(read_weights(tmp_path / "run.zip"), weights)

    import keras

    model = keras.models.load_model(tmp_path / "model.keras")
    images = small.test_images[:20]
    logits = model.predict(images.reshape(-1, 784) / np.float32(255), verbose=0)
    assert logits == pytest.approx(Classifier(weights).logits(images), abs=1e-4)


def test_a_second_archive_builds_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras keeps a part of each model for good: memory would grow with every download."""
    weights = Classifier.load().weights
    write_run(tmp_path / "a.zip", weights, None, history=History(), accuracy={})
    monkeypatch.delattr("mnist_core.export.archive.build_model")
    write_run(tmp_path / "b.zip", weights, None, history=History(), accuracy={})
    assert same(read_weights(tmp_path / "b.zip"), weights)


def test_weights_of_unknown_origin_say_so(tmp_path: Path) -> None:
    weights = Classifier.load().weights
    write_run(tmp_path / "run.zip", weights, None, history=History(), accuracy={})
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert b"not known" in archive.read("command.txt")
    assert same(read_weights(tmp_path / "run.zip"), weights)


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"weights.npz": b"not an archive"}, "not a readable .npz"),
        ({"weights.npz": b"\0" * (MAX_FILE_BYTES + 1)}, "unpacks to more"),
        ({"../weights.npz": b"x"}, "must hold exactly"),
        ({}, "must hold exactly"),
    ],
)
def test_a_bad_archive_is_refused(tmp_path: Path, members: dict[str, bytes], message: str) -> None:
    with pytest.raises(InvalidWeights, match=message):
        read_weights(_zip(tmp_path / "bad.zip", members))


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.npz").write_text("seven", encoding="utf-8")
    with pytest.raises(InvalidWeights, match=r"neither an \.npz of weights nor the \.zip of a run"):
        read_weights(tmp_path / "notes.npz")


def test_weights_are_read_from_an_open_file() -> None:
    file = io.BytesIO()
    weights = Classifier.load().weights
    np.savez_compressed(file, activation=np.array("relu"), **{
        name: getattr(weights, name) for name in ("kernel_1", "bias_1", "kernel_2", "bias_2", "kernel_3", "bias_3")
    })  # fmt: skip
    assert same(Weights.load(file), weights)
