"""The named endpoints, called as a program calls them, against the running app."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from mnist_core import render_strokes

API = Path(__file__).parents[3] / "docs" / "api.md"
SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Client]:
    client = Client(url, verbose=False)
    yield client
    client.close()


def check(answer: dict) -> None:
    assert list(answer) == ["digit", "probabilities", "is_digit", "digit_score"]
    assert answer["digit"] == 7
    assert len(answer["probabilities"]) == 10
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert answer["is_digit"] is True


def test_strokes_are_read(client: Client) -> None:
    check(client.predict(SEVEN, api_name="/read_strokes"))


def test_a_number_is_read(client: Client) -> None:
    two = [[0.6, 0.3], [0.65, 0.22], [0.75, 0.2], [0.85, 0.25], [0.85, 0.35], [0.78, 0.5], [0.6, 0.7], [0.9, 0.7]]
    seven = [[0.1, 0.2], [0.45, 0.2], [0.22, 0.7]]
    bar = [[0.2, 0.45], [0.43, 0.42]]
    answer = client.predict([seven, two, bar], api_name="/read_number")
    assert list(answer) == ["number", "digits"]
    assert answer["number"] == "72"
    assert [list(digit) for digit in answer["digits"]] == [
        ["digit", "probabilities", "is_digit", "digit_score", "box"]
    ] * 2
    assert [digit["box"] for digit in answer["digits"]] == [[0.1, 0.2, 0.45, 0.7], [0.6, 0.2, 0.9, 0.7]]


def test_a_number_of_one_digit_is_read_like_that_digit(client: Client) -> None:
    (digit,) = client.predict(SEVEN, api_name="/read_number")["digits"]
    assert digit.pop("box") == [0.2, 0.2, 0.7, 0.8]
    assert digit == client.predict(SEVEN, api_name="/read_strokes")


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
@pytest.mark.parametrize("endpoint", ["/read_strokes", "/read_number"])
def test_bad_strokes_are_refused_by_what_is_wrong(client: Client, endpoint: str, strokes: object, message: str) -> None:
    with pytest.raises(AppError, match=re.escape(message)):
        client.predict(strokes, api_name=endpoint)


def test_a_file_that_is_no_picture_is_refused(client: Client, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("seven", encoding="utf-8")
    with pytest.raises(AppError, match="not a picture"):
        client.predict(handle_file(tmp_path / "notes.txt"), api_name="/read_picture")


def test_a_blank_picture_is_refused(client: Client, tmp_path: Path) -> None:
    Image.fromarray(np.full((90, 90), 255, np.uint8)).save(tmp_path / "blank.png")
    with pytest.raises(AppError, match="no ink"):
        client.predict(handle_file(tmp_path / "blank.png"), api_name="/read_picture")


def test_the_api_page_lists_the_endpoints_and_nothing_else(client: Client) -> None:
    api = client.view_api(return_format="dict")
    assert sorted(api["named_endpoints"]) == ["/read_number", "/read_picture", "/read_strokes", "/retrain"]
    assert not api["unnamed_endpoints"]
    for endpoint, parameter, thing in (
        ("/read_strokes", "strokes", "digit"),
        ("/read_number", "strokes", "number"),
        ("/read_picture", "picture", "digit"),
    ):
        assert [p["parameter_name"] for p in api["named_endpoints"][endpoint]["parameters"]] == [parameter]
        assert f"Read a {thing}" in api["named_endpoints"][endpoint]["description"]


QUICK = {"hidden_units": [16, 12], "train_size": 2000, "batch_size": 64}


def test_retrain_streams_progress_and_ends_with_the_evaluation(client: Client) -> None:
    *progress, last = client.submit(**QUICK, epochs=30, api_name="/retrain")
    assert {told["state"] for told in progress} <= {"waiting", "preparing", "training", "judging", "ended"}
    steps = [told["step"] for told in progress if "step" in told]
    assert steps == sorted(steps)
    assert last["state"] == "done"
    assert last["complete"] is True
    assert last["step"] == last["total_steps"] == 30 * 32
    assert last["verdict"]
    assert set(last["evaluation"]) == {"mnist_test", "pen_dev"}
    judged = last["evaluation"]["mnist_test"]
    assert judged["accuracy"] == last["test_accuracy"] > 0.5
    assert judged["interval"][0] < judged["accuracy"] < judged["interval"][1]
    assert sum(map(sum, judged["confusion"])) == 10_000


def test_a_run_of_a_program_changes_no_model(client: Client) -> None:
    before = client.predict(SEVEN, api_name="/read_strokes")
    client.predict(**QUICK, epochs=1, api_name="/retrain")
    assert client.predict(SEVEN, api_name="/read_strokes") == before


def test_a_cancelled_run_frees_the_machine(client: Client) -> None:
    job = client.submit(epochs=2000, api_name="/retrain")
    while not any("step" in told for told in job.outputs()):
        time.sleep(0.05)
    job.cancel()
    assert client.predict(**QUICK, epochs=1, api_name="/retrain")["state"] == "done"


@pytest.mark.parametrize(
    ("hyperparameters", "message"),
    [
        ({"epochs": 0}, "`epochs`. Expected a whole number from 1 to 2000. Received: 0"),
        ({"epochs": "many"}, "`epochs`. Expected a whole number"),
        ({"batch_size": 5000}, "`batch_size`. Expected a whole number from 1 to 4096. Received: 5000"),
        ({"learning_rate": 10.5}, "`learning_rate`. Expected a number from 1e-06 to 10. Received: 10.5"),
        ({"optimizer": "adagrad"}, "`optimizer`. Expected one of: sgd, momentum, adam, adamw. Received: 'adagrad'"),
        ({"hidden_units": [256]}, "`hidden_units`. Expected two whole numbers from 1 to 1024. Received: [256]"),
        ({"augment": "yes"}, "`augment`. Expected True or False. Received: 'yes'"),
        ({"warmup_epochs": 8}, "`warmup_epochs`. Expected at most `epochs` (7). Received: 8"),
        ({"loss": "squared_error", "optimizer": "sgd", "learning_rate": 10}, "the training diverged"),
    ],
)
def test_what_cannot_be_trained_is_named(client: Client, hyperparameters: dict, message: str) -> None:
    with pytest.raises(AppError, match=re.escape(message)):
        client.predict(**hyperparameters, api_name="/retrain")


def test_the_documented_examples_run(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", API.read_text(encoding="utf-8"), re.DOTALL)
    reading = next(block for block in blocks if "gradio_client" in block)
    retraining = next(block for block in blocks if "/retrain" in block)
    assert len(reading.strip().splitlines()) <= 4
    names: dict[str, object] = {}
    exec(reading.replace("http://127.0.0.1:7860", url.rstrip("/")), names)
    assert capsys.readouterr().out.splitlines()[-1] == "7"
    exec(retraining, names)
    assert 0.97 < float(capsys.readouterr().out.splitlines()[-1]) < 0.99
