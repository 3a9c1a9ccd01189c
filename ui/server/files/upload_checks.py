"""Files that visitors handed in, the only ones that are opened for them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from mnist_core.errors import InvalidInput
from mnist_core.preprocessing.stripped_files import MAX_FILE_BYTES

NOT_THERE = "This file is not here: it was never uploaded, or it is gone. Upload it again."
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def read_upload(file: Any, most: int = MAX_FILE_BYTES) -> bytes:
    """The content of an uploaded file.

    Handlers get the description of a file as the browser sent it, and Gradio looks only at some forms of it: what it
    names is opened here, if it is a regular file in the folder for uploads, and nowhere else.

    Args:
        file: `{"path": ...}`, or anything.
        most: bytes that are read, by default of a picture; of a larger file, one more.

    Raises:
        ValueError: there is no such upload. The message is the same whatever else there is at the path.
    """
    path = file.get("path") if isinstance(file, dict) else None
    if not isinstance(path, str) or not path:
        raise InvalidInput(NOT_THERE)
    try:
        # The name is resolved first, and then no link is followed: none leads out of the folder.
        inside = Path(path).resolve(strict=True)
        if not inside.is_relative_to(Path(get_upload_folder()).resolve()):
            raise InvalidInput(NOT_THERE)
        with os.fdopen(os.open(inside, _FLAGS), "rb") as content:  # a pipe or a device would otherwise wait
            if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
                raise InvalidInput(NOT_THERE)
            return content.read(most + 1)
    except (OSError, ValueError, RuntimeError):  # also of a name with a NUL, and of links that lead in a circle
        raise InvalidInput(NOT_THERE) from None


def upload_name(file: Any, most: int = 40) -> str:
    """What the visitor calls an uploaded file, shortened, and without what Gradio's messages would take for markup."""
    name = file.get("orig_name") or file.get("path") if isinstance(file, dict) else None
    if not isinstance(name, str):
        return "file"
    return Path(name).name.replace("<", "").replace(">", "")[:most] or "file"
