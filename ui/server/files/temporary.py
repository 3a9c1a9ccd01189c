"""Where visitors' files lie for a while: pictures and weights that they hand in, runs that they take home."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Set
from functools import partial
from pathlib import Path


def keep_files_private() -> Callable[[], None]:
    """Give Gradio a folder that only this process's user may look into, until the process ends.

    Gradio's own, named alike for everybody on a machine, belongs to whoever came first: others can then hand in no
    file, or not even start, and all can look into it. GRADIO_TEMP_DIR, where it is set, stands. To be called before
    Gradio is imported.

    Returns:
        What removes the folder; at a usual end of the process it goes by itself.

    Raises:
        FileNotFoundError: there is no folder for temporary files that can be written to.
    """
    if os.environ.get("GRADIO_TEMP_DIR"):
        return lambda: None
    folder = tempfile.mkdtemp(prefix="draw-a-digit-")
    remove = partial(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(remove)
    os.environ["GRADIO_TEMP_DIR"] = folder
    return remove


def remove_empty_folders(folder: Path, known: Set[Path]) -> set[Path]:
    """Remove folders in this one that are empty now, as they were before.

    Gradio makes one for each upload, and deletes only the file in it. One that is empty for the first time may be about
    to get its file.

    Args:
        folder: that these are in.
        known: that were empty before.

    Returns:
        Those that are empty for the first time.
    """
    found = set()
    with contextlib.suppress(FileNotFoundError):
        for inner in folder.iterdir():
            with contextlib.suppress(OSError):  # it is no folder, or gone, or got a file
                if any(inner.iterdir()):
                    continue
                if inner in known:
                    inner.rmdir()
                else:
                    found.add(inner)
    return found
