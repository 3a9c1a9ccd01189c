"""The running app, over HTTP: every endpoint with the wrong number and types of values, and bodies that are none."""

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
from bounded import anything, hostile, nested
from hypothesis import given
from hypothesis import strategies as st
from odd_pictures import exif_bomb, large_jpeg, seed, tiff_bomb
from stranger import API, SEVEN, Stranger, dumped, told

from tests.support.visitor import ROOT, running_app

TEMPORARY = tempfile.gettempdir()
NAMED = ["read_strokes", "read_number", "read_picture", "retrain"]
WRONG_BODIES = [
    b"", b" ", b"null", b"7", b"[]", b"{}", b'"data"', b"{", b"\xff\xfe", b"\0" * 100, b"data=1", b"NaN",
    b'{"data": 1}', b'{"data": null}', b'{"data": {}}', b'{"data": [NaN]}', b'{"data": ["\\ud800"]}',
    b'{"data": [], "session_hash": 7}',
    b'{"data": [], "fn_index": "x"}', b'{"data": [], "fn_index": 1e400}', b'{"data": [], "fn_index": true}',
    b'{"data": [1' + b"0" * 5000 + b"]}", b'{"data": []}' * 2, b'{"data": [], "data": [1]}', b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b'{"data": [' + b"[" * 800 + b"]" * 800 + b"]}",
]  # fmt: skip


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    with running_app() as (url, process):
        stranger = Stranger(url, process)
        stranger.check_well()
        yield stranger
        stranger.close()


@pytest.fixture(autouse=True)
def app_goes_on(stranger: Stranger) -> Iterator[None]:
    yield
    stranger.check_well()


@pytest.fixture(scope="module")
def hashes() -> Iterator[str]:
    return (f"stranger{number}" for number in range(10**9))


# ---- the named endpoints ----


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("data", [[], [None] * 40, [SEVEN, SEVEN], [{}], ["x"], [nested(40)], [True], [7]], ids=str)
def test_wrong_numbers_and_types_of_values_are_refused_in_words(stranger: Stranger, name: str, data: list) -> None:
    if (name, data) != ("retrain", [7]):  # that is a good number of epochs
        answer = stranger.call(name, data)
        assert "error" in answer
        assert "null" not in answer


@hostile
@given(data=st.one_of(st.lists(anything, max_size=3), st.lists(st.lists(anything, max_size=3), max_size=1)))
def test_whatever_strokes_are_sent_the_answer_is_in_words(stranger: Stranger, data: list) -> None:
    assert "error" in stranger.call("read_number", data)


@hostile
@given(name=st.sampled_from(["epochs", "batch_size", "learning_rate", "seed", "train_size"]), value=anything)
def test_whatever_hyperparameters_are_sent_the_answer_is_in_words(stranger: Stranger, name: str, value: Any) -> None:
    assert "error" in stranger.call_by_name("retrain", **{"optimizer": "none", name: value})


@pytest.mark.parametrize("epochs", [0, 2001, -1, -(10**12), 10**12, 10**40, 1.5, float("nan"), True, "3", None, [3]])
def test_epochs_out_of_range_are_refused_by_their_range(stranger: Stranger, epochs: Any) -> None:
    assert "Expected a whole number from 1 to 2000" in stranger.call_by_name("retrain", epochs=epochs)


@pytest.mark.parametrize(
    "file",
    [
        {"path": "/etc/passwd"},
        {"path": str(ROOT / "app.py")},
        {"path": str(ROOT / "weights" / "shipped.npz")},
        {"path": "../../../../etc/passwd"},
        {"path": "/proc/self/environ"},
        {"path": "/dev/zero"},
        {"path": "http://127.0.0.1/x.png"},
        {"path": "https://example.com/x.png"},
        {"path": "http://169.254.169.254/latest/meta-data"},
        {"path": "/etc/passwd", "is_stream": True},
        {"path": "\0"},
        {"path": ""},
        {"path": None},
        {"path": ["/etc/passwd"]},
        {"path": "x" * 100_000},
        {"url": "data:image/png;base64,AAAA"},
        {},
    ],
    ids=str,
)
def test_only_uploaded_files_are_read(stranger: Stranger, hashes: Iterator[str], file: dict[str, Any]) -> None:
    meta = {"_type": "gradio.FileData"}
    upload = next(each for each in stranger.functions if any("upload" in target for target in each["targets"]))
    change = next(each for each in stranger.functions if any("change" in target for target in each["targets"]))
    for sent in (file, {**file, "meta": meta}):
        for data in ([sent], [[sent]], [{"a": [sent]}]):
            for name in ("read_picture", "read_strokes"):
                answer = stranger.call(name, data)
                assert "error" in answer
                assert "root:" not in answer
        for function in (upload, change):
            answer_of_page = stranger.post(
                f"{API}/run/predict", {"data": [sent, None], "fn_index": function["id"], "session_hash": next(hashes)}
            )
            assert "root:" not in answer_of_page.text


