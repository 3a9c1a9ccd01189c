"""Writes everything that mnist_core writes, to a disk that takes nothing: `write_all.py FOLDER fill|protect`

FOLDER/disk is a folder that may be mounted. Prints a JSON object: what was said of each file, and what the system says.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mnist_core import Classifier, History, NotWritten, write_run
from mnist_core.__main__ import main as shell
from mnist_core.data.bundle import bundle_typical
from mnist_core.export.card import write_card
from mnist_core.model.weights import NAMES as WEIGHT_NAMES
from tests.support.disks import Disk


def _older_weights() -> bytes:
    """What was there before: a file of the kind that the shell writes over."""
    file = io.BytesIO()
    np.savez(file, activation=np.array("relu"), **dict.fromkeys(WEIGHT_NAMES, np.zeros(1, np.float32)))
    return file.getvalue()


OLD = _older_weights()
NAMES = ("weights.npz", "card.json", "run.zip", "mnist_typical.npz", "shell.npz")


def writers(folder: Path) -> dict[str, Callable[[], object]]:
    """By the file's name: what writes it into that folder."""
    weights = Classifier.load().weights
    images = np.random.default_rng(0).integers(0, 255, (400, 28, 28), np.uint8)
    arguments = ["train", "--epochs", "1", "--train-size", "500", "--hidden-units", "16", "12", "--out"]
    return {
        "weights.npz": lambda: weights.save(folder / "weights.npz"),
        "card.json": lambda: write_card({"model": "x" * 200}, folder / "card.json"),
        "run.zip": lambda: write_run(folder / "run.zip", weights, None, history=History(), accuracy={}),
        "mnist_typical.npz": lambda: bundle_typical(images, np.repeat(np.arange(10), 40).astype(np.uint8), folder),
        "shell.npz": lambda: by_shell([*arguments, str(folder / "shell.npz")]),
    }


def by_shell(arguments: list[str]) -> None:
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = shell(arguments)
    if code != 0:
        assert code == 2
        raise NotWritten(said.getvalue().splitlines()[-1].removeprefix("error: "))


def main(folder: Path, how: str) -> None:
    sound = folder / "sound"
    for write in writers(sound).values():
        write()  # once where it works, so that all that has to be imported is
    disk = Disk(folder / "disk", (folder / "disk").is_mount())
    said = {"system": disk.fill() if how == "fill" else disk.protect()}
    for name, write in writers(disk.folder).items():
        try:
            write()
            said[name] = "written"
        except NotWritten as error:
            said[name] = str(error)
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
