"""The weights of the three layers as NumPy arrays, in and out of `.npz`. Nothing executable is read or written."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mnist_core.config import ACTIVATIONS, LIMITS
from mnist_core.errors import InvalidInput
from mnist_core.files import whole_file
from mnist_core.model.zip_members import Archive, BadArchive
from mnist_core.shown import shown

INPUTS = 784
CLASSES = 10
NAMES = ("kernel_1", "bias_1", "kernel_2", "bias_2", "kernel_3", "bias_3")
MAX_FILE_BYTES = 16_000_000  # twice the largest model that LIMITS allows
MAX_WEIGHT = 1e6  # in magnitude, of a file: no trained weight comes near, and the largest model does not overflow

_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(<f4|<U\d{1,3})', 'fortran_order': (True|False), "
    rb"'shape': \(([\d, ]{0,40})\), \} *\n",
    re.DOTALL,
)

SHIPPED_PATH = Path(__file__).parents[2] / "weights" / "shipped.npz"


class InvalidWeights(InvalidInput):
    """Weights that do not make up a 784-h1-h2-10 model; the message says what is wrong."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a 784-h1-h2-10 model, read-only.

    Attributes:
        kernel_1: (784, h1) float32.
        bias_1: (h1,) float32.
        kernel_2: (h1, h2) float32.
        bias_2: (h2,) float32.
        kernel_3: (h2, 10) float32.
        bias_3: (10,) float32.
        activation: of the two hidden layers, one of ACTIVATIONS.

    Raises:
        InvalidWeights: a shape, a type or a value is wrong.
    """

    kernel_1: np.ndarray
    bias_1: np.ndarray
    kernel_2: np.ndarray
    bias_2: np.ndarray
    kernel_3: np.ndarray
    bias_3: np.ndarray
    activation: str = "relu"

    def __post_init__(self) -> None:
        _check_activation(self.activation)
        _check_arrays(dict(zip(NAMES, self.arrays)))
        for name in NAMES:
            array = getattr(self, name).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def arrays(self) -> list[np.ndarray]:
        """The six arrays in the order of NAMES, which is Keras' order too."""
        return [getattr(self, name) for name in NAMES]

    @property
    def hidden_units(self) -> tuple[int, int]:
        """Widths of the two hidden layers."""
        return self.bias_1.shape[0], self.bias_2.shape[0]

    @classmethod
    def from_arrays(cls, arrays: Iterable[np.ndarray], activation: str) -> Weights:
        """Build from six arrays in the order of NAMES."""
        named = {name: np.array(array, np.float32) for name, array in zip(NAMES, arrays, strict=True)}
        return cls(**named, activation=activation)

    def save(self, path: str | Path) -> None:
        """Write an `.npz` file: the six arrays under NAMES, and `activation`. It appears whole or not at all.

        Raises:
            NotWritten: the system refused; what was at `path` is as it was.
        """
        members = {"activation": np.array(self.activation), **dict(zip(NAMES, self.arrays))}
        with whole_file(Path(path)) as file:
            np.savez_compressed(file, allow_pickle=False, **members)

    @classmethod
    def load(cls, source: str | Path | BinaryIO) -> Weights:
        """Read what `save` wrote.

        Args:
            source: the file's path, or the file, opened for reading.

        Raises:
            FileNotFoundError: there is no such file.
            InvalidWeights: the file is not such weights, or larger than the largest model.
        """
        arrays = {name: _read_array(name, content) for name, content in _read_members(source).items()}
        activation = _text(arrays.pop("activation"))
        for name, array in arrays.items():
            # Of NaN, too, the comparison is false.
            if array.dtype == np.float32 and not np.abs(array).max(initial=0) <= MAX_WEIGHT:
                raise InvalidWeights(f"`{name}` holds values that are not finite, or beyond {MAX_WEIGHT:,.0f}.")
        return cls(**arrays, activation=activation)