@pytest.mark.parametrize("make, arguments", [(exif_bomb, ("JPEG",)), (large_jpeg, (8000, 6200, 6))])
def test_an_enormous_picture_costs_the_app_little(stranger: Stranger, make: Any, arguments: tuple) -> None:
    content = make(*arguments)
    stranger.cost(stranger.read_upload, content)


def test_a_tiff_of_endless_entries_is_refused_in_words(stranger: Stranger) -> None:
    path = stranger.upload(tiff_bomb())
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    stranger.cost(stranger.call, "read_picture", [file])
    assert "damaged" in stranger.call("read_picture", [file])


@hostile
@given(form=st.sampled_from(["PNG", "JPEG", "GIF", "TIFF"]), place=st.integers(0, 500), noise=st.binary(max_size=9))
def test_a_damaged_picture_is_read_or_refused_in_words(stranger: Stranger, form: str, place: int, noise: bytes) -> None:
    content = seed(form)
    answer = stranger.read_upload(content[:place] + noise + content[place + len(noise) :])
    assert "digit" in answer or "error" in answer


# ---- the page's own functions ----


@hostile
@given(data=st.data())
def test_server_functions_answer_whatever_they_are_sent(stranger: Stranger, data: st.DataObject) -> None:
    component, name = data.draw(st.sampled_from(sorted(stranger.servers.items())))
    keys = st.sampled_from(["session", "strokes", "picture", "why", "do", "text", "label", "id", "read", "run"])
    sent = data.draw(st.one_of(anything, st.dictionaries(keys, anything)))
    assert stranger.server(component, name, sent).status_code in (200, 400)


@hostile
@given(component=anything, name=st.one_of(anything, st.sampled_from(["read_drawing", "__init__", "value", "load"])))
def test_no_other_function_can_be_called(stranger: Stranger, component: Any, name: Any) -> None:
    if component != stranger.pad or name != "read_drawing":
        assert stranger.server(component, name, None).status_code in (400, 404)


@hostile
@given(data=st.data())
def test_private_handlers_answer_whatever_they_are_sent(
    stranger: Stranger, hashes: Iterator[str], data: st.DataObject
) -> None:
    functions = [each for each in stranger.functions if each["inputs"] and each["api_name"] != "retrain"]
    function = data.draw(st.sampled_from(functions), label="function")
    count = len(function["inputs"])
    values = data.draw(st.one_of(st.lists(anything, min_size=count, max_size=count), st.lists(anything, max_size=9)))
    body = {
        "data": values,
        "session_hash": next(hashes),
        "event_data": data.draw(anything),
        "trigger_id": data.draw(st.sampled_from([None, 0, 10**9])),
    }
    assert stranger.press(function, body)


@pytest.mark.parametrize("name", ["", None, 7, "x" * 5000, "\0", "../..", ["x"]], ids=str)
def test_odd_names_of_sessions_are_refused_or_do_no_harm(stranger: Stranger, name: Any) -> None:
    for function in stranger.functions:
        if function["backend_fn"] and not function["queue"]:
            body = {"data": [None] * len(function["inputs"]), "session_hash": name}
            assert stranger.press(function, body)


def test_every_private_handler_refuses_a_wrong_number_of_values_in_words(
    stranger: Stranger, hashes: Iterator[str]
) -> None:
    for function in stranger.functions:
        count = len(function["inputs"])
        for data in ([None] * (count + 1), *([[None] * (count - 1)] if count else [])):
            if function["backend_fn"]:
                answer = stranger.press(function, {"data": data, "session_hash": next(hashes)})
                assert f"Expected {count} values" in answer


@pytest.mark.parametrize("path", ["run/predict", "api/predict", "queue/join", "run/nothing", "call/nothing"])
def test_functions_that_do_not_exist_are_refused_in_words(stranger: Stranger, path: str) -> None:
    for number in (-1, 10**30, "x", None, [1], 1.5):
        body = {"data": [], "fn_index": number, "session_hash": "a stranger"}
        answer = stranger.post(f"{API}/{path}", body)
        assert answer.status_code in (400, 404, 422), number
        assert told(answer), number


# ---- bodies, and Gradio's other routes ----

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
