"""Twenty pages of one address that ask for what takes longest: what do ten who draw elsewhere, and one more, wait for?

`python -m benchmarks.many_pages URL KIND SECONDS`: be those pages, and tell as JSON how often they were answered.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np
from PIL import Image

from mnist_core import Weights, render_strokes
from tests.support.crowd import Crowd
from tests.support.flooder import SEVEN
from tests.support.retrainer import Retrainer
from tests.support.visitor import ROOT, Visitor, running_app

PAGES, VISITORS, SECONDS = 20, 10, 15.0
ADDRESS, OTHER = "203.0.113.9", "203.0.113.10"  # as a proxy on this machine says
SIDE = 3700  # px of the largest picture in colour that is accepted
WIDTH = 1024  # of the hidden layers of the largest model
COLUMNS = ("twenty pages that ask for", "readings/s", "p50, ms", "p95, ms", "max, ms", "another's picture, max, s",
           "upload, max, s", "looking, max, s", "answers to the pages", "refusals")  # fmt: skip


class Page(Retrainer):
    """One open page that asks for what takes long."""

    def hand_in(self, name: str, content: bytes) -> dict[str, Any]:
        """Upload a file; returns how the page describes it afterwards."""
        (path,) = self._http.post("/gradio_api/upload", files={"files": (name, content)}).raise_for_status().json()
        return {"path": path, "orig_name": name, "size": len(content), "meta": {"_type": "gradio.FileData"}}

    def show_picture(self, file: dict[str, Any]) -> None:
        """Have a picture read."""
        self._run(self._event("change", label="Upload, paste or photograph a digit or a number"), [file, None])

    def ask(self, function: str, data: dict[str, Any]) -> None:
        """Call a server function."""
        number = next(c["id"] for c in self._config["components"] if function in str(c["props"]))
        body = {"data": {"session": self._key, **data}, "component_id": number, "fn_name": function,
                "session_hash": self._hash}  # fmt: skip
        self._http.post("/gradio_api/component_server/", json=body).raise_for_status()

    def use_file(self, file: dict[str, Any]) -> None:
        """Use weights that were handed in, and delete the run again."""
        number = self._ask(self._event("upload", label="Upload weights"), [None, file])[0]["value"]
        self.delete(number)


def measure() -> list[list[str]]:
    """The table's rows."""
    with running_app() as (url, _):
        visitors = [Visitor(url) for _ in range(VISITORS)]
        other = Page(url, OTHER)
        rows = [_row(url, kind, visitors, other) for kind in ("nothing", *KINDS)]
        for visitor in (*visitors, other):
            visitor.leave()
    return rows


def _row(url: str, kind: str, visitors: list[Visitor], other: Page) -> list[str]:
    waits: dict[str, list[float]] = {"picture": [], "upload": [], "looking": []}
    small, weights = other.hand_in("seven.png", _picture(280)), other.hand_in("run.npz", _weights(16))
    with _pages(url, kind) as counts:
        time.sleep(3)  # until all are at it
        with Crowd(visitors, 0, is_patient=True) as crowd:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                for name, ask in (("picture", lambda: other.show_picture(small)),
                                  ("upload", lambda: other.use_file(weights)), ("looking", other.look)):  # fmt: skip
                    began = time.monotonic()
                    ask()
                    waits[name].append(time.monotonic() - began)
                time.sleep(0.5)
    p50, p95, most = 1000 * np.percentile(crowd.waits.answers, [50, 95, 100])
    longest = [f"{max(seconds):.2f}" for seconds in waits.values()]
    return [kind, f"{len(crowd.waits.answers) / crowd.waits.seconds:.0f}", f"{p50:.1f}", f"{p95:.1f}", f"{most:.0f}",
            *longest, f"{counts['answered']:,}", f"{counts['refused']:,}"]  # fmt: skip


@contextmanager
def _pages(url: str, kind: str) -> Iterator[Counter[str]]:
    """While the pages ask, in a process of their own; afterwards the counts of their answers are there."""
    counts: Counter[str] = Counter()
    if kind == "nothing":
        yield counts
        return
    command = [sys.executable, "-m", "benchmarks.many_pages", url, kind, f"{SECONDS + 5:g}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        process.stdout.readline()  # they are open
        yield counts
        counts.update(json.loads(process.stdout.readline()))


def _picture(side: int) -> bytes:
    image = Image.fromarray(np.asarray(render_strokes(SEVEN))).convert("RGB").resize((side, side))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _weights(width: int) -> bytes:
    chance = np.random.default_rng(0)
    shapes = [(784, width), (width,), (width, width), (width,), (width, 10), (10,)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.npz"
        Weights.from_arrays([chance.normal(0, 0.05, shape) for shape in shapes], "relu").save(path)
        return path.read_bytes()


def _strokes(count: int, points: int) -> list[Any]:
    chance = np.random.default_rng(0)
    lines = chance.uniform(0.1, 0.9, (count, 1, 2)) + chance.normal(0, 0.02, (count, points, 2)).cumsum(1)
    return list(np.clip(lines, 0, 1).round(3).tolist())


def _picture_asks(first: Page) -> Callable[[Page], None]:
    file = first.hand_in("seven.png", _picture(SIDE))
    return lambda page: page.show_picture(file)


def _reading_asks(first: Page) -> Callable[[Page], None]:
    data = {"strokes": _strokes(200, 100), "picture": None, "why": {"against": 3}}
    return lambda page: page.ask("read_drawing", data)


def _saving_asks(first: Page) -> Callable[[Page], None]:
    data = {"do": "add", "drawings": [{"label": 3, "strokes": _strokes(40, 480)}]}
    return lambda page: page.ask("change_drawings", data)


def _upload_asks(first: Page) -> Callable[[Page], None]:
    file = first.hand_in("run.npz", _weights(WIDTH))
    return lambda page: page.use_file(file)


KINDS: dict[str, Callable[[Page], Callable[[Page], None]]] = {
    "the largest pictures": _picture_asks,
    "the longest readings": _reading_asks,
    "saving the largest drawings": _saving_asks,
    "uploads of the largest models": _upload_asks,
}


def _main(url: str, kind: str, seconds: str) -> None:
    counts: Counter[str] = Counter()
    pages = [Page(url, ADDRESS) for _ in range(PAGES)]
    ask = KINDS[kind](pages[0])
    print("open", flush=True)
    end = time.monotonic() + float(seconds)

    def go_on(page: Page) -> None:
        while time.monotonic() < end:
            try:
                ask(page)
                counts["answered"] += 1
            except (httpx.HTTPError, RuntimeError):
                counts["refused"] += 1
                time.sleep(0.1)

    with ThreadPoolExecutor(PAGES) as pool:
        for each in [pool.submit(go_on, page) for page in pages]:
            each.result()
    print(json.dumps(counts), flush=True)
    for page in pages:
        page.leave()


if __name__ == "__main__":
    _main(*sys.argv[1:])
