"""The weights of the three layers as NumPy arrays, in and out of `.npz`. Nothing executable is read or written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mnist_core.config import ACTIVATIONS, LIMITS
from mnist_core.files import UNREADABLE, whole_file

INPUTS = 784
CLASSES = 10
NAMES = ("kernel_1", "bias_1", "kernel_2", "bias_2", "kernel_3", "bias_3")
MAX_FILE_BYTES = 16_000_000  # twice the largest model that LIMITS allows

SHIPPED_PATH = Path(__file__).parent.parent / "weights" / "shipped.npz"

_NO_ARRAY: tuple[type[Exception], ...] = (MemoryError, *UNREADABLE)


class InvalidWeights(ValueError):
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
        size = Path(source).stat().st_size if isinstance(source, (str, Path)) else source.seek(0, io.SEEK_END)
        if size > MAX_FILE_BYTES:
            raise InvalidWeights(f"The weights file holds {size:,} bytes; at most {MAX_FILE_BYTES:,} are accepted.")
        try:
            with zipfile.ZipFile(source) as archive:
                _check_members(archive)
                arrays = {name: _read_member(archive, name) for name in (*NAMES, "activation")}
        except InvalidWeights:
            raise
        except UNREADABLE:
            raise InvalidWeights("The weights file is not a readable .npz archive.") from None
        activation = arrays.pop("activation")
        if activation.shape != () or activation.dtype.kind != "U":
            raise InvalidWeights("`activation` must be one string.")
        return cls(**arrays, activation=str(activation))


def _check_activation(activation: object) -> None:
    if activation not in ACTIVATIONS:
        raise InvalidWeights(f"`activation` must be one of {', '.join(ACTIVATIONS)}. Received: {activation!r}")


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


def _check_members(archive: zipfile.ZipFile) -> None:
    expected = sorted(f"{name}.npy" for name in (*NAMES, "activation"))
    found = sorted(archive.namelist())
    if found != expected:
        raise InvalidWeights(f"The archive must hold exactly {', '.join(expected)}. Received: {', '.join(found[:20])}")
    size = sum(member.file_size for member in archive.infolist())
    if size > MAX_FILE_BYTES:
        raise InvalidWeights(f"The archive unpacks to {size:,} bytes; at most {MAX_FILE_BYTES:,} are accepted.")


def _read_member(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Read one array, of which nothing is believed: not the header's shape, and no Python objects."""
    content = archive.read(f"{name}.npy")
    try:
        _check_header(io.BytesIO(content), len(content))
        return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except _NO_ARRAY as error:
        raise InvalidWeights(f"`{name}` is not a readable array: {error}") from None


def _check_header(file: BinaryIO, length: int) -> None:
    """NumPy allocates what the header states before it reads: refuse a header that states more than there is."""
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"array format {version}, expected (1, 0)")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    stated = dtype.itemsize * int(np.prod([float(side) for side in shape]))
    if dtype.hasobject or stated > length:
        raise ValueError("its header does not match its content")
