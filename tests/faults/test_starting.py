"""Where people start it: under locales that are not UTF-8, at ports that are taken or are none."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from PIL import Image

from mnist_core import render_strokes
from tests.support.app_process import Served
from tests.support.visitor import ROOT

SEVEN = [[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]]
# With Python's own ways to UTF-8 closed. A plain C locale, which knows ASCII only, is on every machine.
PLAIN_C = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "", "LC_ALL": "C"}


@pytest.fixture(scope="module", params=["C", "zh_CN.GBK", "zh_CN.GBK at the terminal alone"])
def locale(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process under that locale; under plain C where this machine cannot make GBK."""
    if request.param == "C":
        return PLAIN_C
    if request.param != "zh_CN.GBK":
        return {**PLAIN_C, "PYTHONIOENCODING": "gbk"}
    folder = tmp_path_factory.mktemp("locales")
    if shutil.which("localedef"):
        subprocess.run(["localedef", "-i", "zh_CN", "-f", "GBK", str(folder / "zh_CN.GBK")], check=False)
    made = (folder / "zh_CN.GBK").is_dir()
    return {**PLAIN_C, "LC_ALL": "zh_CN.GBK", "LOCPATH": str(folder)} if made else PLAIN_C


@pytest.fixture
def odd_picture(tmp_path: Path) -> Iterator[Path]:
    """A 7, in a file whose name has characters that neither ASCII nor GBK has."""
    path = tmp_path / "七ñ✏.png"
    Image.fromarray(render_strokes(SEVEN)).save(path)
    yield path


def test_the_app_starts_and_reads_under_any_locale(served: Served, locale: dict[str, str]) -> None:
    served.start(**locale)
    client = Client(served.url, verbose=False)
    assert client.predict(SEVEN, api_name="/read_strokes")["digit"] == 7
    client.close()
    assert served.end()[0] == 0
    assert "Error" not in served.said()


def test_the_shell_trains_and_reads_under_any_locale(locale: dict[str, str], odd_picture: Path, tmp_path: Path) -> None:
    train = ["train", "--epochs", "1", "--train-size", "500", "--hidden-units", "16", "12"]
    out = odd_picture.with_suffix(".npz")
    for command in ([*train, "--out", str(out)], ["predict", str(odd_picture)]):
        done = subprocess.run(
            [sys.executable, "-m", "mnist_core", *command],
            cwd=ROOT, env={**os.environ, **locale}, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        if command[0] == "predict":
            assert b".png: 7 " in done.stdout
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npz", ".png"]


def test_runs_of_the_app_do_not_depend_on_the_host_s_settings_of_keras(served: Served, tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text('{"backend": "torch", "floatx": "float16"}', encoding="utf-8")
    served.start(KERAS_BACKEND="jax", KERAS_HOME=str(tmp_path))
    client = Client(served.url, verbose=False)
    run = client.predict(epochs=1, train_size=2000, hidden_units=[16, 12], api_name="/retrain")
    client.close()
    assert run["state"] == "done", run


def start_and_fail(**environment: str) -> str:
    """Start the app; what it says when it ends, which it has to do by itself."""
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


def test_a_port_that_is_named_and_taken_ends_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        (said,) = start_and_fail(GRADIO_SERVER_PORT=port).splitlines()
    assert said.startswith(f"error: The app cannot listen at port {port}, which GRADIO_SERVER_PORT names: another")


def test_an_address_that_is_not_this_machine_s_ends_the_start(served: Served) -> None:
    (said,) = start_and_fail(GRADIO_SERVER_PORT=str(served.port), GRADIO_SERVER_NAME="192.0.2.1").splitlines()
    assert "no address 192.0.2.1" in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [("GRADIO_SERVER_PORT", value) for value in ("http", "0", "-1", "65536", "\u0667")] + [("GRADIO_NUM_PORTS", "x")],
)
def test_a_port_that_is_none_ends_the_start(variable: str, value: str) -> None:
    (said,) = start_and_fail(**{variable: value}).splitlines()
    assert said == f"error: {variable} must be a whole number from 1 to 65535. Received: {value!r}"


def test_a_port_that_is_empty_is_as_one_that_is_not_named(tmp_path: Path) -> None:
    code = "import os; from ui.server.address import port_of; print(port_of()); import gradio"
    environment = {**os.environ, "GRADIO_SERVER_PORT": "", "GRADIO_NUM_PORTS": "", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (0, "None\n"), done.stderr
