"""What nobody reads, and names that are long: how much of it stays in the app's memory?"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator

from tests.support.flooder import SEVEN, Connection
from tests.support.visitor import Visitor, memory, running_app

CONNECTIONS = 60
REST = 20.0  # s, after which it is looked at again
HASH, ID = 5_000_000, 30_000  # characters
COLUMNS = ("what is sent", "MB before", "after", "MB a minute", f"{REST:.0f} s later", "answered", "refused",
           "other")  # fmt: skip
Request = tuple[str, str, bytes]  # method, path, body


def measure(seconds: float) -> list[list[str]]:
    """The table's rows; each way has an app of its own for so long."""
    rows = []
    for name, connections in (("a queue that nobody reads", CONNECTIONS), ("session hashes of 5 MB", 6),
                              ("ids of uploads, 30 KB", CONNECTIONS)):  # fmt: skip
        with running_app() as (url, pid):
            visitor = Visitor(url)
            visitor.read(SEVEN)
            requests = _requests(name, visitor)
            time.sleep(2)
            before, counts = memory(pid), Counter[str]()
            asyncio.run(_send(url, requests, connections, seconds, counts))
            after = memory(pid)
            time.sleep(REST)
            sizes = [f"{size:.0f}" for size in (before, after, 60 * (after - before) / seconds, memory(pid))]
            visitor.leave()
        rows.append([name, *sizes, *(f"{counts[kind]:,}" for kind in ("answered", "refused", "other"))])
    return rows


def _requests(name: str, visitor: Visitor) -> Iterator[Request]:
    event = next(each for each in visitor.config["dependencies"] if each["api_name"] == "read_strokes")

    def join(session_hash: str) -> Request:
        body = {"data": [SEVEN], "fn_index": event["id"], "session_hash": session_hash}
        return "POST", "/gradio_api/queue/join", json.dumps(body).encode()

    if name.startswith("a queue"):
        return itertools.repeat(join("nobody"))
    if name.startswith("session"):
        return (join(f"{number}".rjust(HASH, "x")) for number in itertools.count())
    path = "/gradio_api/upload_progress?upload_id="
    return (("GET", path + f"{number}".rjust(ID, "x"), b"") for number in itertools.count())


async def _send(url: str, requests: Iterator[Request], connections: int, seconds: float, counts: Counter[str]) -> None:
    tasks = [asyncio.create_task(_send_over(Connection(url), requests, counts)) for _ in range(connections)]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _send_over(connection: Connection, requests: Iterator[Request], counts: Counter[str]) -> None:
    try:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await connection.open()
                for method, path, body in requests:
                    status, _ = await connection.ask(method, path, body)
                    counts["answered" if status == 200 else "refused" if status in {413, 429, 503} else "other"] += 1
            connection.close()
            counts["other"] += 1
            await asyncio.sleep(0.1)
    finally:
        connection.close()
