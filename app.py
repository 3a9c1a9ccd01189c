"""Start the app: `python app.py`, then open http://127.0.0.1:7860."""

import os
import sys

from ui.limits import Limits
from ui.page import build_page


def main() -> None:
    """Build the page and serve it; GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where, as ever with Gradio."""
    on_space = os.environ.get("SYSTEM") == "spaces"
    if on_space:
        # Nobody reaches a Space but through its proxy: what that says about who asks is taken for true.
        os.environ.setdefault("FORWARDED_ALLOW_IPS", "10.0.0.0/8")
    try:
        limits = Limits.from_environment()
    except ValueError as error:
        sys.exit(str(error))
    page, options = build_page(limits)
    page.launch(server_name=os.environ.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if on_space else None), **options)


if __name__ == "__main__":
    main()
