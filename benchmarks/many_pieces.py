"""Requests that cost a server much for each byte, over many connections: what do ten who draw elsewhere wait for?

`python -m benchmarks.many_pieces URL KIND SECONDS`: send them, and tell as JSON what came back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import gradio
import numpy as np

from tests.support.crowd import Crowd
from tests.support.visitor import ROOT, Visitor, running_app

CONNECTIONS, VISITORS, SECONDS = 20, 10, 8.0
COLUMNS = ("20 connections that send", "bytes of each", "readings/s", "p50, ms", "p95, ms", "max, ms",
           "answers to them", "refusals")  # fmt: skip
_SCRIPT = max((Path(gradio.__file__).parent / "templates/frontend/assets").glob("*.js"), key=lambda p: p.stat().st_size)
_HOST = b"Host: here\r\nConnection: close\r\n"
_CHUNKED = b"POST /gradio_api/reset HTTP/1.1\r\n" + _HOST + b"Transfer-Encoding: chunked\r\n\r\n"
_UPLOAD = b"POST /gradio_api/upload HTTP/1.1\r\n" + _HOST + b"Content-Length: 1\r\n"
_ASKED = f"GET /assets/{_SCRIPT.name} HTTP/1.1\r\n".encode() + _HOST
KINDS: dict[str, bytes] = {
    "nothing": b"",
    "10,000 chunks": _CHUNKED + b"1\r\n1\r\n" * 10_000 + b"0\r\n\r\n",
    "15,000 lines behind a chunk": _CHUNKED + b"1\r\n1\r\n0\r\n" + b"a:\r\n" * 15_000 + b"\r\n",
    "15,000 header lines": b"GET /nothing HTTP/1.1\r\n" + _HOST + b"a:\r\n" * 15_000 + b"\r\n",
    "a query of 30,000 parts": b"GET /theme.css?" + b"a&" * 30_000 + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    "a type of 6,000 parts": _UPLOAD + b"Content-Type: multipart/form-data" + b'; a="b"' * 6_000 + b"\r\n\r\nx",
    "for the largest script": _ASKED + b"Accept-Encoding: br\r\n\r\n",
}


def measure() -> list[list[str]]:
    """The table's rows."""
    with running_app() as (url, _):
        visitors = [Visitor(url) for _ in range(VISITORS)]
        rows = [_row(url, kind, visitors) for kind in KINDS]
        for visitor in visitors:
            visitor.leave()
    return rows


def _row(url: str, kind: str, visitors: list[Visitor]) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.many_pieces", url, kind, f"{SECONDS + 2:g}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        process.stdout.readline()  # it begins
        time.sleep(1)
        with Crowd(visitors, 0, is_patient=True) as crowd:
            time.sleep(SECONDS)
        counts = json.loads(process.stdout.readline())
    p50, p95, most = 1000 * np.percentile(crowd.waits.answers, [50, 95, 100])
    return [kind, f"{len(KINDS[kind]):,}", f"{len(crowd.waits.answers) / crowd.waits.seconds:.0f}", f"{p50:.1f}",
            f"{p95:.1f}", f"{most:.0f}", f"{counts.get('2', 0):,}", f"{counts.get('4', 0):,}"]  # fmt: skip


async def _flood(url: str, request: bytes, seconds: float) -> Counter[str]:
    address, counts, end = urlsplit(url), Counter[str](), time.monotonic() + seconds

    async def send_and_hear() -> None:
        while time.monotonic() < end:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection(address.hostname, address.port)
                try:
                    writer.write(request)
                    status = (await reader.readexactly(12))[9:10].decode()
                    counts[status] += 1
                    if status == "2":
                        await reader.read()  # until the server hangs up
                finally:
                    writer.close()

    if request:
        senders = [asyncio.create_task(send_and_hear()) for _ in range(CONNECTIONS)]
        await asyncio.wait(senders, timeout=seconds)
        for sender in senders:
            sender.cancel()
    else:
        await asyncio.sleep(seconds)
    return counts


if __name__ == "__main__":
    print("begins", flush=True)
    print(json.dumps(asyncio.run(_flood(sys.argv[1], KINDS[sys.argv[2]], float(sys.argv[3])))), flush=True)
