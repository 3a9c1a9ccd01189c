from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_core import InvalidWeights, Weights
from mnist_core.model.weights import MAX_FILE_BYTES, NAMES


def random_weights(activation: str = "relu") -> Weights:
    random = np.random.default_rng(1)
    shapes = [(784, 7), (7,), (7, 5), (5,), (5, 10), (10,)]
    return Weights.from_arrays([random.normal(size=shape) for shape in shapes], activation)


def test_weights_survive_a_file(tmp_path: Path) -> None:
    weights = random_weights("tanh")
    path = tmp_path / "deeper" / "weights.npz"
    weights.save(path)
    loaded = Weights.load(path)
    assert loaded.activation == "tanh"
    assert loaded.hidden_units == (7, 5)
    for before, after in zip(weights.arrays, loaded.arrays):
        assert np.array_equal(before, after)
    assert [file.name for file in path.parent.iterdir()] == ["weights.npz"]


def test_weights_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        random_weights().kernel_1[0, 0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"activation": "gelu"}, "`activation` must be one of relu"),
        ({"kernel_1": np.zeros((783, 7), np.float32)}, r"`kernel_1` must have shape \(784, 7\).*\(783, 7\)"),
        ({"kernel_2": np.zeros((5, 7), np.float32)}, "`kernel_2` must have shape"),
        ({"bias_3": np.zeros(9, np.float32)}, "`bias_3` must have shape"),
        ({"bias_1": np.zeros((7, 1), np.float32)}, "`bias_1` must have shape"),
        ({"bias_1": np.zeros(1025, np.float32)}, "1 to 1024 wide"),
        ({"bias_2": np.zeros(0, np.float32)}, "1 to 1024 wide"),
        ({"bias_3": np.zeros(10)}, "`bias_3` must be a float32 array.*float64"),
        ({"bias_3": [0.0] * 10}, "`bias_3` must be a float32 array.*list"),
        ({"bias_3": np.full(10, np.nan, np.float32)}, "`bias_3` holds values that are not finite"),
    ],
)
def test_bad_weights_are_refused_by_name(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidWeights, match=message):
        replace(random_weights(), **changes)  # type: ignore[arg-type]


def archive(change: Callable[[dict[str, bytes]], None] | None = None) -> bytes:
    """The members of a sound weights file, changed, as an archive."""
    members = {}
    weights = random_weights()
    for name, array in [*zip(NAMES, weights.arrays), ("activation", np.array("relu"))]:
        stream = io.BytesIO()
        np.save(stream, array)
        members[f"{name}.npy"] = stream.getvalue()
    if change:
        change(members)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return file.getvalue()


def saved(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


def test_the_archive_that_is_changed_below_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(archive())
    assert Weights.load(path).hidden_units == (7, 5)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not an archive", id="no archive"),
        pytest.param(archive()[:-40], id="truncated"),
        pytest.param(pickle.dumps({"kernel_1": 1}), id="pickle"),
        pytest.param(archive(lambda m: m.pop("bias_1.npy")), id="a member less"),
        pytest.param(archive(lambda m: m.update({"more.npy": b""})), id="a member more"),
        pytest.param(archive(lambda m: m.update({"../evil.npy": m.pop("bias_1.npy")})), id="path traversal"),
        pytest.param(archive(lambda m: m.update({"bias_1.npy": b"no array"})), id="no array"),
        pytest.param(archive(lambda m: m.update({"bias_1.npy": m["bias_1.npy"][:-4]})), id="short array"),
        pytest.param(
            archive(lambda m: m.update({"bias_1.npy": saved(np.array([print], object), allow_pickle=True)})),
            id="objects",
        ),
        pytest.param(
            archive(lambda m: m.update({"bias_1.npy": m["bias_1.npy"].replace(b"(7,), }      ", b"(7777777,), }")})),
            id="lying header",
        ),
        pytest.param(archive(lambda m: m.update({"activation.npy": saved(np.array(3))})), id="activation no string"),
        pytest.param(archive(lambda m: m.update({"activation.npy": saved(np.array("os.system"))})), id="activation"),
        pytest.param(archive(lambda m: m.update({"bias_1.npy": bytes(MAX_FILE_BYTES)})), id="bomb"),
        pytest.param(bytes(MAX_FILE_BYTES + 1), id="too large"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(content)
    with pytest.raises(InvalidWeights):
        Weights.load(path)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.npz"
    random_weights().save(path)
    before = path.read_bytes()

    def full_disk(file: io.BufferedWriter, **_: object) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(OSError, match="No space"):
        random_weights("tanh").save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["w.npz"]
