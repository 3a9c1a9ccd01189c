"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

# What reading an `.npz` raises that is damaged, found by flipping bits. NotImplementedError: a compression that zipfile
# does not know; RuntimeError: an encrypted member; SyntaxError and TokenError: an array's header.
UNREADABLE: tuple[type[Exception], ...] = (
    ValueError, TypeError, KeyError, OSError, EOFError, NotImplementedError, RuntimeError, SyntaxError,
    tokenize.TokenError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class NotWritten(OSError):
    """A file could not be written, and is as it was before; the message says which and why."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing, beside its place; at the end of the block it takes its place, complete and on the disk.

    When anything goes wrong inside, what was at `path` stays as it was. A killed process leaves a `.partial` file,
    which the next one overwrites.

    Args:
        path: its folder is made where there is none.

    Raises:
        NotWritten: the system refused something, here or inside the block.
    """
    partial = _partial(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb") as file:
                yield file
                file.flush()
                # Some systems find out only now that there is no room, and without it a power cut may leave an empty
                # file under the name.
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _not_written(path, error) from error


def check_writable(path: Path) -> None:
    """See whether `whole_file` could begin; what was at `path` stays as it was. Raises NotWritten when it could not."""
    partial = _partial(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.open("wb").close()
        partial.unlink()
    except OSError as error:
        raise _not_written(path, error) from error


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def _not_written(path: Path, error: OSError) -> NotWritten:
    return NotWritten(f"{path.name} could not be written: {error.strerror or error}.")
