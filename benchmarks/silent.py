"""Connections that announce much and send nothing: do others of the same address still draw and upload?"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from urllib.parse import urlsplit

import httpx

from tests.support.flooder import SEVEN
from tests.support.visitor import Visitor, running_app

ADDRESS = "203.0.113.7"  # as a proxy on this machine says
REQUESTS, REQUEST_BYTES = 50, 1_400_000
UPLOADS, UPLOAD_BYTES = 15, 20_000_000
PICTURE = b"\0" * 2_000_000  # what is uploaded meanwhile, as large as a photograph; nobody looks at it
COLUMNS = ("", "readings answered", "refused", "a page is opened", "an upload of 2 MB is",
           "requests hung up after, s", "uploads hung up after, s", "then, an upload is")  # fmt: skip
_HEAD = """POST {path} HTTP/1.1
Host: {host}
X-Forwarded-For: {address}
Content-Type: {kind}
Content-Length: {length}

"""


class Silent:
    """A connection that sends the head of a request and nothing else.

    Args:
        url: of the app.
        path: of the request.
        kind: of its content.
        length: that it states.
        patience: seconds after which it is taken for one that is held for ever.
    """

    def __init__(self, url: str, path: str, kind: str, length: int, patience: float) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((str(address.hostname), int(address.port or 80)))
        self._socket.settimeout(patience)
        head = _HEAD.format(path=path, host=address.netloc, address=ADDRESS, kind=kind, length=length)
        self._socket.sendall(head.replace("\n", "\r\n").encode())
        self._began = time.perf_counter()
        self.seconds: float | None = None  # until it was hung up
        self.thread = threading.Thread(target=self._wait)
        self.thread.start()

    def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            while self._socket.recv(65536):
                pass
            self.seconds = time.perf_counter() - self._began
        self._socket.close()


def measure(patience: float) -> list[list[str]]:
    """The table's rows.

    Args:
        patience: seconds that silent connections are watched for.
    """
    with running_app() as (url, _):
        page = Visitor(url, ADDRESS)
        predict, upload = "/gradio_api/run/predict", "/gradio_api/upload"
        silent = [Silent(url, predict, "application/json", REQUEST_BYTES, patience) for _ in range(REQUESTS)]
        form = "multipart/form-data; boundary=limit"
        uploads = [Silent(url, upload, form, UPLOAD_BYTES, patience) for _ in range(UPLOADS)]
        time.sleep(1)
        counts = {True: 0, False: 0}
        opened, accepted = _opens(url), _uploads(url)
        while any(each.thread.is_alive() for each in (*silent, *uploads)):
            counts[_reads(page)] += 1
            time.sleep(0.1)
        afterwards = _uploads(url)
        page.leave()
    return [[
        f"{REQUESTS} requests and {UPLOADS} uploads", str(counts[True]), str(counts[False]), opened, accepted,
        _hung_up(silent, patience), _hung_up(uploads, patience), afterwards,
    ]]  # fmt: skip


def _reads(page: Visitor) -> bool:
    try:
        return "probabilities" in page.read(SEVEN)
    except httpx.HTTPStatusError:
        return False


def _opens(url: str) -> str:
    try:
        Visitor(url, ADDRESS).leave()
    except httpx.HTTPStatusError as error:
        return f"no: {error.response.status_code}"
    return "yes"


def _uploads(url: str) -> str:
    answer = httpx.post(
        f"{url}/gradio_api/upload",
        files={"files": ("a.png", PICTURE)},
        headers={"X-Forwarded-For": ADDRESS},
        timeout=60,
    )
    return "accepted" if answer.status_code == 200 else f"refused: {answer.status_code}"


def _hung_up(connections: list[Silent], patience: float) -> str:
    seconds = [each.seconds for each in connections if each.seconds is not None]
    held = len(connections) - len(seconds)
    words = [f"{min(seconds):.0f} to {max(seconds):.0f}"] if seconds else []
    return ", ".join(words + [f"{held} not within {patience:.0f}"] * bool(held))
