"""Every handler of the page and every endpoint is handed files that were never uploaded: none is opened."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from stranger import SEVEN, Stranger

from mnist_core import render_strokes
from tests.support.visitor import running_app

Paths = dict[str, str]  # by what is there

META = {"meta": {"_type": "gradio.FileData"}}
SHAPES: dict[str, Callable[[str], Any]] = {
    "path alone": lambda path: {"path": path},
    "with meta": lambda path: {"path": path, **META},
    "with everything": lambda path: {"path": path, "url": path, "orig_name": "x.png", "size": 1, **META},
    "as a stream": lambda path: {"path": path, "is_stream": True, **META},
    "url alone": lambda path: {"url": f"file://{path}"},
    "url of this app": lambda path: {"url": f"/gradio_api/file={path}", **META},
    "string": lambda path: path,
    "list": lambda path: [{"path": path, **META}],
    "list without meta": lambda path: [{"path": path}],
    "in a value": lambda path: {"value": {"path": path, **META}, "__type__": "update"},
}  # fmt: skip
VARYING = re.compile(
    r'"(number|duration|average_duration|event_id|rank_eta|eta|avg_time|time)":\s*("[^"]*"|[\d.e-]+|null)'
)


def picture() -> bytes:
    """A PNG that is read as a 7."""
    file = io.BytesIO()
    Image.fromarray(np.asarray(render_strokes(SEVEN))).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    with running_app() as (url, process):
        stranger = Stranger(url, process)
        yield stranger
        stranger.close()


@pytest.fixture
def forged(stranger: Stranger, tmp_path: Path) -> dict[str, Paths]:
    """What was never uploaded, outside the folder for uploads and inside it."""
    secret, pipe = tmp_path / "secret.png", tmp_path / "pipe.png"
    secret.write_bytes(picture())
    secret.chmod(0o600)
    os.mkfifo(pipe)
    uploads = Path(stranger.upload(picture())).parent.parent
    link = uploads / "link.png"
    link.unlink(missing_ok=True)
    link.symlink_to(secret)
    inner_pipe = uploads / "pipe.png"
    inner_pipe.unlink(missing_ok=True)
    os.mkfifo(inner_pipe)
    outside = {
        "nothing": tmp_path / "nothing.png",
        "a picture": secret,
        "a pipe": pipe,
        "a folder": tmp_path,
        "a device": "/dev/ptmx",
        "a way out": uploads / "x" / ".." / ".." / ".." / secret.relative_to("/"),
        "not for anybody": "/proc/1/environ",
    }
    inside = {"nothing": uploads / "nothing.png", "a link": link, "a pipe": inner_pipe}
    return {"outside": {kind: str(path) for kind, path in outside.items()},
            "inside": {kind: str(path) for kind, path in inside.items()}}  # fmt: skip


def taking_files(stranger: Stranger) -> list[tuple[dict[str, Any], int]]:
    """Handlers of the page with the place of an input that a file may come through."""
    components = {each["id"]: each for each in stranger.config["components"]}
    return [
        (function, place)
        for function in stranger.functions
        for place, number in enumerate(function["inputs"])
        if "path" in str(components[number].get("api_info"))
    ]


def same(answer: str, path: str) -> str:
    """An answer without what differs between two answers to the same."""
    return VARYING.sub("", answer.replace(path, "…"))


def is_open(pipe: str) -> bool:
    """Whether somebody has a pipe open for reading."""
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


@pytest.mark.quick
def test_there_are_handlers_that_take_files(stranger: Stranger) -> None:
    names = {target[1] for function, _ in taking_files(stranger) for target in function["targets"]}
    assert {"change", "upload"} <= names


def check_none_is_opened(forged: dict[str, Paths], ask: Callable[[str], str]) -> None:
    """Ask with each path; nothing is read, and nobody can tell by the answer what is there."""
    for place, paths in forged.items():
        answers = {kind: same(ask(path), path) for kind, path in paths.items()}
        assert not any("probabilities" in answer for answer in answers.values()), answers
        # What lies among the uploads, no visitor can put there: how it is refused tells nothing.
        assert len(set(answers.values())) == 1 or place == "inside", answers
        assert not is_open(paths["a pipe"])


@pytest.mark.parametrize(
    "shape", [pytest.param(each, marks=pytest.mark.quick) if each == "path alone" else each for each in SHAPES]
)
def test_no_handler_opens_what_was_not_uploaded(stranger: Stranger, forged: dict[str, Paths], shape: str) -> None:
    for function, place in taking_files(stranger):

        def ask(path: str, function: dict[str, Any] = function, place: int = place) -> str:
            data: list[Any] = [None] * len(function["inputs"])
            data[place] = SHAPES[shape](path)
            return stranger.press(function, {"data": data, "session_hash": f"f{function['id']}"})

        check_none_is_opened(forged, ask)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_endpoint_opens_what_was_not_uploaded(stranger: Stranger, forged: dict[str, Paths], shape: str) -> None:
    check_none_is_opened(forged, lambda path: stranger.call("read_picture", [SHAPES[shape](path)]))


@pytest.mark.parametrize("shape", ["path alone", "with meta"])
def test_a_file_that_was_uploaded_is_read(stranger: Stranger, shape: str) -> None:
    """Also after all of the above: no turn is taken for ever."""
    path = stranger.upload(picture())
    change = next(f for f, _ in taking_files(stranger) if any("change" in target for target in f["targets"]))
    answer = stranger.press(change, {"data": [SHAPES[shape](path), None], "session_hash": "good"})
    assert '"digit":7' in answer
    if shape == "with meta":
        assert '"digit": 7' in stranger.call("read_picture", [SHAPES[shape](path)])
