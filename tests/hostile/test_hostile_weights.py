"""Weights that somebody brings: archives that lie, and arrays that are none."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bounded import check_cost, hostile, refuses
from hypothesis import given
from hypothesis import strategies as st

from mnist_core import InvalidWeights, Weights, read_weights
from mnist_core.export.archive import MAX_ARCHIVE_BYTES
from mnist_core.model.weights import MAX_FILE_BYTES, NAMES

MEMBERS = [f"{name}.npy" for name in (*NAMES, "activation")]


def load(content: bytes) -> Weights:
    return Weights.load(io.BytesIO(content))


def load_path(path: Path) -> Weights:
    return read_weights(path)


def saved(array: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


@cache
def sound() -> dict[str, bytes]:
    random = np.random.default_rng(1)
    shapes = [(784, 3), (3,), (3, 2), (2,), (2, 10), (10,)]
    arrays = {name: random.normal(size=shape).astype(np.float32) for name, shape in zip(NAMES, shapes)}
    return {f"{name}.npy": saved(array) for name, array in {**arrays, "activation": np.array("relu")}.items()}


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def changed(**members: bytes) -> bytes:
    return zipped({**sound(), **{f"{name}.npy": content for name, content in members.items()}}, zipfile.ZIP_DEFLATED)


def test_what_is_changed_below_is_sound() -> None:
    assert not refuses(load, zipped(sound()))
    assert load(changed()).hidden_units == (3, 2)


@hostile
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), min_size=1, max_size=5))
def test_an_archive_with_changed_bytes_is_read_or_refused_by_name(changes: list[tuple[int, int]]) -> None:
    content = bytearray(zipped(sound()))
    for place, value in changes:
        content[place % len(content)] = value
    refuses(load, bytes(content), error=InvalidWeights)


@hostile
@given(st.integers(1, 900), st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=4))
def test_an_archive_with_a_changed_directory_is_read_or_refused(cut: int, changes: list[tuple[int, int]]) -> None:
    content = bytearray(zipped(sound()))
    for place, value in changes:
        content[-1 - place] = value
    refuses(load, bytes(content), error=InvalidWeights)
    refuses(load, bytes(content[:-cut]), error=InvalidWeights)


@hostile
@given(st.sampled_from(MEMBERS), st.binary(max_size=200), st.integers(0, 200), st.booleans())
def test_an_archive_with_a_changed_array_is_read_or_refused(
    name: str, noise: bytes, place: int, is_whole: bool
) -> None:
    content = sound()[name]
    member = noise if is_whole else content[:place] + noise + content[place + len(noise) :]
    refuses(load, zipped({**sound(), name: member}), error=InvalidWeights)


def with_header(header: str, version: bytes = b"\1\0", content: bytes = bytes(12)) -> bytes:
    text = header.encode("latin1", "replace")
    return b"\x93NUMPY" + version + struct.pack("<H", len(text) % 65536) + text + content


@hostile
@given(
    st.sampled_from(
        ["<f4", ">f4", "<f8", "|O", "<U4", "<U999999999", "V8", "<f4,<f4", "f4", "<M8[s]", "[('a', '<f4')]"]
    ),
    st.lists(st.integers(-2, 2**64), max_size=5),
    st.sampled_from(["True", "False", "1", "None", "__import__('os')"]),
    st.sampled_from([b"\1\0", b"\2\0", b"\3\0", b"\xff\xff"]),
    st.sampled_from(["\n", "", " " * 50 + "\n", "x\n"]),
)
def test_a_lying_header_is_refused(kind: str, shape: list[int], order: str, version: bytes, end: str) -> None:
    header = f"{{'descr': {kind!r}, 'fortran_order': {order}, 'shape': {tuple(shape)}, }}{end}"
    refuses(load, changed(bias_1=with_header(header, version)), error=InvalidWeights)


@pytest.mark.quick
@pytest.mark.parametrize(
    "header",
    ["(" * 9000, "[" * 9000 + "]" * 9000, "{" * 30_000, "-" * 30_000, "'" * 99, '"""', "\\", "\0", "1" * 60_000,
     "1e" + "9" * 999, "{}", "{'descr': 1}", "9" * 5000 + "**9", "not " * 9000, "\n\t  \n x",
     "{'shape': (1" + ",1" * 9000],
)  # fmt: skip
def test_a_header_that_is_a_burden_to_evaluate_is_refused(header: str) -> None:
    for name in ("bias_1", "activation"):
        assert refuses(load, changed(**{name: with_header(header)}), error=InvalidWeights)


