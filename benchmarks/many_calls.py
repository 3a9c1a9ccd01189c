"""Very many calls by other addresses: do a visitor's run, a program's /retrain and an open pad go on?"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx

from tests.support.flooder import SEVEN, Connection
from tests.support.retrainer import Retrainer
from tests.support.visitor import running_app

ADDRESSES = [f"127.0.0.{number}" for number in range(2, 21)]
CONNECTIONS = 3  # of each
EPOCHS = 2000
COLUMNS = ("", "calls let in", "of these fetched", "refused and repeated", "s", "the run", "/retrain", "the pad")
_CALL = "/gradio_api/call/read_strokes"


class Watched:
    """Listens to a stream in a thread.

    Args:
        words: what is said, until the stream ends.
        calls: counts the calls of others.
    """

    def __init__(self, words: Iterator[str], calls: Counter[str]) -> None:
        self._words, self._calls = words, calls
        self._said = threading.Condition()
        self.last, self.number = "", 0
        self.end = ""  # how it ended, in words
        threading.Thread(target=self._listen, daemon=True).start()

    def wait(self, start: str = "", seconds: float = 90) -> bool:
        """Whether something new is said that begins so, within that time."""
        with self._said:
            before = self.number
            self._said.wait_for(
                lambda: self.end or (self.number > before and self.last.startswith(start)), timeout=seconds
            )
            return not self.end and self.number > before

    def _listen(self) -> None:
        fault = ""
        try:
            for words in self._words:
                self._note(words)
        except httpx.HTTPError as error:
            fault = f" ({type(error).__name__})"
        with self._said:
            self.end = f"ended{fault} after {self._calls['let in']:,} calls: {self.last[:60]}"
            self._said.notify_all()

    def _note(self, words: str) -> None:
        with self._said:
            self.last, self.number = words, self.number + 1
            self._said.notify_all()


def measure(number: int) -> list[list[str]]:
    """The table's rows.

    Args:
        number: of calls.
    """
    calls: Counter[str] = Counter()
    with running_app() as (url, _):
        visitor = Retrainer(url)
        run = Watched(visitor.start(Epochs=EPOCHS), calls)
        if not run.wait("Epoch"):
            raise RuntimeError(f"The run did not begin: {run.last}")
        program = Watched(_retrain(url), calls)
        if not program.wait():
            raise RuntimeError(f"/retrain did not begin: {program.end or program.last}")
        began = time.perf_counter()
        asyncio.run(_call(url, number, calls))
        seconds = time.perf_counter() - began
        went_on = _said_of(run, run.wait(seconds=15))
        pad = visitor.read(SEVEN)
        is_read = "probabilities" in pad and "lost" not in pad
        with contextlib.suppress(httpx.HTTPError):
            visitor.stop()  # the machine is /retrain's then
        streamed = _said_of(program, program.wait())
        visitor.leave()
    figures = [f"{calls['let in']:,}", f"{calls['fetched']:,}", f"{calls['refused']:,}", f"{seconds:.0f}"]
    return [["one visitor", *figures, went_on, streamed, "reads" if is_read else f"answers {str(pad)[:60]}"]]


def _said_of(stream: Watched, goes_on: bool) -> str:
    return "goes on" if goes_on else stream.end or "says nothing more"


def _retrain(url: str) -> Iterator[str]:
    """Call /retrain; what it says."""
    call = httpx.post(f"{url}/gradio_api/call/v2/retrain", json={"epochs": EPOCHS}, timeout=30)
    event = call.raise_for_status().json()["event_id"]
    with httpx.stream("GET", f"{url}/gradio_api/call/retrain/{event}", timeout=120) as stream:
        for line in stream.iter_lines():
            if line.startswith("event:"):
                kind = line[6:].strip()
            if line.startswith("data:") and kind in {"generating", "complete", "error"}:
                yield f"{kind} {line[5:].strip()}"
                if kind != "generating":
                    return


async def _call(url: str, number: int, calls: Counter[str]) -> None:
    """Let that many calls in, and fetch the answers of every second one."""
    connections = [Connection(url, source) for source in ADDRESSES for _ in range(CONNECTIONS)]
    await asyncio.gather(*[_calls_of(connection, number, calls) for connection in connections])


async def _calls_of(connection: Connection, number: int, calls: Counter[str]) -> None:
    body = json.dumps({"data": [SEVEN]}).encode()
    await connection.open()
    while calls["under way"] + calls["let in"] < number:
        calls["under way"] += 1
        status, content = await connection.ask("POST", _CALL, body)
        calls["under way"] -= 1
        if status != 200:
            calls["refused"] += 1
            await asyncio.sleep(0.1)
            continue
        calls["let in"] += 1
        if calls["let in"] % 2:
            await connection.ask("GET", f"{_CALL}/{json.loads(content)['event_id']}")
            calls["fetched"] += 1
    connection.close()
