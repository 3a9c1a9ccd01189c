"""The running app, over HTTP: bodies that are no request, files that are none, and Gradio's other routes."""

from __future__ import annotations

import io
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from stranger import API, SEVEN, Stranger, dumped, told

from tests.support.visitor import ROOT

pytestmark = pytest.mark.usefixtures("app_goes_on")

TEMPORARY = tempfile.gettempdir()
WRONG_BODIES = [
    b"", b" ", b"null", b"7", b"[]", b"{}", b'"data"', b"{", b"\xff\xfe", b"\0" * 100, b"data=1", b"NaN",
    b'{"data": 1}', b'{"data": null}', b'{"data": {}}', b'{"data": [NaN]}', b'{"data": ["\\ud800"]}',
    b'{"data": [], "session_hash": 7}',
    b'{"data": [], "fn_index": "x"}', b'{"data": [], "fn_index": 1e400}', b'{"data": [], "fn_index": true}',
    b'{"data": [1' + b"0" * 5000 + b"]}", b'{"data": []}' * 2, b'{"data": [], "data": [1]}', b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b'{"data": [' + b"[" * 800 + b"]" * 800 + b"]}",
]  # fmt: skip


# ---- the named endpoints ----
POSTS = [f"{API}/{path}" for path in ("run/predict", "queue/join", "call/read_strokes", "component_server/", "upload")]
KINDS = [
    "", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "image/png", "\xff", ";;;",
    "multipart/form-data; boundary=" + "x" * 9999, "application/x-www-form-urlencoded",
    "application/json; charset=utf-32",
]  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
def test_bodies_that_are_no_request_are_refused_in_words(stranger: Stranger, path: str) -> None:
    for body in WRONG_BODIES:
        answer = stranger.post(path, body)
        assert told(answer) or answer.status_code in (200, 404)


@pytest.mark.parametrize("path", POSTS)
def test_other_types_of_content_are_refused_in_words(stranger: Stranger, path: str) -> None:
    form = b"--x\r\nContent-Disposition: form-data; name=files\r\n\r\nx\r\n--x--"
    for kind, body in itertools.product(KINDS, (b"", b"--x--", form, b"{}")):
        answer = stranger.ask("POST", path, content=body, headers={"Content-Type": kind.encode("latin1")})
        assert told(answer) or answer.status_code in (200, 404), kind


