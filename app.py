"""Start the app: `python app.py`, then open http://127.0.0.1:7860."""

import os
import sys

from ui.server.address import launch, port_of, tidy_root_path
from ui.server.ending import end_on_signals, serve
from ui.server.files.temporary import keep_files_private


def main() -> None:
    """Build the page and serve it; GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where, as ever with Gradio."""
    # A reading's products are small: on several threads they wait for each other, above all while a run is on.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # And none waits long for Python's lock while another thread works for somebody else.
    sys.setswitchinterval(0.001)
    end_on_signals()
    remove_files = keep_files_private()
    # These take seconds, in which a signal should work already.
    from mnist_core import DamagedData
    from mnist_core.shown import escape_what_cannot_be_printed

    escape_what_cannot_be_printed()
    on_space = os.environ.get("SYSTEM") == "spaces"
    if on_space:
        # Nobody reaches a Space but through its proxy: what that says about who asks is taken for true.
        os.environ.setdefault("FORWARDED_ALLOW_IPS", "10.0.0.0/8")
    server_name = os.environ.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if on_space else None)
    try:
        port = port_of()
        tidy_root_path()
        # Gradio takes its folder's name and its port from the environment when it is imported.
        from ui.jobs.trainer import Trainer
        from ui.limits import Limits
        from ui.page import build_page

        limits = Limits.from_environment()
        trainer = Trainer(limits)
        page, options = build_page(limits, trainer)
        serve(page, trainer, launch=lambda: launch(page, server_name, port, **options), clean_up=remove_files)
    except (DamagedData, ValueError, OSError) as error:
        sys.exit("error: " + " ".join(str(error).split()))


if __name__ == "__main__":
    main()
