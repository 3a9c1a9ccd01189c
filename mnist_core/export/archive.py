"""A run as one `.zip`: its weights, how it was made, how it went, and the model for other people's code."""

from __future__ import annotations

import io
import json
import tempfile
import threading
import zipfile
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mnist_core.config import TrainConfig
from mnist_core.device import describe_device
from mnist_core.export.arguments import train_command
from mnist_core.export.card import weights_digest
from mnist_core.files import whole_file
from mnist_core.model.network import build_model, set_weights
from mnist_core.model.weights import MAX_FILE_BYTES, InvalidWeights, Weights, read_bounded
from mnist_core.model.zip_members import Archive, BadArchive
from mnist_core.training.history import History

if TYPE_CHECKING:
    import keras

MAX_ARCHIVE_BYTES = 20_000_000  # the largest run's has 17
WEIGHTS_MEMBER = "weights.npz"
_START_MEMBER = "start.npz"
_lock = threading.Lock()  # of the models that are saved

_UNKNOWN = "# These weights were uploaded: how they were made is not known."

_WITH_DRAWINGS = "# Besides, it learned from my_drawings.json, which this command leaves out."
_TAUGHT = "# The model in start.npz was taught the drawings in my_drawings.json, by mnist_core.teach."

_README = """\
weights.npz   the weights, as NumPy arrays
model.keras   the same as a Keras model: (n, 784) float32, ink 1 and paper 0, to (n, 10) logits
config.json   the hyperparameters, and what the run was measured at
history.json  the curves
command.txt   makes the same weights again, bit for bit on the same device, from a checkout of this project
start.npz     only where the run started from another model: that model's weights
my_drawings.json  only where it learned from somebody's own drawings: these, as strokes
"""


def write_run(
    path: Path,
    weights: Weights,
    config: TrainConfig | None,
    *,
    history: History,
    accuracy: dict[str, float],
    init: Weights | None = None,
    drawings: dict[str, Any] | None = None,
) -> None:
    """Write a run's archive.

    Args:
        path: the `.zip` to write.
        weights: that the run ended with.
        config: that it was trained with, what was changed on the way included; None when that is not known.
        history: its curves.
        accuracy: by data set, 0..1 each.
        init: the weights it started from, if not from fresh ones.
        drawings: somebody's own that it learned from, too, as plain values; with no config, they are all it was taught.

    Raises:
        NotWritten: the system refused; what was at `path` is as it was.
    """
    described: dict[str, Any] = {
        "config": asdict(config) if config else None,
        "accuracy": accuracy,
        "device": describe_device(),
        "versions": {name: version(name) for name in ("tensorflow", "keras", "numpy")},
        "weights_sha256": weights_digest(weights),
    }
    command = _command(config, init is not None, drawings is not None)
    with whole_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README)
        archive.writestr("command.txt", command + "\n")
        archive.writestr("config.json", json.dumps(described, indent=2) + "\n")
        archive.writestr("history.json", json.dumps(history.to_dict()) + "\n")
        if drawings:
            _write_drawings(archive, drawings)
        with tempfile.TemporaryDirectory() as folder:
            _write_models(archive, Path(folder), weights, init)


def _write_drawings(archive: zipfile.ZipFile, file: dict[str, Any]) -> None:
    """Write them one at a time: `json.dumps` of them all lets no other thread run, for a quarter of a second."""
    with archive.open("my_drawings.json", "w") as member:
        member.write(json.dumps({**file, "drawings": []}).removesuffix("]}").encode())
        for number, drawing in enumerate(file["drawings"]):
            member.write(((", " if number else "") + json.dumps(drawing)).encode())
        member.write(b"]}\n")


def _command(config: TrainConfig | None, has_start: bool, has_drawings: bool) -> str:
    if config is None:
        return _TAUGHT if has_drawings else _UNKNOWN
    command = train_command(config, init=_START_MEMBER if has_start else None)
    return f"{command}\n{_WITH_DRAWINGS}" if has_drawings else command


def _write_models(archive: zipfile.ZipFile, folder: Path, weights: Weights, init: Weights | None) -> None:
    with _lock:
        model = _model(weights.hidden_units, weights.activation)
        set_weights(model, weights)
        model.save(folder / "model.keras")
    weights.save(folder / WEIGHTS_MEMBER)
    if init:
        init.save(folder / _START_MEMBER)
    for file in sorted(folder.iterdir()):
        archive.write(file, file.name)


@lru_cache(maxsize=8)
def _model(hidden_units: tuple[int, int], activation: str) -> keras.Sequential:
    """The one model of this form that is saved again and again: Keras keeps 0.3 MB for good of each that is built."""
    return build_model(TrainConfig(hidden_units=hidden_units, activation=activation))


def read_weights(source: Path | BinaryIO) -> Weights:
    """Read weights that somebody brings: an `.npz` file, or a whole run's archive, of which nothing else is read.

    Args:
        source: the file's path, or the file, opened for reading.

    Raises:
        InvalidWeights: it is neither of these; the message says what is wrong.
    """
    return Weights.load(io.BytesIO(_weights_file(source)))


def _weights_file(source: Path | BinaryIO) -> bytes:
    content = read_bounded(source, MAX_ARCHIVE_BYTES)
    try:
        archive = Archive(content)
        size = archive.sizes.get(WEIGHTS_MEMBER)
        if size is None:
            return content
        if size > MAX_FILE_BYTES:
            raise InvalidWeights(f"{WEIGHTS_MEMBER} unpacks to more than {MAX_FILE_BYTES:,} bytes.")
        return archive.read(WEIGHTS_MEMBER)
    except BadArchive:
        raise InvalidWeights("The file is neither an .npz of weights nor the .zip of a run.") from None
