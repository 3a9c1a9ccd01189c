"""The running app as a stranger meets it: any request may be sent, and each answer is checked."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import httpx
from bounded import check_bounds, check_words, memory, reset_peak, tried

from mnist_core.shown import shown
from tests.support.waiting import wait_until
from ui.server.strangers import OUR_FAULT

SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]
API = "/gradio_api"


class Stranger:
    """Sends requests that may hold anything.

    Args:
        url: of the app.
        process: the app's.

    Attributes:
        config: of the page, as Gradio tells it to everybody.
    """

    def __init__(self, url: str, process: int) -> None:
        self.process = process
        self._http = httpx.Client(base_url=url, timeout=60)
        self._count = 0
        self.config: dict[str, Any] = self._http.get("/config").raise_for_status().json()
        self.functions: list[dict[str, Any]] = self.config["dependencies"]
        self.servers = {
            int(each["id"]): name for each in self.config["components"] for name in each["props"].get("server_fns", [])
        }

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def ask(self, method: str, path: str, echo: str = "", **request: Any) -> httpx.Response:
        """Send one input, and hold the answer to what all answers must be; it may repeat what was asked for."""
        tried()
        answer = self.send(method, path, **request)
        assert answer.status_code < 600
        if answer.text:
            check_answer(answer.text.replace(echo, "…") if echo else answer.text)
        if answer.status_code >= 500:
            assert told(answer), answer.text
        return answer

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request; where the app asks to be asked again later, do.

        Each comes from another address: what one address may ask for in a second is not what is tried here.
        """
        self._count += 1
        high, low = divmod(self._count % 65_536, 256)
        headers = {"X-Forwarded-For": f"10.1.{high}.{low}", **request.pop("headers", {})}
        while True:
            answer = self._http.request(method, path, headers=headers, **request)
            if answer.status_code != 429:
                return answer
            time.sleep(float(answer.headers.get("Retry-After", 1)))

    def post(self, path: str, content: Any, **headers: str) -> httpx.Response:
        """POST what is not JSON yet as JSON, bytes as they are."""
        body = content if isinstance(content, bytes) else dumped(content)
        return self.ask("POST", path, content=body, headers={"Content-Type": "application/json", **headers})

    def call(self, name: str, data: Any) -> str:
        """Call a named endpoint; returns the answer's events as they are."""
        joined = self.post(f"{API}/call/{name}", {"data": data})
        if joined.status_code != 200:
            assert told(joined)
            return joined.text
        return self.heard(f"{API}/call/{name}/{joined.json()['event_id']}")

    def call_by_name(self, name: str, **values: Any) -> str:
        """Call a named endpoint with some of its values, by their names."""
        joined = self.post(f"{API}/call/v2/{name}", values)
        if joined.status_code != 200:
            assert told(joined)
            return joined.text
        return self.heard(f"{API}/call/v2/{name}/{joined.json()['event_id']}")

    def press(self, function: dict[str, Any], body: dict[str, Any]) -> str:
        """Have a handler of the page run, as the page does: through the queue, where it is one that waits there."""
        body = {**body, "fn_index": function["id"]}
        if not function["queue"]:
            answer = self.post(f"{API}/run/predict", body)
            assert answer.status_code == 200 or told(answer)
            return answer.text
        joined = self.post(f"{API}/queue/join", body)
        if joined.status_code != 200:
            assert told(joined)
            return joined.text
        return self.heard(f"{API}/queue/data?session_hash={body['session_hash']}")

    def heard(self, path: str) -> str:
        """All that an endpoint says until it ends."""
        lines = []
        # After an error, the app hangs up in the middle of the answer.
        with self._http.stream("GET", path) as stream, contextlib.suppress(httpx.RemoteProtocolError):
            assert stream.status_code == 200
            for line in stream.iter_lines():
                lines.append(line)
        check_answer("\n".join(lines))
        return "\n".join(lines)

    def server(self, component: Any, name: Any, data: Any) -> httpx.Response:
        """Call a component's server function."""
        return self.post(f"{API}/component_server/", {"component_id": component, "fn_name": name, "data": data})

    def upload(self, content: bytes, name: str = "picture.png") -> str:
        """Upload a file; returns the path that the app names it by."""
        answer = self.send("POST", f"{API}/upload", files={"files": (name, content)})
        return str(answer.raise_for_status().json()[0])

    def read_upload(self, content: bytes, name: str = "picture.png") -> str:
        """Have an uploaded picture read by the named endpoint."""
        path = self.upload(content, name)
        return self.call("read_picture", [{"path": path, "meta": {"_type": "gradio.FileData"}}])

    def cost(self, send: Any, *arguments: Any) -> None:
        """Send one request; holds the app's processor time, and MB beyond what it had, to the bounds."""
        wait_until(self._is_idle)
        reset_peak(self.process)
        before, started = memory("VmRSS", self.process), self._seconds()
        send(*arguments)
        seconds, megabytes = self._seconds() - started, memory("VmHWM", self.process) - before
        check_bounds(seconds, megabytes, f"the app: {send.__name__}, {', '.join(map(shown, arguments))}")

    def check_well(self) -> None:
        """The app still reads a 7 as a 7."""
        request = {"component_id": self.pad, "fn_name": "read_drawing", "data": {"session": None, "strokes": SEVEN}}
        answer = self.send("POST", f"{API}/component_server/", json=request)
        assert answer.json()["digit"] == 7

    @property
    def pad(self) -> int:
        """The number of the pad's component."""
        return next(number for number, name in self.servers.items() if name == "read_drawing")

    def _is_idle(self) -> bool:
        """Whether the app has nothing to do: a run that was asked for before, by good values, takes seconds."""
        before = self._seconds()
        time.sleep(0.3)
        # With nothing to do, Gradio's queue looks for work a thousand times a second: up to a fifth of a processor.
        return self._seconds() <= before + 0.15

    def _seconds(self) -> float:
        """Processor time of the app so far, in ticks of 10 ms."""
        fields = Path(f"/proc/{self.process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100


def check_answer(text: str) -> None:
    """An answer is in words, and nothing that a stranger may send is a mistake of the server."""
    check_words(text)
    assert OUR_FAULT not in text


def told(answer: httpx.Response) -> bool:
    """Whether an answer says what is wrong."""
    try:
        content = answer.json()
    except ValueError:
        return bool(answer.text.strip())
    return bool(content.get("error") or content.get("detail")) if isinstance(content, dict) else True


def dumped(content: Any) -> bytes:
    """As JSON, with NaN and lone surrogates, which Python's own reader takes."""
    return json.dumps(content, default=str).encode()
