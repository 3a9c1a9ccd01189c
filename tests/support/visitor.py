"""A visitor who speaks to the running app as the page does, without a browser, and the app in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import httpx

ROOT = Path(__file__).parents[2]
# Settings of a run that takes a moment.
SHORT = {"Epochs": 1, "Training_images": 2000, "First_hidden_layer": 16, "Second_hidden_layer": 12}
EPOCHS, TRAIN_SIZE = "Epochs", "Training images"  # labels of fields of the Retrain tab


@contextlib.contextmanager
def running_app(
    *command: str, port: int | None = None, stderr: IO[bytes] | None = None, **more: str
) -> Iterator[tuple[str, int]]:
    """The app in a process of its own: its address and its process's number.

    Args:
        command: what Python is to run; without one, the app as it is.
        port: where it listens; without one, a free one is found.
        stderr: where its standard error goes; without one, to this process's.
        more: of its environment.
    """
    port = port or free_port()
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1", **more}
    run = [sys.executable, *(command or ["app.py"])]
    with subprocess.Popen(run, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=stderr) as app:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}", app.pid
        finally:
            app.terminate()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_for(port: int, seconds: float = 60) -> None:
    """Wait until somebody listens on that port of this machine.

    Raises:
        TimeoutError: nobody does within so many seconds.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.01)  # so short that it adds nothing to what is measured
    raise TimeoutError(f"Nobody listened on port {port} within {seconds:g} s.")


def memory(pid: int) -> float:
    """Resident memory of a process, in MB; Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise OSError("This benchmark needs Linux' /proc.")


class Visitor:
    """One open page; like a browser, it sends the cookies that it was given.

    Args:
        url: of the app.
        address: where they come from, as a proxy on this machine says; without one, from this machine.
        key: of the session of another tab of theirs, which this one shares.
    """

    def __init__(self, url: str, address: str | None = None, key: str | None = None) -> None:
        self.url = url
        self._headers = {"X-Forwarded-For": address} if address else {}
        self._http = httpx.Client(base_url=url, timeout=30, headers=self._headers)
        self._load(key)

    @property
    def key(self) -> str:
        """What names their session."""
        return self._key

    @property
    def session_hash(self) -> str:
        """Gradio's name for this load of the page."""
        return self._hash

    @property
    def config(self) -> dict[str, Any]:
        """What the page is made of, as Gradio describes it."""
        return self._config

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that it was given, by name."""
        return dict(self._http.cookies)

    def reload(self) -> None:
        """Load the page anew. The browser has kept the session's key."""
        self._closed.set()
        self._load(self._key)

    def read(self, strokes: list[list[list[float]]]) -> dict[str, Any]:
        """Have the pad's ink read, as the page does while it is drawn."""
        request = self.reading_request(strokes)
        return dict(self._http.post("/gradio_api/component_server/", json=request).raise_for_status().json())

    def reading_request(self, strokes: list[list[list[float]]]) -> dict[str, Any]:
        """What the page sends to have the pad's ink read."""
        data = {"session": self._key, "strokes": strokes, "picture": None, "why": None}
        return {"data": data, "component_id": self._pad, "fn_name": "read_drawing", "session_hash": self._hash}

    def start(self, **settings: Any) -> Iterator[str]:
        """Press Start; yields what the card says, until the run has ended. Settings by the labels of their fields."""
        start = self._event("click", label="Start")
        data = [settings.get(self._label(i).replace(" ", "_"), self._value(i)) for i in start["inputs"]]
        body = {"data": data, "fn_index": start["id"], "session_hash": self._hash, "trigger_id": None}
        self._http.post("/gradio_api/queue/join", json=body).raise_for_status()
        with self._http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._hash}) as stream:
            for line in stream.iter_lines():
                if self._closed.is_set():
                    return
                message = json.loads(line[len("data:") :]) if line.startswith("data:") else {}
                if text := _card_text(message):
                    yield text
                if message.get("msg") == "process_completed":
                    return

    def stop(self) -> None:
        """Press Stop."""
        self._run(self._event("click", label="Stop"), [None])

    @contextlib.contextmanager
    def run_under_way(self) -> Iterator[None]:
        """While a run of theirs is learning, from its first step on, of Recommended but longer."""
        learning = threading.Event()

        def watch() -> None:
            for text in self.start(Epochs=2000):
                if text.startswith("Epoch"):
                    learning.set()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            if not learning.wait(60):
                raise TimeoutError("The run did not begin within 60 s.")
            yield
        finally:
            self.stop()
            thread.join()

    def leave(self) -> None:
        """Close the page."""
        self._closed.set()
        self._http.close()

    def _load(self, key: str | None) -> None:
        self._http.get("/").raise_for_status()
        self._config: dict[str, Any] = self._http.get("/config").raise_for_status().json()
        self._hash = secrets.token_hex(8)
        self._closed = threading.Event()
        threading.Thread(target=self._hold, args=(self._hash, self._closed), daemon=True).start()
        self._pad = next(c["id"] for c in self._config["components"] if "read_drawing" in str(c["props"]))
        welcome = self._run(self._event("load", outputs=self._pad), [key])["data"]
        self._key: str = welcome[1]
        self.notice = str(welcome[2].get("value", ""))  # what the page says above everything else

    def _hold(self, session_hash: str, closed: threading.Event) -> None:
        """Keep a connection open: as long as it is, the page is."""
        address = f"{self.url}/gradio_api/heartbeat/{session_hash}"
        held = httpx.stream("GET", address, cookies=self._http.cookies, headers=self._headers, timeout=None)
        with contextlib.suppress(httpx.HTTPError), held as stream:
            for _ in stream.iter_raw():
                if closed.is_set():
                    return

    def _event(self, trigger: str, label: str | None = None, outputs: int | None = None) -> dict[str, Any]:
        """The event that this trigger of the button with that label starts, or that fills that component."""
        for event in self._config["dependencies"]:
            is_for = outputs in event["outputs"] if label is None else None
            for target, name in event["targets"]:
                if name == trigger and (is_for or (label and self._label(target) == label)):
                    return dict(event)
        raise LookupError(f"The page has no event {trigger} of {label or outputs}.")

    def _run(self, event: dict[str, Any], data: list[Any]) -> dict[str, Any]:
        body = {"data": data, "fn_index": event["id"], "session_hash": self._hash}
        return dict(self._http.post("/gradio_api/run/predict", json=body).raise_for_status().json())

    def _component(self, number: int | None) -> dict[str, Any]:
        return next((c["props"] for c in self._config["components"] if c["id"] == number), {})

    def _label(self, number: int | None) -> str:
        props = self._component(number)
        return str(props.get("label") or props.get("value") or "")

    def _value(self, number: int) -> Any:
        return self._component(number).get("value")


def _card_text(message: dict[str, Any]) -> str:
    """What the run's card says in a message of a stream: whole at first, then as differences from the one before."""
    output = message.get("output") or {}
    found = [part for part in _strings(output.get("data")) if len(part) > 12 and " " in part]
    return found[0] if found else ""


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)