def _check_activation(activation: object) -> None:
    if activation not in ACTIVATIONS:
        raise InvalidWeights(f"`activation` must be one of {', '.join(ACTIVATIONS)}. Received: {shown(activation)}")


def _check_arrays(arrays: Mapping[str, np.ndarray]) -> None:
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype != np.float32:
            raise InvalidWeights(f"`{name}` must be a float32 array. Received: {getattr(array, 'dtype', type(array))}")
    low, high = LIMITS["hidden_units"]
    first, second = arrays["bias_1"].size, arrays["bias_2"].size
    if not (low <= first <= high and low <= second <= high):
        raise InvalidWeights(f"Hidden layers must be {low:g} to {high:g} wide. Received: {first}, {second}")
    shapes = ((INPUTS, first), (first,), (first, second), (second,), (second, CLASSES), (CLASSES,))
    for name, shape in zip(NAMES, shapes):
        if arrays[name].shape != shape:
            raise InvalidWeights(f"`{name}` must have shape {shape}. Received: {arrays[name].shape}")
        if not np.isfinite(arrays[name]).all():
            raise InvalidWeights(f"`{name}` holds values that are not finite.")


def read_bounded(source: str | Path | BinaryIO, most: int) -> bytes:
    """A file's content. Raises InvalidWeights when it holds more than `most` bytes, and OSError as `open` does."""
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as file:
            return read_bounded(file, most)
    size = source.seek(0, io.SEEK_END)
    if size > most:
        raise InvalidWeights(f"The file holds {size:,} bytes; at most {most:,} are accepted.")
    source.seek(0)
    return source.read()


def _read_members(source: str | Path | BinaryIO) -> dict[str, bytes]:
    """The contents of the seven members, by name without ".npy"."""
    content = read_bounded(source, MAX_FILE_BYTES)
    expected = sorted(f"{name}.npy" for name in (*NAMES, "activation"))
    try:
        archive = Archive(content)
        found = sorted(archive.sizes)
        if found != expected:
            received = shown(", ".join(found[:20]))
            raise InvalidWeights(f"The archive must hold exactly {', '.join(expected)}. Received: {received}")
        size = sum(archive.sizes.values())
        if size > MAX_FILE_BYTES:
            raise InvalidWeights(f"The archive unpacks to {size:,} bytes; at most {MAX_FILE_BYTES:,} are accepted.")
        return {name.removesuffix(".npy"): archive.read(name) for name in found}
    except BadArchive:
        raise InvalidWeights("The weights file is not a readable .npz archive.") from None


def _read_array(name: str, content: bytes) -> np.ndarray:
    """An array as np.save writes it; nothing is evaluated, and nothing believed of what its header says."""
    header = _HEADER.match(content)
    if header is None:
        raise InvalidWeights(f"`{name}` is not an array of float32 numbers or of text, as NumPy saves it.")
    kind, order, sides = header.groups()
    dtype, shape = np.dtype(kind.decode()), tuple(int(side) for side in sides.replace(b",", b" ").split())
    start = 10 + int.from_bytes(content[8:10], "little")
    if start != header.end() or math.prod(shape) * dtype.itemsize != len(content) - start:
        raise InvalidWeights(f"`{name}` is damaged: its header does not match its content.")
    # A copy, so that it is aligned and the rest of the file can go.
    array = np.array(np.frombuffer(content, dtype, offset=start))
    return array.reshape(shape, order="F" if order == b"True" else "C")


def _text(array: np.ndarray) -> str:
    """The one string in an array."""
    if array.shape != () or array.dtype.kind != "U":
        raise InvalidWeights("`activation` must be one string.")
    try:
        # Not by NumPy, which fails with a SystemError on what is no character.
        return array.tobytes().decode("utf-32-le").rstrip("\0")
    except UnicodeDecodeError:
        raise InvalidWeights("`activation` must be one string.") from None
