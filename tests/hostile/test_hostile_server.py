"""The running app, over HTTP: every endpoint and handler with the wrong number and types of values."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from bounded import anything, hostile, nested
from hypothesis import given
from hypothesis import strategies as st
from odd_pictures import exif_bomb, large_jpeg, seed, tiff_bomb
from stranger import API, SEVEN, Stranger, told

from tests.support.visitor import ROOT

pytestmark = pytest.mark.usefixtures("app_goes_on")
TEMPORARY = tempfile.gettempdir()
NAMED = ["read_strokes", "read_number", "read_picture", "retrain"]


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
