"""Names and texts that visitors bring are shown as they are: none becomes a part of the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.support.pad import ONE, Retrain
from tests.support.teach import Teach
from tests.support.visitor import ROOT
from ui.visitor.drawings import FORMAT

MARKUP = "<img src=x onerror=hit=1>"  # no "/", which a file's name cannot hold
PLAIN = "img src=x onerror=hit=1"


def test_the_name_of_an_uploaded_model_is_text(retrain: Retrain, tmp_path: Path) -> None:
    upload = retrain.page.locator("#run-buttons input[type=file]")
    good, bad = tmp_path / f"{MARKUP}.npz", tmp_path / f"{MARKUP}2.npz"
    good.write_bytes((ROOT / "weights" / "shipped.npz").read_bytes())
    bad.write_bytes(b"seven")
    upload.set_input_files(good)
    expect(retrain.row(PLAIN)).to_contain_text("in use")
    upload.set_input_files(bad)
    expect(retrain.page.get_by_test_id("toast-body")).to_contain_text(f"{PLAIN}2.npz cannot be used")
    retrain.pad.tab("Draw")
    retrain.pad.read(ONE)
    assert retrain.page.locator("img[src=x]").count() == 0
    assert retrain.page.evaluate("typeof hit") == "undefined"


def test_what_a_file_of_drawings_says_is_text(teach: Teach, tmp_path: Path) -> None:
    file = tmp_path / f"{MARKUP}.json"
    drawing = {"label": 1, "strokes": ONE}
    files: list[Any] = [
        {"format": FORMAT, "drawings": [{**drawing, name: MARKUP}]} for name in ("label", "strokes", "id")
    ]
    for content in (*files, {"format": MARKUP, "drawings": [drawing]}, {MARKUP: MARKUP}, MARKUP):
        file.write_text(json.dumps(content), encoding="utf-8")
        teach.file.set_input_files(file)
        expect(teach.gallery_said).to_contain_text(re.compile("added|left out|json:|drawing"))
    assert teach.page.locator("img[src=x]").count() == 0
    assert teach.page.evaluate("typeof hit") == "undefined"
