"""A client that asks for readings as fast as it can, over many connections, in a process of its own.

`python -m tests.support.flooder URL WAY`: prints how many answers it got, by what they were, when its input is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.support.visitor import ROOT, Visitor

CONNECTIONS = 100
ADDRESS = "127.0.0.2"  # another one than that of everybody else here
PAD, OWN_PAGE, ENDPOINT = "the pad, no page open", "the pad, of a page of its own", "/read_strokes"
SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]


class Connection:
    """One connection that is kept alive.

    Args:
        url: of the app.
        source: the address that it comes from.
    """

    def __init__(self, url: str, source: str = ADDRESS) -> None:
        self._address, self._source = urlsplit(url), source
        self.is_open = False

    async def open(self) -> None:
        """Connect."""
        self._from, self._to = await asyncio.open_connection(
            self._address.hostname, self._address.port, local_addr=(self._source, 0)
        )
        self.is_open = True

    def close(self) -> None:
        """Hang up, if it is open."""
        if self.is_open:
            self._to.close()
        self.is_open = False

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, bytes]:
        """Send a request with a body of that kind and wait for its answer: the status and the content."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._address.netloc}\r\nContent-Type: {kind}\r\n"
        self._to.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        top = (await self._from.readuntil(b"\r\n\r\n")).lower()
        status, length = int(top.split()[1]), top.partition(b"content-length:")[2]
        if length:
            return status, await self._from.readexactly(int(length.split(b"\r\n", 1)[0]))
        parts = []
        while size := int(await self._from.readline(), 16):
            parts.append((await self._from.readexactly(size + 2))[:-2])
        await self._from.readline()
        return status, b"".join(parts)


async def flood(url: str, way: str, counts: Counter[str], connections: int = CONNECTIONS) -> None:
    """Ask until cancelled.

    Args:
        url: of the app.
        way: PAD, OWN_PAGE or ENDPOINT.
        counts: of answers, by "readings", "refused" and "other"; counted up.
        connections: over which it asks.
    """
    visitor = await asyncio.to_thread(Visitor, url)
    request: dict[str, Any] = visitor.reading_request(SEVEN)
    if way == PAD:
        visitor.leave()
        request["data"]["session"] = request["session_hash"] = "nobody"
    body = json.dumps({"data": [SEVEN]} if way == ENDPOINT else request).encode()
    ask: Callable[[Connection, bytes], Any] = _call if way == ENDPOINT else _read
    await asyncio.gather(*[_ask(Connection(url), ask, body, counts) for _ in range(connections)])


async def _ask(connection: Connection, ask: Callable[[Connection, bytes], Any], body: bytes, counts: Any) -> None:
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await connection.open()
            while True:
                counts[await ask(connection, body)] += 1
        await asyncio.sleep(0.1)


async def _read(connection: Connection, body: bytes) -> str:
    status, content = await connection.ask("POST", "/gradio_api/component_server/", body)
    return _kind(status, b'"probabilities"' in content)


async def _call(connection: Connection, body: bytes) -> str:
    status, content = await connection.ask("POST", "/gradio_api/call/read_strokes", body)
    if status == 200:
        event = json.loads(content)["event_id"]
        status, content = await connection.ask("GET", f"/gradio_api/call/read_strokes/{event}")
    return _kind(status, b"event: complete" in content)


def _kind(status: int, is_reading: bool) -> str:
    return "readings" if is_reading else "refused" if status in {429, 503} else "other"


@contextlib.contextmanager
def flooding(url: str, way: str) -> Iterator[Counter[str]]:
    """A flooder from entering to leaving the `with` block; afterwards, the counts of its answers are there."""
    counts: Counter[str] = Counter()
    command = [sys.executable, "-m", "tests.support.flooder", url, way]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        yield counts
        counts.update(json.loads(process.communicate()[0]))


async def _main(url: str, way: str) -> None:
    counts: Counter[str] = Counter()
    task = asyncio.create_task(flood(url, way, counts))
    while not counts:
        await asyncio.sleep(0.05)
        if task.done():
            task.result()
    counts.clear()
    print("begun", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    task.cancel()
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
