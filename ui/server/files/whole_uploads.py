"""Uploads arrive whole or leave nothing behind, and a disk that cannot take one is said."""

from __future__ import annotations

import logging
import os
import shutil
import traceback
from pathlib import Path

from starlette.formparsers import MultiPartException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATH = "/gradio_api/upload"
_SPARE_BYTES = 1 << 20

_log = logging.getLogger(__name__)


class WholeUploads:
    """Stands before Gradio's route for uploads.

    Gradio writes a file as it arrives, and takes that away again only when it finds fault with the request itself: a
    connection that breaks, or a full disk, would leave a part of it for good.

    Args:
        app: what comes behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        if not path.startswith(_PATH) or scope["method"] != "POST":
            return await self._app(scope, receive, send)
        reason = _refusal(Path(scope["app"].uploaded_file_dir), dict(scope["headers"]).get(b"content-length", b""))
        if not reason:
            try:
                return await self._app(scope, _whole(receive), send)
            except OSError as error:
                _take_away(error)
                reason = error.strerror or str(error)
            except TypeError:  # Gradio's, of a form whose `files` is no file; nothing of ours runs behind this
                return await PlainTextResponse("The request holds no file.", 400)(scope, receive, send)
        _log.warning("An upload could not be stored: %s", reason)
        text = f"The server cannot store the file: {reason}. Your drawings, models and runs are as before."
        return await PlainTextResponse(text, 507)(scope, receive, send)


def _refusal(folder: Path, length: bytes) -> str:
    """Why a request of that length cannot be stored there; "" when it can."""
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return "its disk is read-only"
    needed = (int(length) if length.isdigit() else 0) + _SPARE_BYTES
    return "its disk is full" if shutil.disk_usage(folder).free < needed else ""


def _take_away(error: OSError) -> None:
    """Remove what has arrived. Only Gradio's parser knows its files, and only the traceback leads to the parser."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        for file in getattr(frame.f_locals.get("self"), "_files_to_close_on_error", ()):
            Path(file.name).unlink(missing_ok=True)


def _whole(receive: Receive) -> Receive:
    """The same request; when it breaks off, that is the fault that makes Gradio take away what has arrived."""
    is_complete = False

    async def receive_or_fail() -> Message:
        nonlocal is_complete
        message = await receive()
        if message["type"] == "http.disconnect" and not is_complete:
            raise MultiPartException("The upload broke off.")
        is_complete = is_complete or not message.get("more_body", False)
        return message

    return receive_or_fail
