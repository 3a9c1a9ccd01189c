"""Start the app: `python app.py`, then open http://127.0.0.1:7860."""

import os
import sys

from ui.ending import end_on_signals, serve


def main() -> None:
    """Build the page and serve it; GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where, as ever with Gradio."""
    end_on_signals()
    # These take seconds, in which a signal should work already.
    from mnist_core import DamagedData
    from ui.page import LAUNCH_OPTIONS, build_page
    from ui.trainer import Trainer

    on_space = os.environ.get("SYSTEM") == "spaces"
    server_name = os.environ.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if on_space else None)
    try:
        trainer = Trainer()
        page = build_page(trainer)
        serve(page, trainer, lambda: page.launch(server_name=server_name, prevent_thread_lock=True, **LAUNCH_OPTIONS))
    except (DamagedData, ValueError, OSError) as error:
        sys.exit("error: " + " ".join(str(error).split()))


if __name__ == "__main__":
    main()
