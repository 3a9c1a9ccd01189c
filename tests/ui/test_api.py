"""The named endpoints, called as a program calls them, against the running app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from mnist_core import render_strokes

README = Path(__file__).parent.parent.parent / "README.md"
SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Client]:
    client = Client(url, verbose=False)
    yield client
    client.close()


def check(answer: dict) -> None:
    assert list(answer) == ["digit", "probabilities", "is_digit"]
    assert answer["digit"] == 7
    assert len(answer["probabilities"]) == 10
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert answer["is_digit"] is True


def test_strokes_are_read(client: Client) -> None:
    check(client.predict(SEVEN, api_name="/read_strokes"))


@pytest.mark.parametrize("inverted", [False, True])
def test_a_picture_is_read(client: Client, tmp_path: Path, inverted: bool) -> None:
    picture = render_strokes(SEVEN)
    Image.fromarray(255 - picture if inverted else picture).save(tmp_path / "seven.png")
    check(client.predict(handle_file(tmp_path / "seven.png"), api_name="/read_picture"))


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        ([], "no stroke"),
        (None, "must be a list of strokes"),
        ("seven", "must be a list of strokes"),
        ([[[0.1, "x"]]], "not numbers"),
        ([[[0.1, 5]]], "0..1 of the pad"),
        ([[[0.1, 0.1]]] * 300, "At most 200 strokes"),
    ],
)
def test_bad_strokes_are_refused_by_what_is_wrong(client: Client, strokes: object, message: str) -> None:
    with pytest.raises(AppError, match=re.escape(message)):
        client.predict(strokes, api_name="/read_strokes")


def test_a_file_that_is_no_picture_is_refused(client: Client, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("seven")
    with pytest.raises(AppError, match="not a picture"):
        client.predict(handle_file(tmp_path / "notes.txt"), api_name="/read_picture")


def test_a_blank_picture_is_refused(client: Client, tmp_path: Path) -> None:
    Image.fromarray(np.full((90, 90), 255, np.uint8)).save(tmp_path / "blank.png")
    with pytest.raises(AppError, match="no ink"):
        client.predict(handle_file(tmp_path / "blank.png"), api_name="/read_picture")


def test_the_api_page_lists_the_two_endpoints_and_nothing_else(client: Client) -> None:
    api = client.view_api(return_format="dict")
    assert sorted(api["named_endpoints"]) == ["/read_picture", "/read_strokes"]
    assert not api["unnamed_endpoints"]
    for endpoint, parameter in (("/read_strokes", "strokes"), ("/read_picture", "picture")):
        assert [p["parameter_name"] for p in api["named_endpoints"][endpoint]["parameters"]] == [parameter]
        assert "Read a digit" in api["named_endpoints"][endpoint]["description"]


def test_the_readmes_example_runs(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    example = next(block for block in blocks if "gradio_client" in block)
    assert len(example.strip().splitlines()) <= 4
    exec(example.replace("http://127.0.0.1:7860", url.rstrip("/")), {})
    assert capsys.readouterr().out.splitlines()[-1] == "7"
