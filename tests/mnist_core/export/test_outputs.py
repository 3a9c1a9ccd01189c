"""What the shell writes: no command writes over what it did not make, and none says so after the work only."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_core import Weights
from mnist_core.__main__ import main
from mnist_core.data.datasets import BUNDLED
from mnist_core.inference.digit_detector import DETECTOR_PATH
from mnist_core.model.weights import SHIPPED_PATH

TRAIN = ["train", "--epochs", "1", "--train-size", "500", "--hidden-units", "16", "12", "--out"]
DETECTOR = ["train-detector", "--out"]


def a_folder(path: Path) -> None:
    path.mkdir()


def a_text(path: Path) -> None:
    path.write_text('{"mine": true}', encoding="utf-8")


def pictures(path: Path) -> None:
    shutil.copy(BUNDLED / "mnist_test.npz", path)


def a_detector(path: Path) -> None:
    shutil.copy(DETECTOR_PATH, path)


def a_model(path: Path) -> None:
    shutil.copy(SHIPPED_PATH, path)


def a_folder_card(path: Path) -> None:
    path.with_suffix(".json").mkdir()


def somebodys_json(path: Path) -> None:
    a_text(path.with_suffix(".json"))


def files_of(folder: Path) -> dict[str, bytes | None]:
    return {path.name: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize(
    ("command", "name", "there", "message"),
    [
        (TRAIN, "my.json", None, "name that ends in .npz"),
        (TRAIN, "my", None, "name that ends in .npz"),
        (TRAIN, "my.npz", a_folder, "is a folder"),
        (TRAIN, "my.npz", a_text, "is there already"),
        (TRAIN, "my.npz", pictures, "is there already"),
        (TRAIN, "my.npz", a_detector, "is there already"),
        (TRAIN, "my.npz", a_folder_card, "my.json is a folder"),
        (TRAIN, "my.npz", somebodys_json, "my.json is there already"),
        (TRAIN, "my.npz/in.npz", a_text, "could not be written"),
        (DETECTOR, "my.keras", None, "name that ends in .npz"),
        (DETECTOR, "my.npz", a_folder, "is a folder"),
        (DETECTOR, "my.npz", a_model, "is there already"),
    ],
)
def test_a_file_that_is_not_to_be_written_is_said_before_the_training(  # noqa: PLR0917
    command: list[str],
    name: str,
    there: Callable[[Path], None] | None,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def began(*_: object, **__: object) -> None:
        pytest.fail("The training began.")

    monkeypatch.setattr("mnist_core.__main__.train", began)
    monkeypatch.setattr("mnist_core.__main__.train_detector", began)
    out = tmp_path / name
    if there:
        there(tmp_path / Path(name).parts[0])
    before = files_of(tmp_path)
    assert main([*command, str(out)]) == 2
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert files_of(tmp_path) == before


def test_a_model_and_its_card_are_written_anew(tmp_path: Path) -> None:
    out = tmp_path / "new folder" / "my.npz"
    assert main([*TRAIN, str(out)]) == 0
    first = out.with_suffix(".json").read_bytes()
    assert main([*TRAIN, str(out), "--seed", "7"]) == 0
    assert out.with_suffix(".json").read_bytes() != first
    assert sorted(path.name for path in out.parent.iterdir()) == ["my.json", "my.npz"]


def test_the_card_s_command_makes_the_same_model_again(tmp_path: Path) -> None:
    out = tmp_path / "my model's $best.npz"
    assert main([*TRAIN, str(out)]) == 0
    card = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    command = shlex.split(card["command"])
    assert command == ["python", "-m", "mnist_core", *TRAIN, str(out)]
    made = [array.tobytes() for array in Weights.load(out).arrays]
    out.unlink()
    assert main(command[3:]) == 0
    assert [array.tobytes() for array in Weights.load(out).arrays] == made


@pytest.mark.parametrize("content", [b"text", b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(range(256))])
def test_what_is_no_archive_of_raw_files_is_said(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "raw.tgz"
    archive.write_bytes(content)
    assert main(["bundle", str(archive), "--out", str(tmp_path / "out")]) == 2
    assert f"{archive} is no archive, or is damaged" in capsys.readouterr().err
