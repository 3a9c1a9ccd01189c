"""What the page asks about a visitor's drawings, which their browser keeps. Requests may hold anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mnist_core import Classifier
from mnist_core.errors import InvalidInput
from mnist_core.shown import shown
from ui.limits import DRAWINGS_OF_REQUEST, MAX_DRAWINGS
from ui.visitor.drawings import Drawing, Drawings, check_label, read_drawings
from ui.visitor.sessions import Sessions

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

        - "sync": "labels", of each drawing that the browser keeps, by its id; all others are forgotten. Adds
          "unknown": the ids of those that are not here yet.
        - "add": "drawings", each `{"label": 7, "strokes": [[[x, y], ...], ...]}`; adds "added": in the same order what
          is to be kept of each, `{"id", "label", "strokes"}`, or `{"error": message}`.
        - "read": "ids"; adds "reads": in the same order the digit that the model in use reads, or null.

        "add" and "read" take DRAWINGS_OF_REQUEST at most: no request has the server for long.
        """
        try:
            return _answer(sessions, request)
        except InvalidInput as error:
            return {"error": str(error)}

    return change_drawings


def _answer(sessions: Sessions, request: Any) -> dict[str, Any]:
    if not isinstance(request, dict):
        raise InvalidInput("A request must be an object with `session` and `do`.")
    session = sessions.find(request.get("session"))
    if session is None:
        return {"error": LOST, "lost": True}
    do = request.get("do")
    if not isinstance(do, str) or do not in _ACTIONS:
        raise InvalidInput(f"`do` must be one of: {', '.join(_ACTIONS)}. Received: {shown(do)}")
    if session.drawings is None:
        session.drawings = Drawings()
    added = _ACTIONS[do](session.drawings, request, session.model.classifier)
    return {"counts": session.drawings.counts(), **added}


def _sync(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    labels = request.get("labels")
    if not isinstance(labels, dict) or len(labels) > MAX_DRAWINGS:
        raise InvalidInput(f"`labels` must be an object of at most {MAX_DRAWINGS} labels by ids.")
    for label in labels.values():
        check_label(label)
    drawings.keep_only(labels)
    # What is no id of ours may hold what cannot be sent back.
    return {"unknown": [each for each in labels if each.isascii() and drawings.find(each) is None]}


def _add(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    return {"added": [_added(drawings, entry) for entry in _few(request, "drawings")]}


def _added(drawings: Drawings, entry: Any) -> dict[str, Any]:
    try:
        if not isinstance(entry, dict):
            raise InvalidInput(f"A drawing must have a label and strokes. Received: {type(entry).__name__}")
        drawing = Drawing.checked(entry.get("strokes"), entry.get("label"))
        drawings.save(drawing)
    except InvalidInput as error:
        return {"error": str(error)}
    return {"id": drawing.id, **drawing.to_dict()}


def _read(drawings: Drawings, request: dict[str, Any], classifier: Classifier) -> dict[str, Any]:
    ids = [each if isinstance(each, str) else "" for each in _few(request, "ids")]
    known = {each: drawing for each in ids if (drawing := drawings.find(each))}
    digits = dict(zip(known, read_drawings(list(known.values()), classifier)))
    return {"reads": [digits.get(each) for each in ids]}


def _few(request: dict[str, Any], name: str) -> list[Any]:
    """A list that a request holds. Raises ValueError for what is none, or too long a one."""
    values = request.get(name)
    if not isinstance(values, list) or len(values) > DRAWINGS_OF_REQUEST:
        raise InvalidInput(f"`{name}` must be a list of at most {DRAWINGS_OF_REQUEST}.")
    return values


_ACTIONS: dict[str, Callable[[Drawings, dict[str, Any], Classifier], dict[str, Any]]] = {
    "sync": _sync,
    "add": _add,
    "read": _read,
}
