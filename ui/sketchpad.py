"""The pad: vector strokes drawn with mouse, finger or pen, read by the server while they are drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from mnist_core import BlankDrawing, Classifier, Reading, render_strokes
from ui.answers import decode_picture, page_answer
from ui.session import Sessions

_FOLDER = Path(__file__).parent

KEPT_KEY = "draw-a-digit-session"  # where the browser keeps the session's key, so that a reload finds it again

_HTML = """
<div class="pad" role="group" aria-label="Drawing pad">
  <canvas tabindex="0" role="img" aria-label="Drawing pad: draw one digit here with mouse, finger or pen"></canvas>
  <div class="pad-tools">
    <button type="button" data-do="undo" title="Ctrl+Z" aria-keyshortcuts="Control+Z" disabled>Undo</button>
    <button type="button" data-do="redo" title="Ctrl+Y" aria-keyshortcuts="Control+Y" disabled>Redo</button>
    <button type="button" data-do="clear" title="Delete" aria-keyshortcuts="Delete" disabled>Clear</button>
    <button type="button" class="pad-picture" aria-expanded="false" aria-controls="picture">Use a picture…</button>
  </div>
</div>
"""


def build_sketchpad(sessions: Sessions) -> gr.HTML:
    """Put a square pad on the page; it asks for a reading at most every 70 ms while ink lands.

    What it hears is told to the page as a `digit-reading` event on the document, whose detail is the answer of
    `read_drawing` below with the `strokes` that it is about (null over a picture), or null when the pad is empty.
    A `digit-reading-wanted` event makes it ask again.

    Not a subclass of gr.HTML: for each of those Gradio writes a stub file beside the source when it is imported.

    Args:
        sessions: where the visitor's model is found.

    Returns:
        The pad. Its value, set from Python, is the key of the visitor's session.
    """

    def read_drawing(request: Any) -> dict[str, Any]:
        """Read `{"session": key, "strokes": [[[x, y], ...], ...], "picture": bytes beneath them, base64, or null}`.

        Answers a reading, `{"blank": True}`, or `{"error": message}`.
        """
        try:
            return _read(sessions, request)
        except ValueError as error:
            return {"error": str(error)}

    return gr.HTML(
        html_template=_HTML,
        css_template=(_FOLDER / "sketchpad.css").read_text(),
        js_on_load=(_FOLDER / "sketchpad.js").read_text().replace("{kept_key}", KEPT_KEY),
        server_functions=[read_drawing],
    )


def _read(sessions: Sessions, request: Any) -> dict[str, Any]:
    """The reading of a request that may hold anything, by the model of the session it names or else the shipped one."""
    if not isinstance(request, dict):
        raise ValueError("A request must be an object with `session` and `strokes`.")
    session = sessions.find(request.get("session"))
    model = session.model if session else sessions.shipped
    try:
        reading = _reading(model.classifier, request.get("strokes"), request.get("picture"))
    except BlankDrawing:
        reading = None
    if session:
        session.drawing = reading.image if reading else None
    return page_answer(reading, model.name) if reading else {"blank": True}


def _reading(classifier: Classifier, strokes: Any, picture: Any) -> Reading:
    """The reading of strokes; with a picture beneath them, of both as they are, not centred anew."""
    if picture is None:
        return classifier.read(strokes)
    image = decode_picture(picture)
    if strokes:
        ink = 255 - render_strokes(strokes).astype(np.float32)
        image = np.maximum(image, ink.reshape(28, 10, 28, 10).mean(axis=(1, 3)).astype(np.uint8))
    return classifier.read_image(image)