def test_texts_that_do_not_exist_are_refused() -> None:
    for text in (b"\xff\xff\xff\xff", b"\0\xd8\0\0", bytes(4), b"r\0\0\0"):
        header = "{'descr': '<U1', 'fortran_order': False, 'shape': (), }\n"
        assert refuses(load, changed(activation=with_header(header, content=text)), error=InvalidWeights)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, -2e6])
@pytest.mark.parametrize("name", NAMES)
def test_values_that_no_model_has_are_refused(name: str, value: float) -> None:
    content = sound()[f"{name}.npy"]
    member = content[:-4] + np.float32(value).tobytes()
    assert refuses(load, changed(**{name: member}), error=InvalidWeights)


@pytest.mark.parametrize(
    "array",
    [np.zeros((784, 0), "f4"), np.zeros(3), np.zeros(3, ">f4"), np.zeros((3, 1), "f4"), np.zeros((1025,), "f4"),
     np.array(["relu"] * 3), np.zeros(3, bool), np.zeros(3, complex), np.zeros((1,) * 9, "f4"), np.zeros(3, "f4,f4")],
)  # fmt: skip
def test_arrays_of_other_shapes_and_types_are_refused(array: np.ndarray) -> None:
    for name in NAMES:
        assert refuses(load, changed(**{name: saved(array)}), error=InvalidWeights)


@pytest.mark.quick
def test_objects_are_not_unpickled() -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return pytest.fail, ("unpickled",)

    for content in (saved(np.array([Trap()], object), allow_pickle=True), pickle.dumps(Trap())):
        assert refuses(load, changed(bias_1=content), error=InvalidWeights)
        assert refuses(load, content, error=InvalidWeights)


@pytest.mark.parametrize(
    "name", ["../bias_1.npy", "/bias_1.npy", "C:\\bias_1.npy", "bias_1.npy/", " ", "..", "bias_1.npy\0", "a" * 60_000]
)
def test_members_of_other_names_are_refused_and_written_nowhere(name: str, tmp_path: Path) -> None:
    members = {name if member == "bias_1.npy" else member: content for member, content in sound().items()}
    path = tmp_path / "w.npz"
    path.write_bytes(zipped(members))
    if name != "bias_1.npy\0":  # zipfile ends a name there
        assert refuses(load_path, path, error=InvalidWeights)
    assert list(tmp_path.iterdir()) == [path]


# ---- bombs: each is built to take hundreds of megabytes, or many seconds, of a reader that believes it ----


def patched(content: bytes, name: str, **fields: int) -> bytes:
    """An archive whose directory and member header say something else of a member."""
    places = {"flags": (8, 6, "<H"), "method": (10, 8, "<H"), "packed": (20, 18, "<L"), "size": (24, 22, "<L")}
    patched, key = bytearray(content), name.encode()
    for field, value in fields.items():
        in_directory, in_header, kind = places[field]
        struct.pack_into(kind, patched, content.rindex(key) - 46 + in_directory, value)
        struct.pack_into(kind, patched, content.index(key) - 30 + in_header, value)
    return bytes(patched)


