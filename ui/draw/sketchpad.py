"""The pad: vector strokes drawn with mouse, finger or pen, read by the server while they are drawn."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from mnist_core import BlankDrawing, Classifier, DamagedData, Reading, read_number, render_strokes
from mnist_core.errors import InvalidInput
from ui.api.answers import decode_picture, last_drawn, number_answer, page_answer
from ui.draw.why.why import check_why, explained
from ui.server.server_route import quick_where
from ui.sources import joined
from ui.visitor.sessions import Sessions

KEPT_KEY = "draw-a-digit-session"  # where the browser keeps the session's key, so that a reload finds it again
_SCRIPTS = ("draw/sketchpad.js", "draw/reading/asking.js", "draw/reading/number_boxes.js")
_SHORT_STROKES, _SHORT_POINTS = 6, 400  # at most 6 ms

_HTML = """
<div class="pad" role="group" aria-label="Drawing pad">
  <div class="pad-sheet">
    <div class="pad-boxes" aria-hidden="true"></div>
    <canvas tabindex="0" role="img"
      aria-label="Drawing pad: draw a digit or a number here with mouse, finger or pen"></canvas>
  </div>
  <div class="pad-tools">
    <button type="button" data-do="undo" title="Ctrl+Z" aria-keyshortcuts="Control+Z" disabled>Undo</button>
    <button type="button" data-do="redo" title="Ctrl+Y" aria-keyshortcuts="Control+Y" disabled>Redo</button>
    <button type="button" data-do="clear" title="Delete" aria-keyshortcuts="Delete" disabled>Clear</button>
    <button type="button" class="pad-picture" aria-expanded="false" aria-controls="picture">Use a picture…</button>
  </div>
</div>
"""


def build_sketchpad(sessions: Sessions) -> gr.HTML:
    """Put a square pad on the page; it asks for a reading every 70 ms while ink lands, and at once after a stroke.

    What it hears is told to the page as a `digit-reading` event on the document, whose detail is the answer of
    `read_drawing` below with `strokes`, those that the reading is about, or null over a picture; or null when the pad
    is empty. Of a number, `digits` holds the readings from left to right, `chosen` says which of them the reading is;
    when another is chosen, a `digit-chosen` event tells the same of that. A `digit-reading-wanted` event makes the pad
    ask again, a `digit-options` event says what each request is to hold besides.
    A `digit-session-lost` event tells that the server no longer knows the session that this tab had.

    Not a subclass of gr.HTML: for each of those Gradio writes a stub file beside the source when it is imported.

    Args:
        sessions: where the visitor's model is found.

    Returns:
        The pad. Its value, set from Python, is the key of the visitor's session.
    """

    @quick_where(_is_short)
    def read_drawing(request: Any) -> dict[str, Any]:
        """Read `{"session": key, "strokes": [[[x, y], ...], ...], "picture": bytes beneath them, base64, or null}`.

        With `"why": {"against": a digit or null}`, the reading is explained.

        Answers a reading, `{"blank": True}`, or `{"error": message}`.
        """
        try:
            return _read(sessions, request)
        except (InvalidInput, DamagedData) as error:
            return {"error": str(error)}

    return gr.HTML(
        html_template=_HTML,
        css_template=joined("draw/sketchpad.css", "draw/reading/number_boxes.css"),
        js_on_load=joined(*_SCRIPTS).replace("{kept_key}", KEPT_KEY),
        server_functions=[read_drawing],
    )


def _is_short(request: Any) -> bool:
    """Whether reading takes a few ms at most, as of a digit or a short number; the request may hold anything."""
    strokes = request.get("strokes") if isinstance(request, dict) else None
    if not isinstance(strokes, list) or len(strokes) > _SHORT_STROKES:
        return False
    return sum(len(stroke) if isinstance(stroke, list) else 0 for stroke in strokes) <= _SHORT_POINTS


def _read(sessions: Sessions, request: Any) -> dict[str, Any]:
    """The reading of a request that may hold anything, by the model of the session it names or else the shipped one."""
    if not isinstance(request, dict):
        raise InvalidInput("A request must be an object with `session` and `strokes`.")
    session, others = sessions.find(request.get("session")), check_why(request.get("why"))
    model = session.model if session else sessions.shipped
    strokes, picture = request.get("strokes"), request.get("picture")
    try:
        if picture is None:
            digits = read_number(model.classifier, strokes)
            reading: Reading = digits[last_drawn(digits)]
            answer = number_answer(digits, model.name)
        else:
            reading = _over_picture(model.classifier, strokes, picture)
            answer = page_answer(reading, model.name)
    except BlankDrawing:
        if session:
            session.drawing = None
        return {"blank": True}
    if session:
        session.drawing = reading.image
    why = {} if others is None else explained(model.classifier, reading, others)
    # A key that names nobody: the server was started anew, and what the visitor trained went with it.
    lost = {"lost": True} if session is None and isinstance(request.get("session"), str) else {}
    return {**answer, **why, **lost}


def _over_picture(classifier: Classifier, strokes: Any, picture: Any) -> Reading:
    """The reading of a picture and the strokes over it, both as they are, not centred anew."""
    image = decode_picture(picture)
    if strokes:
        ink = 255 - render_strokes(strokes).astype(np.float32)
        image = np.maximum(image, ink.reshape(28, 10, 28, 10).mean(axis=(1, 3)).astype(np.uint8))
    return classifier.read_image(image)
