"""Everything that the page can ask the app for, apart from learning: as requests of one tab of a visitor.

What is asked for is found in the page's own description, so that a handler that is added is asked for, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.support.visitor import Visitor
from ui.visitor.drawings import Drawing

DELETED = -12345  # in place of the number of the run that is deleted
DRAWINGS, POINTS, STROKES = 500, 300, 4  # as many and as large as are kept
_FEW = 20  # drawings of one request, where only few are taken

# Runs and teaching jobs are limited by themselves; who leaves asks for nothing more.
_LEARNING = {"run", "teach", "retrain", "part"}
_FETCHED = {"the page": "/", "config": "/config", "info": "/gradio_api/info", "theme": "/theme.css"}


@dataclass(frozen=True)
class Ask:
    """One request.

    Attributes:
        path: where it goes to.
        body: of a POST; b"" for a GET.
        kind: the type of the body.
        is_queued: whether the answer comes through Gradio's queue.
    """

    path: str
    body: bytes = b""
    kind: str = "application/json"
    is_queued: bool = False


@dataclass(frozen=True)
class Belongings:
    """What a visitor has that a request may name.

    Attributes:
        drawings: as a file of drawings has them.
        run: the number of one of theirs.
        picture, weights: files that they uploaded, as Gradio describes them.
        archive: the address of a run's `.zip`.
        photo: the picture's content.
    """

    drawings: list[dict[str, Any]]
    run: int
    picture: dict[str, Any]
    weights: dict[str, Any]
    archive: str
    photo: bytes

    @property
    def file(self) -> dict[str, Any]:
        """A file of the drawings."""
        return {"format": "draw-a-digit drawings", "drawings": self.drawings}


def large_drawings() -> list[dict[str, Any]]:
    """As many drawings as a visitor may keep, each of as many points."""
    chance = np.random.default_rng(0)
    drawings = []
    for number in range(DRAWINGS):
        steps = chance.choice([-0.011, 0.011], (STROKES, POINTS // STROKES - 1, 2))
        strokes = np.clip(chance.uniform(0.3, 0.7, (STROKES, 1, 2)) + steps.cumsum(axis=1), 0, 1).round(3)
        drawings.append(Drawing.checked(strokes.tolist(), number % 10).to_dict())
    return drawings


def page_asks(tab: Visitor, has: Belongings) -> dict[str, Ask]:
    """All requests by their names."""
    asks = {name: Ask(path) for name, path in {**_FETCHED, "file of a run": has.archive}.items()}
    asks["upload a picture"] = _upload(has.photo)
    for component in tab.config["components"]:
        for name in component["props"].get("server_fns") or ():
            asks |= _server_asks(tab, component["id"], name, has)
    for event in tab.config["dependencies"]:
        if event["backend_fn"] and event["api_name"] not in _LEARNING:
            asks[event["api_name"]] = _event_ask(tab, event, has)
    return asks


def _server_asks(tab: Visitor, component: int, function: str, has: Belongings) -> dict[str, Ask]:
    def ask(data: Any) -> Ask:
        body = {"data": data, "component_id": component, "fn_name": function, "session_hash": tab.session_hash}
        return Ask("/gradio_api/component_server/", json.dumps(body).encode())

    if function == "read_drawing":
        why = {"session": tab.key, "strokes": has.drawings[0]["strokes"], "picture": None, "why": {"against": 3}}
        many = [stroke for drawing in has.drawings[:10] for stroke in drawing["strokes"]]
        return {"read, why": ask(why), "read, many strokes": ask({**why, "strokes": many, "why": None})}
    if function == "cell_images":
        return {"cell_images": ask({"session": tab.key, "run": has.run, "label": 4, "read": 4})}
    if function == "change_drawings":
        return {f"drawings, {do}": ask({"session": tab.key, "do": do, **more}) for do, more in _changes(has).items()}
    return {function: ask(tab.key)}


def _changes(has: Belongings) -> dict[str, dict[str, Any]]:
    """What can be done with drawings, and what it takes; an app that cannot do something says so."""
    ids = [Drawing.checked(drawing["strokes"], drawing["label"]).id for drawing in has.drawings]
    return {
        "list": {}, "download": {}, "upload": {"text": json.dumps(has.file)}, "save": has.drawings[1],
        "label": {"id": ids[0], "label": 0}, "delete": {"id": "nothing"},
        "sync": {"labels": {each: drawing["label"] for each, drawing in zip(ids, has.drawings)}},
        "add": {"drawings": has.drawings[:_FEW]}, "read": {"ids": ids[:_FEW]},
    }  # fmt: skip


def _event_ask(tab: Visitor, event: dict[str, Any], has: Belongings) -> Ask:
    name = event["api_name"]
    data = [_value(tab, number, name, has) for number in event["inputs"]]
    picked = {"index": [0, 0], "value": has.run, "row_value": [has.run]} if name == "pick" else None
    body = {"data": data, "fn_index": event["id"], "session_hash": tab.session_hash, "event_data": picked}
    path = "/gradio_api/queue/join" if event["queue"] else "/gradio_api/run/predict"
    return Ask(path, json.dumps(body).encode(), is_queued=bool(event["queue"]))


def _value(tab: Visitor, number: int, name: str, has: Belongings) -> Any:
    """What a component holds when an event of that name is sent."""
    component: dict[str, Any] = next((each for each in tab.config["components"] if each["id"] == number), {})
    kind, props = component.get("type"), component.get("props", {})
    values = {
        "state": None, "browserstate": has.file, "image": has.picture, "file": has.picture,
        "uploadbutton": has.weights, "api": has.drawings[0]["strokes"],
    }  # fmt: skip
    if name == "welcome":
        return tab.key
    if props.get("elem_id") == "chosen":
        chosen = DELETED if name == "delete" else has.run
        return chosen if kind == "dropdown" else {"number": chosen}  # as it was before, and is
    return values[kind] if kind in values else props.get("value")


def _upload(content: bytes) -> Ask:
    part = b'Content-Disposition: form-data; name="files"; filename="photo.jpg"\r\nContent-Type: image/jpeg'
    body = b"--limit\r\n" + part + b"\r\n\r\n" + content + b"\r\n--limit--\r\n"
    return Ask("/gradio_api/upload", body, "multipart/form-data; boundary=limit")
