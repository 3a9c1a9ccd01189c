"""The files that a training is to write, looked at before it begins: what is wrong is not said after minutes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection
from pathlib import Path

from mnist_core.errors import InvalidInput
from mnist_core.files import UNREADABLE, check_writable


def check_arrays_file(path: Path, names: Collection[str]) -> None:
    """See that a file of arrays can be written, and writes over nothing but an older one of its kind.

    Args:
        path: the `.npz` to write.
        names: of the arrays that it will hold.

    Raises:
        ValueError: the name ends otherwise, or something else is there.
        NotWritten: the system would refuse.
    """
    if path.suffix.lower() != ".npz":
        raise InvalidInput(
            f"Invalid value for argument `--out`. Expected a file's name that ends in .npz. Received: {path}"
        )
    _check(path, _holds(path, names), "a file of other things than this command writes")


def check_card_file(path: Path) -> None:
    """The same of a card, beside its weights. Raises as `check_arrays_file`."""
    _check(path, _is_card(path), "not the card of a weights file, and the new weights' card has that name")


def _check(path: Path, is_older_one: bool, what: str) -> None:
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder. Choose another name for `--out`.")
    if path.exists() and not is_older_one:
        raise InvalidInput(f"{path} is there already and is {what}. Move it away, or choose another name for `--out`.")
    check_writable(path)


def _holds(path: Path, names: Collection[str]) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return sorted(archive.namelist()) == sorted(f"{name}.npy" for name in names)
    except UNREADABLE:
        return False


def _is_card(path: Path) -> bool:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(card, dict) and "weights_sha256" in card
