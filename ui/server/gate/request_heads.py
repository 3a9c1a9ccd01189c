"""What can be said of a request before its body: whether it is one that this page answers."""

from __future__ import annotations

from urllib.parse import parse_qs

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.types import Scope

from ui.limits import MAX_BODY_BYTES, MAX_CONTENT_TYPE, MAX_QUERY
from ui.server.gate.calls import MAX_NAME

# Gradio's features that this page does not use, and that write files or take much: no visitor misses them.
_CLOSED = (
    "/deep_link", "/process_recording", "/vibe-", "/undo-vibe-", "/stream/", "/run-history", "/runs", "/proxy=",
    "/login", "/dev/", "/upload_progress", "/custom_component/",
)  # fmt: skip
_UPLOAD = "/upload"
_HOMES = ("localhost", "127.0.0.1", "0.0.0.0", "[::1]")
_MAX_PATH = 4096  # bytes, and of a file's name: as the system has it
_MAX_FILE_NAME = 255


class Refused(Exception):
    """A request that is not let in.

    Attributes:
        status: of the answer.
        text: for whoever sent it.
        seconds: after which it may be sent again; None for never.
    """

    def __init__(self, status: int, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.seconds = status, text, seconds


def is_upload(path: str) -> bool:
    """Whether a request to this path, without the API's prefix, hands in a file."""
    return path.rstrip("/") == _UPLOAD


def check_address(scope: Scope, path: str) -> None:
    """Raises Refused for what the page has no use for, and for names that Gradio would keep or hand to the system."""
    if len(scope["query_string"]) > MAX_QUERY:  # 30,000 parameters take a tenth of a second to be told apart
        raise Refused(414, f"What follows ? in an address may have {MAX_QUERY:,} bytes.")
    if path.rstrip("/") == "/info":
        # Gradio keeps what it answers to the first one who asks without a page, with the host that this one named.
        scope["query_string"] = b"page="
    names = parse_qs(scope["query_string"].decode("latin1")).get("session_hash", [])
    if path.startswith("/heartbeat/"):
        names.append(path.removeprefix("/heartbeat/"))
    if any(len(name) > MAX_NAME for name in names):
        raise Refused(400, f"The name of a session has at most {MAX_NAME} characters.")
    is_odd = "\0" in path or len(path) > _MAX_PATH or any(len(part) > _MAX_FILE_NAME for part in path.split("/"))
    if path.startswith(_CLOSED) or is_odd:
        raise Refused(404, "Not found.")


def check_type(headers: Headers, path: str) -> None:
    """Raises Refused for what a page of another origin may send without asking: other types, and files to a home."""
    host = headers.get("host", "").rsplit(":", 1)[0]
    if host in _HOMES and headers.get("sec-fetch-site") == "cross-site":
        raise Refused(403, "Another page may not use an app on this machine.")
    accepted = "multipart/form-data" if is_upload(path) else "application/json"
    stated = headers.get("content-type", "")
    kind = stated.partition(";")[0]
    if len(stated) > MAX_CONTENT_TYPE or kind.strip().lower() != accepted:
        raise Refused(415, f"The request must be of the type {accepted}.")


def boundary(headers: Headers) -> bytes:
    """What stands between the parts of an upload, as Gradio finds it. Raises Refused."""
    _, options = parse_options_header(headers.get("content-type", ""))
    found = options.get(b"boundary", b"")
    if not found:
        raise Refused(400, "The request must say the boundary of its parts.")
    return found


def stated_length(headers: Headers, path: str, most_of_file: int) -> int:
    """Of the request's body, in bytes, as it says. Raises Refused."""
    try:
        length = int(headers.get("content-length", ""))
    except ValueError:
        raise Refused(411, "The request must state its length.") from None
    if is_upload(path):
        most, noun = most_of_file, "file"
        length_of_file = max(0, length - 1000)  # what is around a file takes a few hundred bytes
    else:
        most, noun, length_of_file = MAX_BODY_BYTES, "request", length
    if length_of_file > most:
        raise Refused(413, f"A {noun} may have {most / 1e6:g} MB at most. Received: {length / 1e6:,.1f} MB.")
    return length
