"""A damaged or missing file of data or weights: said in one line where nothing works without it, else in the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mnist_core import InvalidWeights, Weights
from mnist_core.model.weights import SHIPPED_PATH
from tests.support.app_process import Served
from tests.support.pad import ONE, Retrain
from tests.support.visitor import ROOT

Damage = Callable[[Path], None]


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x10
    file.write_bytes(content)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def missing(file: Path) -> None:
    file.unlink()


def other(file: Path) -> None:
    """Sound, but not what was shipped."""
    weights = Weights.load(SHIPPED_PATH)
    Weights.from_arrays([array * 1.01 for array in weights.arrays], "relu").save(file)


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Served]:
    """The app in a copy of the project that may be damaged."""
    root = tmp_path / "project"
    for folder in ("mnist_core", "ui", "weights"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", root)
    app = Served(tmp_path, root)
    yield app
    app.close()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("shipped.npz", truncated),
        ("shipped.npz", flipped),
        ("shipped.npz", emptied),
        ("shipped.npz", missing),
        ("shipped.npz", other),
        ("shipped.json", truncated),
        ("detector.npz", flipped),
        ("detector.npz", missing),
    ],
)
def test_what_nothing_works_without_is_named_in_one_line(
    copied: Served, tmp_path: Path, name: str, damage: Damage
) -> None:
    damage(tmp_path / "project" / "weights" / name)
    copied.start(wait=False)
    assert copied.wait() == 1
    (line,) = copied.said().splitlines()
    assert line.startswith(f"error: {name} ")
    assert line.endswith(f"Get it back with `git checkout -- weights/{name}`.")


def test_data_that_is_found_damaged_later_is_said_in_the_page_and_readings_go_on(
    copied: Served, tmp_path: Path, open_page: Callable
) -> None:
    for name, damage in (("mnist_train.npz", flipped), ("mnist_typical.npz", truncated)):
        damage(tmp_path / "project" / "mnist_core" / "data" / "bundled" / name)
    copied.start()
    pad = open_page(copied.url)
    assert pad.read(ONE) == "1"
    pad.page.get_by_role("switch", name="Show why").click()
    pad.page.get_by_role("button", name="Why not 7?", exact=False).click()
    expect(pad.page.get_by_test_id("why-words")).to_contain_text("mnist_typical.npz cannot be read")
    expect(pad.reading).to_have_text("1")
    retrain = Retrain(pad)
    retrain.start()
    expect(retrain.status).to_contain_text("mnist_train.npz")
    expect(retrain.status).to_contain_text("git checkout -- mnist_core/data/bundled/mnist_train.npz")
    pad.tab("Draw")
    pad.button("Clear").click()
    assert pad.read(ONE) == "1"
    assert "Traceback" not in copied.said()


def test_test_pictures_that_are_missing_are_said_when_the_tab_is_opened(
    copied: Served, tmp_path: Path, open_page: Callable
) -> None:
    missing(tmp_path / "project" / "mnist_core" / "data" / "bundled" / "mnist_test.npz")
    copied.start()
    pad = open_page(copied.url)
    Retrain(pad)
    expect(pad.page.get_by_test_id("toast-body").first).to_contain_text("mnist_test.npz is missing")
    pad.tab("Draw")
    assert pad.read(ONE) == "1"


@pytest.mark.parametrize("seed", range(4))
def test_no_flipped_bit_passes_for_sound(tmp_path: Path, seed: int) -> None:
    """Of bits all over the file: the arrays are the same, or the file is refused by the error that is expected."""
    content = SHIPPED_PATH.read_bytes()
    sound = Weights.load(SHIPPED_PATH)
    file = tmp_path / "w.npz"
    places = [*range(seed, 200, 12), *range(len(content) - 1000 + seed, len(content), 40)]
    for place in places:
        spoiled = bytearray(content)
        spoiled[place] ^= 1 << (place + seed) % 8
        file.write_bytes(spoiled)
        try:
            loaded = Weights.load(file)
        except InvalidWeights:
            continue
        assert all((a == b).all() for a, b in zip(loaded.arrays, sound.arrays)), place
