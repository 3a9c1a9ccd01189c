"""Where the app listens, as the environment says."""

from __future__ import annotations

import logging
import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr

PORT, PORTS, ROOT_PATH = "GRADIO_SERVER_PORT", "GRADIO_NUM_PORTS", "GRADIO_ROOT_PATH"
# They warn of each request that is no HTTP, or no form: any stranger could fill the log.
_LOGS_OF_REQUESTS = ("uvicorn.error", "python_multipart")


def port_of(environment: MutableMapping[str, str] = os.environ) -> int | None:
    """The port that GRADIO_SERVER_PORT names, 1 to 65535; None where it names none, and Gradio looks for a free one.

    To be called before Gradio is imported, which fails there on what is no number: a variable that is empty is removed.

    Raises:
        ValueError: it, or GRADIO_NUM_PORTS, is not such a number; says what is accepted.
    """
    for variable in (PORT, PORTS):
        if not environment.get(variable):
            environment.pop(variable, None)
            continue
        text = environment[variable]
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
            raise ValueError(f"{variable} must be a whole number from 1 to 65535. Received: {text!r}")
    return int(environment[PORT]) if PORT in environment else None


def tidy_root_path(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take the slash from the end of GRADIO_ROOT_PATH, the path or the whole address at which a proxy serves the app.

    Raises:
        ValueError: it is neither.
    """
    text = environment.get(ROOT_PATH, "")
    if text and not text.startswith(("/", "http://", "https://")):
        raise ValueError(
            f"{ROOT_PATH} must be a path that begins with /, such as /digits, or a whole address, such as "
            f"https://example.org/digits. Received: {text!r}"
        )
    environment[ROOT_PATH] = text.rstrip("/")


def launch(page: gr.Blocks, name: str | None, port: int | None, **options: Any) -> None:
    """Launch the page in the background.

    Args:
        page: what is launched.
        name: of the host to listen at; default: this machine alone.
        port: the only one that is tried; None: the first free one.
        options: of Gradio's `launch`.

    Raises:
        OSError: it cannot listen there.
    """
    from ui.server.bounded_http import BoundedHttp  # not before a signal can end the start: it imports uvicorn

    try:
        page.launch(server_name=name, server_port=port, prevent_thread_lock=True, **options)
        for log in _LOGS_OF_REQUESTS:
            logging.getLogger(log).addFilter(_is_error)  # its level is set anew by whoever launches another app
        # Gradio's `launch` passes on none of uvicorn's settings; this one is looked up for each connection.
        page.server.config.http_protocol_class = BoundedHttp
    except OSError as error:
        if port is None:
            raise
        raise OSError(
            f"The app cannot listen at port {port}, which {PORT} names: another program has it, this machine has no "
            f"address {name or '127.0.0.1'}, or a port below 1024 is not for this user. Name another one."
        ) from error


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
