"""Fuzz the reader of weights, guided by coverage: only InvalidWeights may come out, or weights.

    pip install -r tests/hostile/requirements.txt && python tests/hostile/fuzz_weights.py CORPUS -max_total_time=300

CORPUS is a folder, which is filled with archives that are sound or nearly so when it is empty. Half of the inputs are
mutated as they are. The others are taken for a recipe: a sound archive whose members' bytes, headers, methods and sizes
are changed, and whose checksums are then right, so that the mutations get behind the archive to the arrays.
"""

from __future__ import annotations

import io
import struct
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

INSTRUMENTED = ["zipfile", "mnist_core.model.zip_members", "mnist_core.model.weights", "mnist_core.export.archive"]
with atheris.instrument_imports(include=INSTRUMENTED):
    import zipfile

    import numpy as np

    from mnist_core.export.archive import read_weights
    from mnist_core.model.weights import NAMES, InvalidWeights, Weights

MEMBERS = [*NAMES, "activation"]
SHAPES = [(784, 1), (1,), (1, 1), (1,), (1, 10), (10,)]
PATH = Path(tempfile.gettempdir()) / "fuzzed-weights.npz"
RECIPE = b"RECIPE"


def saved(array: np.ndarray) -> bytes:
    """An array as NumPy saves it."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


SOUND = {f"{name}.npy": saved(np.ones(shape, np.float32)) for name, shape in zip(NAMES, SHAPES)}
SOUND["activation.npy"] = saved(np.array("relu"))


def member(name: bytes, content: bytes, method: int, fields: dict[str, int]) -> tuple[bytes, bytes]:
    """A member as it stands in an archive, and its entry in the directory but for where the member is."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush() if method == zipfile.ZIP_DEFLATED else content
    checksum, size = fields.get("checksum", zlib.crc32(content)), fields.get("size", len(content))
    common = struct.pack(
        "<HHHHHLLLHH", 20, fields.get("flags", 0), method, 0, 0, checksum, len(packed), size, len(name), 0
    )
    return b"PK\3\4" + common + name + packed, b"PK\1\2\x14\0" + common + struct.pack("<HHHL", 0, 0, 0, 0)


def archive(parts: list[tuple[bytes, bytes, int, dict[str, int]]], comment: bytes = b"") -> bytes:
    """An archive of members: name, content, method, and fields that lie."""
    body, directory = b"", b""
    for name, content, method, fields in parts:
        local, entry = member(name, content, method, fields)
        directory += entry + struct.pack("<L", len(body)) + name
        body += local
    end = struct.pack("<HHHHLLH", 0, 0, len(parts), len(parts), len(directory), len(body), len(comment))
    return body + directory + b"PK\5\6" + end + comment


def from_recipe(recipe: bytes) -> bytes:
    """The archive that a recipe makes: a few changes of a sound one."""
    data = atheris.FuzzedDataProvider(recipe)
    members = dict(SOUND)
    names = {name: name.encode() for name in members}
    methods = dict.fromkeys(members, zipfile.ZIP_DEFLATED if data.ConsumeBool() else zipfile.ZIP_STORED)
    fields: dict[str, dict[str, int]] = {name: {} for name in members}
    for _ in range(data.ConsumeIntInRange(1, 4)):
        name = data.PickValueInList(sorted(members))
        change(data, data.ConsumeIntInRange(0, 6), name, members, names, methods, fields)
    content = archive([(names[name], members[name], methods[name], fields[name]) for name in members])
    return archive([(b"weights.npz", content, zipfile.ZIP_STORED, {})]) if data.ConsumeProbability() < 0.2 else content


def change(  # noqa: PLR0917
    data: Any, kind: int, name: str, members: dict[str, bytes], names: Any, methods: Any, fields: Any
) -> None:
    """One change of a member."""
    content = members[name]
    place = data.ConsumeIntInRange(0, max(len(content), 1))
    if kind == 0:  # bytes anywhere
        noise = data.ConsumeBytes(8)
        members[name] = content[:place] + noise + content[place + len(noise) :]
    elif kind == 1:  # the header, its length made right
        header = data.ConsumeUnicodeNoSurrogates(100).encode("latin1", "replace")
        members[name] = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + content[128:]
    elif kind == 2:  # the shape and the type
        shape = tuple(data.ConsumeIntInRange(-1, 2**40) for _ in range(data.ConsumeIntInRange(0, 4)))
        kind_of = data.PickValueInList(["<f4", ">f4", "<U4", "<U1", "|O", "<f8", "<U999"])
        header = f"{{'descr': '{kind_of}', 'fortran_order': {data.ConsumeBool()}, 'shape': {shape}, }}".ljust(117)
        text = (header + "\n").encode()
        members[name] = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + content[128:]
    elif kind == 3:  # longer or shorter
        members[name] = content[:place] + data.ConsumeBytes(data.ConsumeIntInRange(0, 64))
    elif kind == 4:
        names[name] = data.ConsumeBytes(data.ConsumeIntInRange(0, 20))
    elif kind == 5:
        methods[name] = data.PickValueInList([0, 8, 12, 14, 1, 99])
    else:
        fields[name][data.PickValueInList(["size", "checksum"])] = data.ConsumeIntInRange(0, 2**32 - 1)
        fields[name]["flags"] = data.PickValueInList([0, 0, 0x800, 1, 0x8, 0x40])


def try_one(content: bytes) -> None:
    """One input, by both readers."""
    if content.startswith(RECIPE):
        content = from_recipe(content[len(RECIPE) :])
    PATH.write_bytes(content)
    for read in (lambda: Weights.load(io.BytesIO(content)), lambda: read_weights(PATH)):
        try:
            read()
        except InvalidWeights as error:
            if len(str(error)) > 600:
                raise AssertionError(f"A message of {len(str(error))} characters") from error


def fill(corpus: Path) -> None:
    """Put archives to begin with into an empty folder."""
    corpus.mkdir(parents=True, exist_ok=True)
    if any(corpus.iterdir()):
        return
    parts = [(name.encode(), content, method, {}) for method in (0, 8) for name, content in SOUND.items()]
    stored, deflated = archive(parts[:7]), archive(parts[7:])
    seeds = [stored, deflated, archive(parts[:6]), archive(parts[:6] + parts[:1]), stored[:-30]]
    seeds.append(archive([(b"weights.npz", deflated, 0, {}), (b"README.txt", b"", 0, {})]))
    seeds += [RECIPE + bytes([i]) * n for i in range(0, 256, 23) for n in (20, 200)]
    for number, content in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(content)


def main() -> None:
    """Run libFuzzer with the arguments of the shell."""
    for argument in sys.argv[1:]:
        if not argument.startswith("-"):
            fill(Path(argument))
    Weights.load(io.BytesIO(archive([(name.encode(), content, 8, {}) for name, content in SOUND.items()])))
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
