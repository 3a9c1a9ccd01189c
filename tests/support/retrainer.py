"""A visitor who, besides, teaches, and keeps what they train: looks at it, downloads, uploads and deletes it."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.support.visitor import Visitor


class Retrainer(Visitor):
    """One open page, whose Retrain tab is used."""

    def choose_preset(self, name: str) -> None:
        """Fill the form in, and see what a run with it would mean."""
        fill = self._event("input", label="Preset")
        _, *values = self._ask(fill, [name])
        fields = fill["outputs"][1:]
        describe = next(e for e in self._config["dependencies"] if e["inputs"][2:] == fields)
        self._ask(describe, [None, self._value(describe["inputs"][1]), *values])

    def open_tab(self) -> None:
        """Go to the Retrain tab."""
        tab = next(c["id"] for c in self._config["components"] if c["props"].get("label") == "Retrain")
        for event in self._config["dependencies"]:
            if [tab, "select"] in [list(target) for target in event["targets"]]:
                self._ask(event, [self._value(number) for number in event["inputs"]])

    def teach(self, strokes: list[list[list[float]]], label: int) -> None:
        """Say what a drawing is, and press Teach."""
        teach = next(e for e in self._config["dependencies"] if "submit" in {name for _, name in e["targets"]})
        (panel,) = teach["outputs"]
        data = {"session": self._key, "do": "add", "drawings": [{"label": label, "strokes": strokes}]}
        body = {"data": data, "component_id": panel, "fn_name": "change_drawings", "session_hash": self._hash}
        answer = self._http.post("/gradio_api/component_server/", json=body).raise_for_status().json()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        (last,) = self._ask(teach, [None])
        if not last.get("result"):
            raise RuntimeError(f"the teaching job ended with: {last.get('message')}")
        self.look()

    def train(self, **settings: Any) -> str:
        """Press Start and watch to the end; returns the card's last words. The page then looks at the newest run."""
        words = ""
        for text in self.start(**settings):
            words = text
        self.look()
        return words

    def train_and_stop(self, **settings: Any) -> str:
        """Press Start, Stop as soon as it learns, and "Keep this model"; returns the card's last words."""
        words = ""
        for text in self.start(**settings):
            if text.startswith("Epoch") and not words.startswith("Epoch"):
                self.stop()
            words = text
        self._ask(self._event("click", label="Keep this model"), [None])
        self.look()
        return words

    def upload(self, archive: bytes) -> None:
        """Upload weights, as a run's file."""
        (path,) = self._http.post("/gradio_api/upload", files={"files": ("run.zip", archive)}).raise_for_status().json()
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        self._ask(self._event("upload", label="Upload weights"), [None, file])

    def look_at(self, number: int) -> None:
        """Choose a run to look at."""
        chosen = self._chosen()
        event = next(e for e in self._config["dependencies"] if [chosen, "input"] in [list(t) for t in e["targets"]])
        self._ask(event, [None, number])

    def look(self) -> None:
        """What the page asks for after a run, and when the tab is opened."""
        chosen = self._chosen()
        event = next(
            event
            for event in self._config["dependencies"]
            if event["outputs"][:1] == [chosen] and not {target for target, _ in event["targets"]} & {chosen}
            and len(event["inputs"]) == 1
        )  # fmt: skip
        self._ask(event, [None])

    def download(self, number: int) -> bytes:
        """Press Download for that run; returns the file."""
        (file,) = self._ask(self._event("click", label="Download"), [None, number])
        return httpx.get(file["url"], timeout=30).raise_for_status().content

    def delete(self, number: int) -> None:
        """Press Delete for that run."""
        self._ask(self._event("click", label="Delete"), [None, number])

    def _chosen(self) -> int:
        """The component by which a run is chosen."""
        return next(int(c["id"]) for c in self._config["components"] if c["props"].get("elem_id") == "chosen")

    def _ask(self, event: dict[str, Any], data: list[Any]) -> list[Any]:
        """Let an event run, in the queue if it is one that waits there; returns its outputs.

        Raises RuntimeError with what the visitor is told.
        """
        if not event["queue"]:
            return list(self._run(event, data)["data"])
        body = {"data": data, "fn_index": event["id"], "session_hash": self._hash, "trigger_id": None}
        self._http.post("/gradio_api/queue/join", json=body).raise_for_status()
        with self._http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._hash}) as stream:
            for line in stream.iter_lines():
                message = json.loads(line[len("data:") :]) if line.startswith("data:") else {}
                if message.get("msg") == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(str(message["output"].get("error")))
                    return list(message["output"]["data"])
        raise RuntimeError("The stream ended without an answer.")
