"""Where visitors' files lie for a while: pictures and weights that they hand in, runs that they take home."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile


def keep_files_private() -> None:
    """Give Gradio a folder that only this process's user may look into, until the process ends.

    Gradio's own, named alike for everybody on a machine, belongs to whoever came first: others can then hand in no
    file, or not even start, and all can look into it. GRADIO_TEMP_DIR, where it is set, stands. To be called before
    Gradio is imported.

    Raises:
        FileNotFoundError: there is no folder for temporary files that can be written to.
    """
    if os.environ.get("GRADIO_TEMP_DIR"):
        return
    folder = tempfile.mkdtemp(prefix="draw-a-digit-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["GRADIO_TEMP_DIR"] = folder