def large_json(part: bytes, size: int) -> bytes:
    return b'{"data": [' + part * (size // len(part)) + b"1]}"


@pytest.mark.parametrize("size", [1_450_000, 50_000_000])
@pytest.mark.parametrize("part", [b"[],", b'{"":', b"0.1,", b'"a1",', b"[0.1,0.2],", b" "], ids=str)
def test_a_large_body_costs_the_app_little(stranger: Stranger, part: bytes, size: int) -> None:
    body = large_json(part, size)
    for path in (f"{API}/run/predict", f"{API}/component_server/"):
        stranger.cost(stranger.post, path, body)


def test_a_body_of_unknown_length_is_read_no_further_than_any_other(stranger: Stranger) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(500):
            yield b" " * 100_000

    def send() -> None:
        try:
            answer = stranger.ask("POST", f"{API}/run/predict", content=endless())
            assert answer.status_code in (411, 413)
        except httpx.WriteError:  # hung up in the middle of it
            pass

    stranger.cost(send)


def test_a_file_of_fifty_megabytes_is_refused(stranger: Stranger) -> None:
    def send() -> None:
        answer = stranger.ask("POST", f"{API}/upload", files={"files": ("x.png", io.BytesIO(bytes(50_000_000)))})
        assert answer.status_code == 413

    stranger.cost(send)


@pytest.mark.parametrize(
    "name", ["../../../evil.py", "/etc/evil", "..", ".", "", "a/b", "a\\b", "\0", "x" * 5000, "\u202e.png", "CON", "~"]
)
def test_uploaded_files_stay_in_their_folder(stranger: Stranger, name: str) -> None:
    answer = stranger.send("POST", f"{API}/upload", files={"files": (name, b"x")})
    if answer.is_success:
        (path,) = answer.json()
        assert os.path.realpath(path) == path
        assert Path(path).parent.parent.name.startswith("draw-a-digit-")
        assert stranger.send("GET", f"{API}/file={quote(path)}").content == b"x"
        Path(path).unlink()
    else:
        assert told(answer)


OTHER_FILES = [
    "/etc/passwd", "etc/passwd", "../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
    "/proc/self/environ", "/proc/self/cwd/app.py", str(ROOT / "app.py"), "app.py", "ui/page.py", "weights/shipped.npz",
    ".git/config", f"{TEMPORARY}/gradio/../../etc/passwd", f"{TEMPORARY}/gradio", TEMPORARY, "~/.ssh/id_rsa",
    "file:///etc/passwd", "%00",
    "http://127.0.0.1:1/", "https://example.com/", "http:%2f%2fexample.com", "ftp://example.com/", "x" * 5000,
]  # fmt: skip
ROUTES = [
    "/config?deep_link=../../x", "/?deep_link=%00", "/config?page=__class__", f"{API}/info?all_endpoints=x",
    f"{API}/deep_link?session_hash=../..", f"{API}/upload_progress?upload_id=x", f"{API}/startup-events",
    f"{API}/queue/status",
    f"{API}/custom_component/x/client/y/z", f"{API}/custom_component/x/client/..%2f/z", "/monitoring", "/monitoring/x",
    "/monitoring/summary", f"{API}/runs", "/pwa_icon/99999999", "/manifest.json", f"{API}/stream/a/b/c/playlist.m3u8",
    f"{API}/stream/a/b/1/playlist-file", f"{API}/stream/a/b/1/x.ts", f"{API}/vibe-code", f"{API}/run-history/buckets",
    f"{API}/user", f"{API}/token", "/docs", "/openapi.json", "/redoc", f"{API}/openapi.json", "/.env",
    f"{API}/dev/reload",
]  # fmt: skip


@pytest.mark.parametrize(
    "start", [f"{API}/file=", f"{API}/file/", "/file=", "/static/", "/assets/", "/svelte/", f"{API}/proxy="]
)
def test_no_other_file_is_served(stranger: Stranger, start: str) -> None:
    for path in OTHER_FILES:
        answer = stranger.ask("GET", start + path, echo=path)
        assert answer.status_code >= 400, path
        assert "root:" not in answer.text, path
        assert "import" not in answer.text, path


def test_other_routes_tell_nothing(stranger: Stranger) -> None:
    for path in ROUTES:
        answer = stranger.ask("GET", path)
        assert answer.status_code < 500, path
        assert str(ROOT) not in answer.text, path


@pytest.mark.parametrize("path", ["queue/data?session_hash=nobody", "call/read_strokes/nothing", "call/v2/x/y"])
def test_nobody_hears_what_is_not_said_to_them(stranger: Stranger, path: str) -> None:
    answer = stranger.ask("GET", f"{API}/{path}")
    assert "404" in answer.text
    assert answer.status_code == (200 if "data" in path else 404)  # a page wants to be told by the stream
    assert '"session_not_found":true' in answer.text or "error" in answer.json()


@pytest.mark.parametrize(
    "value", ["A" * 1_000_000, "\ud800", {"a": "\ud800"}, ["x"]], ids=["long", "odd", "object", "list"]
)
def test_a_value_that_is_no_choice_is_not_repeated(stranger: Stranger, hashes: Iterator[str], value: Any) -> None:
    for function in stranger.functions:
        if function["backend_fn"] and not function["queue"]:
            body = {"data": [value] * len(function["inputs"]), "session_hash": next(hashes)}
            assert len(stranger.press(function, body)) < 2000


def test_what_runs_in_the_browser_alone_cannot_be_called(stranger: Stranger) -> None:
    own = [function for function in stranger.functions if not function["backend_fn"]]
    assert own
    for function in own:
        body = {"data": [None] * len(function["inputs"]), "fn_index": function["id"], "session_hash": "a"}
        for path in ("run/predict", "queue/join"):
            assert stranger.post(f"{API}/{path}", body).status_code == 404


def test_what_the_page_does_not_use_does_nothing(stranger: Stranger) -> None:
    for path in ("process_recording", "vibe-edit", "vibe-code", "undo-vibe-edit", "run-history/connect"):
        for request in (
            {"json": {"prompt": "x", "code": "x"}},
            {"files": {"video": ("x.mp4", b"x")}},
            {"content": b""},
        ):
            assert stranger.ask("POST", f"{API}/{path}", **request).status_code == 404, path


def test_other_methods_are_refused(stranger: Stranger) -> None:
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "BREW"):
        for path in ("/", f"{API}/run/predict", f"{API}/component_server/", f"{API}/upload"):
            assert stranger.ask(method, path).status_code in (400, 404, 405, 411, 415), (method, path)


def test_odd_headers_do_no_harm(stranger: Stranger) -> None:
    for name, value in [
        ("Host", "x\"'<script>"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "javascript"),
        ("Range", "bytes=9-1-"),
        ("Accept-Encoding", "br" * 1000),
        ("Cookie", "a=b;" * 1000),
        ("Origin", "null"),
    ]:
        answer = stranger.ask("GET", "/config", headers={name: value})
        assert answer.status_code < 500
        body = {"component_id": stranger.pad, "fn_name": "read_drawing", "data": {"strokes": SEVEN}}
        stranger.ask("POST", f"{API}/component_server/", content=dumped(body), headers={name: value})
