"""What the page asks about a visitor's drawings. Requests may hold anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mnist_core import Classifier
from mnist_core.shown import shown
from ui.drawings import Drawing, Drawings, parse_file, read_drawings, to_file
from ui.session import Sessions

LOST = "This page was away for too long: reload it. Your drawings are safe in your browser."


def drawings_function(sessions: Sessions) -> Callable[[Any], dict[str, Any]]:
    """A server function for the page.

    Args:
        sessions: where a visitor's drawings and their model are found.
    """

    def change_drawings(request: Any) -> dict[str, Any]:
        """Do what `{"session": key, "do": name, ...}` asks for.

        Answers `{"counts": of each digit, ...}`, or `{"error": message}`, with `"lost": True` where the session is
        gone. What is done, and what it takes and adds:

        - "list": adds "items", each {"id", "label", "read", "outline"}.
        - "save": "strokes" and "label"; adds "saved": {"id", "label", "before": the label that was there, or null}.
        - "label": "id" and "label"; "delete": "id"; "clear".
        - "upload": "text" of a JSON file; adds "added" and "known".
        - "download": adds "text".
        """
        try:
            return _answer(sessions, request)
        except ValueError as error:
            return {"error": str(error)}

    return change_drawings


def _answer(sessions: Sessions, request: Any) -> dict[str, Any]:
    if not isinstance(request, dict):
        raise ValueError("A request must be an object with `session` and `do`.")
    session = sessions.find(request.get("session"))
    if session is None or session.drawings is None:
        return {"error": LOST, "lost": True}
    do = request.get("do")
    if not isinstance(do, str) or do not in _ACTIONS:
        raise ValueError(f"`do` must be one of: {', '.join(_ACTIONS)}. Received: {shown(do)}")
    added = _ACTIONS[do](session.drawings, request, session.model.classifier)
    return {"counts": session.drawings.counts(), **added}


def _list(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    shown = list(drawings)
    items = [
        {"id": drawing.id, "label": drawing.label, "read": read, "outline": drawing.outline}
        for drawing, read in zip(shown, read_drawings(shown, classifier))
    ]
    return {"items": items}


def _save(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    drawing = Drawing.checked(request.get("strokes"), request.get("label"))
    before = drawings.save(drawing)
    return {"saved": {"id": drawing.id, "label": drawing.label, "before": before.label if before else None}}


def _label(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    known = drawings.find(request.get("id"))
    if known is not None:
        drawings.save(Drawing.checked(list(known.strokes), request.get("label")))
    return {}


def _delete(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    drawings.delete(request.get("id"))
    return {}


def _clear(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    drawings.clear()
    return {}


def _upload(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    brought = parse_file(request.get("text"))
    added = drawings.add(brought)
    return {"added": added, "known": len(brought) - added}


def _download(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    return {"text": json.dumps(to_file(list(drawings)))}


_ACTIONS: dict[str, Callable[[Drawings, dict[str, Any], Classifier], dict[str, Any]]] = {
    "list": _list,
    "save": _save,
    "label": _label,
    "delete": _delete,
    "clear": _clear,
    "upload": _upload,
    "download": _download,
}
