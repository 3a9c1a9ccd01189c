"""As on a Space: not root, a folder that cannot be written to, no network. Somebody draws, trains, hands in files."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confine import USER, is_root, makes_networks
from hosting import ROOT, Hosted, hosted
from PIL import Image

from mnist_core import load_pen_digits, render_strokes

# What the Hub sets for a Space, beside its name.
SPACE = {
    "SYSTEM": "spaces",
    "SPACE_ID": "somebody/draw-a-digit",
    "GRADIO_ALLOW_FLAGGING": "never",
    "GRADIO_NUM_PORTS": "1",
    "GRADIO_SERVER_NAME": "0.0.0.0",
}

SHARE_ADVICE = "* To create a public link, set `share=True` in `launch()`."
TENSORFLOWS_OWN = re.compile(r"WARNING: All log messages before absl|[IW]0000 \d")  # once, when it is imported


@dataclass(frozen=True)
class Visited:
    """The app after a visit, and what the visitor saw."""

    app: Hosted
    seen: dict[str, Any]


@pytest.fixture(scope="module")
def picture() -> Iterator[Path]:
    """A 5 of a person's hand."""
    digits = load_pen_digits("dev")
    five = digits.strokes[list(digits.labels).index(5)]
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        Image.fromarray(render_strokes([0.2 + 0.6 * stroke for stroke in five])).save(file.name)
        yield Path(file.name)


@pytest.fixture(scope="module", params=["an empty home", "no home"])
def visited(request: pytest.FixtureRequest, picture: Path) -> Iterator[Visited]:
    if not (is_root() and makes_networks()):
        warnings.warn("Not root, or no right to make networks: the app keeps its user or its network.", stacklevel=1)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / ("home" if request.param == "an empty home" else "missing")
        if request.param == "an empty home":
            Path(name).chmod(0o755)
            home.mkdir()
            os.chown(home, *([USER] * 2 if is_root() else [-1, -1]))
        with hosted({**SPACE, "HOME": str(home)}) as app:
            tests = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
            visit = [sys.executable, str(Path(__file__).parent / "visit.py"), "http://127.0.0.1:7860", str(picture)]
            done = app.run(visit, PYTHONPATH=tests, PYTHONDONTWRITEBYTECODE="1")
            assert done.returncode == 0, done.stderr + app.log.read_text(encoding="utf-8")
            yield Visited(app, json.loads(done.stdout))


def test_it_listens_where_a_space_expects_it(visited: Visited) -> None:
    assert visited.app.listens_at() == {("00000000", 7860)}


def test_it_runs_as_little_as_a_space_gives_it(visited: Visited) -> None:
    user = str(USER if is_root() else os.geteuid())
    assert visited.app.status("Uid").split() == [user] * 4
    assert len(os.sched_getaffinity(visited.app.process.pid)) <= 2
    assert visited.seen["networks"] == ["lo"] or not makes_networks()


def test_what_is_drawn_is_read(visited: Visited) -> None:
    assert visited.seen["drawn"] == "1"


def test_a_model_is_trained_taken_home_and_brought_back(visited: Visited) -> None:
    assert visited.seen["model"].startswith("Run 2 · ")


def test_a_program_hands_in_a_picture_and_trains(visited: Visited) -> None:
    assert visited.seen["read"] == 5
    assert visited.seen["run"] == "done"


def test_nothing_is_written_to_its_folder(visited: Visited) -> None:
    found = {path.relative_to(visited.app.folder) for path in visited.app.folder.rglob("*") if path.is_file()}
    assert found
    assert not {path for path in found if path.suffix == ".pyc" or not (ROOT / path).exists()}
    assert all(
        not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) for path in visited.app.folder.rglob("*")
    )


def test_no_address_but_its_own_is_asked_for(visited: Visited) -> None:
    asked = visited.app.addresses()
    assert {address for address in asked if "127.0.0.1" not in address and address != "localhost"} == set()


def test_nothing_of_a_visit_is_logged(visited: Visited) -> None:
    lines = visited.app.printed()
    assert any(line.startswith("* Running on") for line in lines)
    later = [line for line in lines[lines.index(SHARE_ADVICE) + 1 :] if not TENSORFLOWS_OWN.match(line)]
    assert later == []


def test_files_of_visitors_lie_where_no_other_user_looks(visited: Visited) -> None:
    files = {path.name: path for path in visited.app.temporary.rglob("*")}
    for name in ("mine.zip", "run-1.zip", visited.seen["picture"]):
        own, *_ = files[name].relative_to(visited.app.temporary).parts
        assert stat.S_IMODE((visited.app.temporary / own).stat().st_mode) == 0o700


def test_what_the_browser_keeps_is_what_the_policy_says(visited: Visited) -> None:
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert visited.seen["cookies"] == []
    assert visited.seen["kept"]
    assert [key for key in visited.seen["kept"] if f"`{key}`" not in policy] == []
