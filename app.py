"""Start the app: `python app.py`, then open http://127.0.0.1:7860."""

import os

from ui.temporary import keep_files_private


def main() -> None:
    """Build the page and serve it; GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where, as ever with Gradio."""
    keep_files_private()
    # Gradio takes the folder's name when it is imported.
    from ui.page import LAUNCH_OPTIONS, build_page

    on_space = os.environ.get("SYSTEM") == "spaces"
    build_page().launch(
        server_name=os.environ.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if on_space else None),
        **LAUNCH_OPTIONS,
    )


if __name__ == "__main__":
    main()
