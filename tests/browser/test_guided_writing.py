"""Writing by request: the page asks for a digit, and saves what is written."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.support.pad import ONE, TWO_STROKES
from tests.support.teach import Teach


def test_guided_writing_saves_by_itself(teach: Teach) -> None:
    pad = teach.pad
    pad.button("Write each digit three times").click()
    expect(teach.asked).to_have_text("Write a 0 (1 of 3)")
    teach.write(ONE)
    expect(teach.asked).to_have_text("Write a 1 (1 of 3)")
    expect(teach.guide_said).to_have_text("Saved a 0.")
    teach.expect_count(1)
    # Two strokes are one drawing: the pen may be lifted for a moment.
    teach.write(TWO_STROKES)
    expect(teach.asked).to_have_text("Write a 2 (1 of 3)")
    teach.expect_count(2)
    pad.button("Undo last").click()
    expect(teach.asked).to_have_text("Write a 1 (1 of 3)")
    teach.expect_count(1)
    pad.button("Skip").click()
    expect(teach.asked).to_have_text("Write a 2 (1 of 3)")
    teach.expect_count(1)
    # For the impatient, and by keyboard alone.
    pad.draw(TWO_STROKES)
    pad.page.keyboard.press("Enter")
    expect(teach.asked).to_have_text("Write a 3 (1 of 3)")
    pad.page.keyboard.press("Escape")
    expect(teach.asked).to_be_hidden()
    expect(pad.button("Write each digit three times")).to_be_focused()
    teach.open_gallery()
    expect(teach.items).to_have_text([re.compile("2"), re.compile("0")])
    expect(teach.page.locator(".gallery-counts li").nth(2)).to_contain_text("1")
    # What is drawn after that is not saved by itself.
    pad.read(ONE)
    expect(teach.said).to_have_text("")
    teach.expect_count(2)


def test_guided_writing_ends_after_thirty(teach: Teach) -> None:
    teach.pad.button("Write each digit three times").click()
    for number in range(30):
        expect(teach.asked).to_have_text(f"Write a{'n' * (number % 10 == 8)} {number % 10} ({number // 10 + 1} of 3)")
        teach.pad.button("Skip").click()
    expect(teach.asked).to_be_hidden()
    teach.expect_count(0)
