"""What a run leaves: its evaluation, its place among the others, its file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.support.pad import ONE, Pad, Retrain

OpenPad = Callable[..., Pad]


def test_a_mistake_goes_to_the_pad_and_is_read_as_the_matrix_says(retrain: Retrain) -> None:
    pad = retrain.pad
    cell = pad.page.get_by_test_id("confusion").get_by_role("button", name="9 read as 4", exact=False)
    count = int(cell.inner_text())
    cell.click()
    expect(pad.page.get_by_test_id("images-title")).to_have_text("9 read as 4")
    images = pad.page.get_by_test_id("images").get_by_role("button")
    expect(images).to_have_count(count)
    images.first.click()
    expect(pad.canvas).to_be_visible()
    expect(pad.reading).to_have_text("4")
    assert pad.ink() > 0
    pad.button("Undo").click()
    pad.expect_empty()


def shares(pad: Pad) -> list[str]:
    return pad.page.locator(".bar-share").all_inner_texts()


def test_what_was_downloaded_can_be_uploaded_and_reads_the_same(open_pad: OpenPad, tmp_path: Path) -> None:
    pad = open_pad()
    pad.read(ONE)
    retrain = Retrain(pad)
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
    expect(retrain.row("Recommended")).to_contain_text("in use")
    path = retrain.download(tmp_path)
    pad.tab("Draw")
    expect(pad.model).to_contain_text("Run 1 · ")
    before, digit = shares(pad), pad.reading.inner_text()

    other = open_pad()
    other.read(ONE)
    elsewhere = Retrain(other)
    elsewhere.page.locator("#run-buttons input[type=file]").set_input_files(path)
    expect(elsewhere.row("run-1.zip")).to_contain_text("in use")
    other.tab("Draw")
    expect(other.model).to_contain_text("Run 1 · ")
    expect(other.reading).to_have_text(digit)
    assert shares(other) == before


def test_a_file_that_holds_no_weights_is_refused(retrain: Retrain, tmp_path: Path) -> None:
    path = tmp_path / "notes.npz"
    path.write_text("seven", encoding="utf-8")
    retrain.page.locator("#run-buttons input[type=file]").set_input_files(path)
    expect(retrain.page.get_by_test_id("toast-body")).to_contain_text("notes.npz cannot be used")
    expect(retrain.row("Shipped")).to_contain_text("in use")


def test_runs_are_compared_chosen_and_deleted(retrain: Retrain) -> None:
    pad = retrain.pad
    retrain.small()
    retrain.choose("Activation", "Tanh")
    retrain.start()
    retrain.wait_until_done()
    expect(retrain.row("activation tanh")).to_contain_text("in use")
    retrain.choose("Activation", "Linear (none)")
    retrain.start()
    expect(retrain.row("activation linear")).to_contain_text("in use")
    expect(retrain.row("activation tanh")).not_to_contain_text("in use")
    expect(retrain.page.locator("#comparison path.curve")).to_have_count(2)
    # A row is picked to look at; what reads on the Draw tab changes with the button only.
    retrain.row("activation tanh").get_by_text("activation tanh").click()
    expect(retrain.model).to_have_value(re.compile("^Run 1 · "))
    expect(retrain.row("activation linear")).to_contain_text("in use")
    pad.button("Use on the Draw tab").click()
    expect(retrain.row("activation tanh")).to_contain_text("in use")
    pad.tab("Draw")
    expect(pad.model).to_contain_text("Run 1 · ")
    pad.tab("Retrain")
    pad.button("Delete").click()
    expect(retrain.row("Shipped")).to_contain_text("in use")
    expect(retrain.page.locator("#comparison path.curve")).to_have_count(1)
    pad.tab("Draw")
    expect(pad.model).to_contain_text("Shipped · ")


def test_the_table_is_sorted_by_a_heading(retrain: Retrain) -> None:
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
    expect(retrain.row("Recommended")).to_be_visible()
    expect(retrain.rows.first).to_contain_text("Shipped")
    heading = retrain.page.get_by_role("columnheader", name="Test, %")
    heading.hover()
    heading.get_by_label("Open cell menu").click()
    retrain.page.get_by_role("menuitem", name="Sort ascending").click()
    expect(retrain.rows.first).to_contain_text("Recommended")