def zeros_bomb(stated: int) -> bytes:
    """A member that unpacks to 400 MB, and says that it unpacks to little."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(10**7)) for _ in range(40)) + packer.flush()
    stored = zipped({**sound(), "bias_1.npy": packed})
    return patched(stored, "bias_1.npy", method=8, size=stated)


def other_compression(method: int) -> bytes:
    return zipped({**sound(), "bias_1.npy": bytes(200_000_000)}, method)


def run_with(content: bytes) -> bytes:
    return zipped({"weights.npz": content, "README.txt": b""}, zipfile.ZIP_DEFLATED)


def many_members() -> bytes:
    """A directory of 300,000 entries."""
    entry = struct.pack("<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0)
    directory = b"".join(entry + b"%04x" % (i % 65536) for i in range(300_000))
    return directory + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, 60_000, 60_000, len(directory), 0, 0)


def long_comment() -> bytes:
    content = zipped(sound())
    return content[:-2] + b"\xff\xff" + b"PK\5\6" * 16_383 + b"xyz"


def empty_blocks() -> bytes:
    """Deflated data that never gives anything: 3 million empty blocks."""
    stored = zipped({**sound(), "bias_1.npy": b"\0\0\0\xff\xff" * 3_000_000})
    return patched(stored, "bias_1.npy", method=8, size=140)


@pytest.mark.parametrize(
    "make, arguments",
    [
        (zeros_bomb, (140,)),
        (zeros_bomb, (MAX_FILE_BYTES - 50_000,)),
        (zeros_bomb, (2**32 - 2,)),
        (other_compression, (zipfile.ZIP_BZIP2,)),
        (other_compression, (zipfile.ZIP_LZMA,)),
        (other_compression, (zipfile.ZIP_DEFLATED,)),
        (many_members, ()),
        (long_comment, ()),
        (empty_blocks, ()),
        (bytes, (MAX_FILE_BYTES + 1,)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_bomb_is_refused_before_it_unfolds(make: Any, arguments: tuple[Any, ...]) -> None:
    assert check_cost(load, make, *arguments)


def written(folder: Path, make: Any, *arguments: Any) -> Path:
    path = folder / "run.zip"
    path.write_bytes(make(*arguments))
    return path


def run_of_zeros() -> bytes:
    return run_with(bytes(200_000_000))


def run_of_zeros_that_lies() -> bytes:
    return patched(run_with(bytes(200_000_000)), "weights.npz", size=1000)


def run_in_run() -> bytes:
    content = zipped(sound())
    for _ in range(100):
        content = run_with(content)
    return content


def largest_weights() -> bytes:
    random = np.random.default_rng(1)
    shapes = [(784, 1024), (1024,), (1024, 1024), (1024,), (1024, 10), (10,)]
    arrays = {f"{name}.npy": saved(random.normal(size=shape).astype(np.float32)) for name, shape in zip(NAMES, shapes)}
    return zipped({**arrays, "activation.npy": saved(np.array("relu"))})


def largest_run() -> bytes:
    return zipped({"weights.npz": largest_weights(), "model.keras": largest_weights()})


@pytest.mark.parametrize(
    "make", [run_of_zeros, run_of_zeros_that_lies, run_in_run, many_members, long_comment, empty_blocks], ids=str
)
def test_a_runs_archive_that_is_a_bomb_is_refused(make: Any, tmp_path: Path) -> None:
    assert check_cost(load_path, written, tmp_path, make)


def test_an_archive_that_is_too_large_is_refused(tmp_path: Path) -> None:
    assert "bytes" in check_cost(load_path, written, tmp_path, bytes, MAX_ARCHIVE_BYTES + 1)


def test_the_largest_run_is_read(tmp_path: Path) -> None:
    assert check_cost(load_path, written, tmp_path, largest_run) == ""


def test_encrypted_and_doubled_members_are_refused() -> None:
    assert refuses(load, patched(zipped(sound()), "bias_1.npy", flags=1), error=InvalidWeights)
    file = io.BytesIO(zipped(sound()))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("bias_1.npy", sound()["bias_1.npy"])
    assert refuses(load, file.getvalue(), error=InvalidWeights)
