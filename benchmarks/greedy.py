"""A visitor with much of everything, who asks for all of it at once, in a process of their own.

`python -m benchmarks.greedy URL`: tells as JSON what it can ask for. Each line of input then makes it ask for what the
line lists, over CONNECTIONS of as many tabs, going on after a refusal; an empty one ends that and makes it tell how
often it was answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.page_asks import DELETED, Ask, Belongings, large_drawings, page_asks
from mnist_core import load_pen_digits, render_strokes
from tests.support.flooder import Connection
from tests.support.retrainer import Retrainer
from tests.support.visitor import ROOT, Visitor

CONNECTIONS = 6
RUNS = 3
PHOTO = (3000, 4000)  # px: 12 megapixels
_SHORT: dict[str, Any] = {"Epochs": 2, "Training_images": 10_000}
_WITH_DRAWINGS = "Include_my_drawings_(0)"


class Hoarder(Retrainer):
    """One open page of somebody who keeps as much as they may."""

    def hoard(self) -> Belongings:
        """Draw, train and upload."""
        drawings = large_drawings()
        for number in range(1, RUNS + 1):
            if number == RUNS:
                self._keep(drawings)
            # The last one learns from the drawings, too; so many take a minute to prepare.
            *_, words = self.start(**{**_SHORT, _WITH_DRAWINGS: number == RUNS})
            if not words.startswith("Done"):
                raise RuntimeError(words)
        self.look()  # else Gradio accepts no run's number of this tab
        chosen: Any = RUNS if self._component(self._chosen()).get("choices") else {"number": RUNS}
        (file,) = self._ask(self._event("click", label="Download"), [None, chosen])
        archive = file["url"].removeprefix(self.url)
        weights = self._http.get(archive).raise_for_status().content
        photo = _photo()
        return Belongings(
            drawings, RUNS, self._hand_in("photo.jpg", photo), self._hand_in("run.zip", weights), archive, photo
        )

    def _keep(self, drawings: list[dict[str, Any]]) -> None:
        """By one of the ways in which versions of the app take them."""
        for event in self._config["dependencies"]:
            if event["api_name"] == "recall":
                self._run(event, [None, None])
        number = next(c["id"] for c in self._config["components"] if "change_drawings" in str(c["props"]))
        text = json.dumps({"format": "draw-a-digit drawings", "drawings": drawings})
        ways = [{"do": "upload", "text": text}]
        ways += [{"do": "add", "drawings": drawings[i : i + 10]} for i in range(0, len(drawings), 10)]
        kept = 0
        for way in ways:
            data = {"session": self.key, **way}
            body = {"data": data, "component_id": number, "fn_name": "change_drawings", "session_hash": self._hash}
            answer = self._http.post("/gradio_api/component_server/", json=body).json()
            kept = max(kept, sum(answer.get("counts", [])))
            if kept == len(drawings):
                return
        raise RuntimeError(f"{kept} of {len(drawings)} drawings were kept.")

    def _hand_in(self, name: str, content: bytes) -> dict[str, Any]:
        (path,) = self._http.post("/gradio_api/upload", files={"files": (name, content)}).raise_for_status().json()
        return {"path": path, "orig_name": name, "size": len(content), "meta": {"_type": "gradio.FileData"}}


def _photo() -> bytes:
    """A photograph of a digit on paper."""
    ink = render_strokes(load_pen_digits("dev").strokes[0])
    paper = np.asarray(Image.fromarray(ink).resize(PHOTO[::-1]), np.float32) * 0.7 + 40
    noise = np.random.default_rng(0).normal(0, 3, PHOTO)
    file = io.BytesIO()
    Image.fromarray(np.clip(paper + noise, 0, 255).astype(np.uint8)).convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()


class _Tab:
    """One connection, of a tab of its own.

    Args:
        visitor: the tab.
        has: what can be asked for.
    """

    def __init__(self, visitor: Visitor, has: Belongings) -> None:
        self._visitor, self.asks = visitor, page_asks(visitor, has)
        self._last_upload = 0  # the number of the run that it became

    async def ask(self, names: list[str], chance: random.Random, counts: Counter[str], ended: asyncio.Event) -> None:
        """Ask for these, in an order of its own, until it is ended; the last answer is waited for, too."""
        shuffled = chance.sample(names, len(names))
        connection = Connection(self._visitor.url)
        try:
            for name in itertools.cycle(shuffled):
                if ended.is_set():
                    return
                try:
                    if not connection.is_open:
                        await connection.open()
                    counts[f"{name}: {await self._answer(connection, name)}"] += 1
                except (OSError, asyncio.IncompleteReadError):
                    connection.close()
                    counts[f"{name}: cut off"] += 1
                    await asyncio.sleep(0.1)
        finally:
            connection.close()

    async def _answer(self, connection: Connection, name: str) -> str:
        ask: Ask = self.asks[name]
        body = ask.body.replace(str(DELETED).encode(), str(self._last_upload).encode())
        status, content = await connection.ask("POST" if body else "GET", ask.path, body, ask.kind)
        if status == 200 and ask.is_queued:
            address = f"/gradio_api/queue/data?session_hash={self._visitor.session_hash}"
            status, content = await connection.ask("GET", address)
            status = 200 if b'"process_completed"' in content and b'"success":true' in content else 500
        if name == "upload" and (number := re.search(rb'"value":\s*(\d+)', content)):
            self._last_upload = int(number[1])
        return "answered" if status == 200 else "refused" if status in {413, 429, 503} else "error"


class Greedy:
    """That process, from entering to leaving the `with` block.

    Args:
        url: of the app.
    """

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-m", "benchmarks.greedy", url]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> Greedy:
        self.names: list[str] = self._heard()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    @contextlib.contextmanager
    def asking(self, names: list[str]) -> Iterator[Counter[str]]:
        """While it asks for these; afterwards, the counts of its answers are there, by "name: kind"."""
        counts: Counter[str] = Counter()
        self._say(json.dumps(names))
        yield counts
        self._say("")
        counts.update(self._heard())

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _heard(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


async def _main(url: str) -> None:
    first = await asyncio.to_thread(Hoarder, url)
    has = await asyncio.to_thread(first.hoard)
    visitors = [first, *[await asyncio.to_thread(Hoarder, url, key=first.key) for _ in range(CONNECTIONS - 1)]]
    for visitor in visitors[1:]:
        await asyncio.to_thread(visitor.look)
    tabs = [_Tab(visitor, has) for visitor in visitors]
    print(json.dumps(list(tabs[0].asks)), flush=True)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        counts, ended = Counter[str](), asyncio.Event()
        asking = [
            asyncio.create_task(tab.ask(json.loads(line), random.Random(number), counts, ended))
            for number, tab in enumerate(tabs)
        ]
        await asyncio.to_thread(sys.stdin.readline)
        ended.set()
        await asyncio.gather(*asking)
        print(json.dumps(counts), flush=True)
    for visitor in visitors:
        visitor.leave()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
