"""Visitors who draw at the same time, over HTTP: each a hand that adds points, and a pad that asks for readings.

The hand replays pen digits of dev writers. Pace: a point every 12 to 20 ms, as much until the pen is lifted, 150 to
350 ms until the next stroke, and 0.5 to 1 s more until the next digit, before which the pad is cleared. The pad asks as
asking.js does: one request at a time, always of the newest ink, at most every 70 ms but at once when the pen is
lifted. All visitors share one thread and speak HTTP by hand, so that they hardly take processor time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mnist_core import load_pen_digits
from tests.support.visitor import Visitor

POINT, LIFT, REST = (0.012, 0.020), (0.15, 0.35), (0.5, 1.0)  # s
ASK_EVERY = 0.07  # s, as asking.js has it

# What Chromium sends besides.
_HEADERS = """POST /gradio_api/component_server/ HTTP/1.1
Host: {host}
Connection: keep-alive
sec-ch-ua-platform: "Linux"
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36
sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"
Content-Type: application/json
sec-ch-ua-mobile: ?0
Accept: */*
Origin: http://{host}
Sec-Fetch-Site: same-origin
Sec-Fetch-Mode: cors
Sec-Fetch-Dest: empty
Referer: http://{host}/
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-US
Content-Length: """

Strokes = Sequence[Sequence[Sequence[float]]]


@dataclass
class Waits:
    """What visitors waited for, all in seconds.

    Attributes:
        answers: of each request, from sending it to its answer.
        strokes: of each stroke, from its last point to the answer that holds it.
        failed: requests that got no reading, which take part in no other figure.
        seconds: how long they drew, summed over what was added up.
        processor: processor time that drawing and asking took here.
    """

    answers: list[float] = field(default_factory=list)
    strokes: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    def add(self, other: Waits) -> None:
        """Add what was measured in another turn."""
        self.answers += other.answers
        self.strokes += other.strokes
        self.failed += other.failed
        self.seconds += other.seconds
        self.processor += other.processor


class Crowd:
    """Draws from entering to leaving the `with` block; then `waits` tells how it went.

    Args:
        visitors: who draw; may be none.
        seed: of their choice of digits and of their pace.
        is_patient: whether they go on when a request fails, which is counted then, and else an error.
    """

    def __init__(self, visitors: Sequence[Visitor], seed: int = 0, is_patient: bool = False) -> None:
        self.waits = Waits()
        self._failure: BaseException | None = None
        self._stop = threading.Event()
        digits = [[stroke.round(4).tolist() for stroke in digit] for digit in load_pen_digits("dev").strokes]
        self._pads = [
            _Pad(visitor, digits, random.Random(f"{seed} {number}"), self.waits, is_patient)
            for number, visitor in enumerate(visitors)
        ]
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Crowd:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        began, processor = time.perf_counter(), time.thread_time()
        try:
            asyncio.run(self._draw())
        except (OSError, RuntimeError, asyncio.IncompleteReadError) as failure:
            self._failure = failure
        self.waits.seconds = time.perf_counter() - began
        self.waits.processor = time.thread_time() - processor

    async def _draw(self) -> None:
        tasks = [asyncio.create_task(pad.use()) for pad in self._pads]
        while not self._stop.is_set():
            await asyncio.sleep(0.05)
            for task in tasks:
                if task.done():
                    task.result()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Pad:
    """One visitor's pad and the hand that draws on it."""

    def __init__(
        self, visitor: Visitor, digits: Sequence[Strokes], chance: random.Random, waits: Waits, is_patient: bool
    ) -> None:
        self._visitor, self._digits, self._chance, self._waits = visitor, digits, chance, waits
        self._is_patient = is_patient
        self._strokes: list[list[Any]] = []
        self._wanted, self._is_up = asyncio.Event(), asyncio.Event()
        self._ends: list[float] = []  # when strokes ended that no answer holds yet

    async def use(self) -> None:
        """Draw and ask until cancelled."""
        address = urlsplit(self._visitor.url)
        self._head = _HEADERS.format(host=address.netloc).replace("\n", "\r\n")
        self._from, self._to = await asyncio.open_connection(address.hostname, address.port)
        try:
            await asyncio.gather(self._draw(), self._ask())
        finally:
            self._to.close()

    async def _pause(self, bounds: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*bounds))

    async def _until(self, moment: float) -> None:
        """Wait until then, but no longer than until the pen is lifted."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._is_up.wait(), max(0.0, moment - time.perf_counter()))

    async def _draw(self) -> None:
        await self._pause((0, REST[1]))  # not all at the same moment
        while True:
            for stroke in self._chance.choice(self._digits):
                self._strokes.append([])
                self._is_up.clear()
                for point in stroke:
                    await self._pause(POINT)
                    self._strokes[-1].append(point)
                    self._wanted.set()
                self._ends.append(time.perf_counter())
                await self._pause(POINT)
                self._is_up.set()
                await self._pause(LIFT)
            await self._pause(REST)
            self._strokes = []
            self._wanted.set()

    async def _ask(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            asked = time.perf_counter()
            answer = await self._post(json.dumps(self._visitor.reading_request(self._strokes)).encode())
            answered = time.perf_counter()
            if b'"probabilities"' in answer or b'"blank"' in answer:
                self._waits.answers.append(answered - asked)
                self._waits.strokes += [answered - end for end in self._ends if end <= asked]
                self._ends = [end for end in self._ends if end > asked]
            elif self._is_patient:
                self._waits.failed += 1
            else:
                raise RuntimeError(f"The pad was answered {answer[:200]!r}")
            await self._until(asked + ASK_EVERY)

    async def _post(self, body: bytes) -> bytes:
        self._to.write(f"{self._head}{len(body)}\r\n\r\n".encode() + body)
        head = (await self._from.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return await self._from.readexactly(length)
