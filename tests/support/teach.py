"""Teach it my hand and My drawings, on an open page."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Locator, expect

from tests.support.pad import Pad, Stroke


class Teach:
    """What teaching adds to an open page."""

    def __init__(self, pad: Pad) -> None:
        self.pad = pad
        self.page = pad.page
        self.said = self.page.get_by_test_id("said")
        self.count = self.page.get_by_test_id("drawings-count")
        self.keeping = self.page.get_by_test_id("keeping")
        self.result = self.page.get_by_test_id("teaching-result")
        self.total = self.page.get_by_test_id("gallery-total")
        self.note = self.page.get_by_test_id("gallery-note")
        self.gallery_said = self.page.get_by_test_id("gallery-said")
        self.items = self.page.locator(".gallery-items li")
        self.file = self.page.locator("#my-drawings input[type=file]")
        self.asked = self.page.get_by_test_id("guide")
        self.guide_said = self.page.get_by_test_id("guide-said")

    def label(self, digit: int) -> Locator:
        return self.pad.button(f"It is a {digit}")

    def save(self, strokes: Sequence[Stroke], digit: int) -> None:
        """Draw on the empty pad and say what it is."""
        if self.pad.button("Clear").is_enabled():
            self.pad.button("Clear").click()
        self.pad.read(strokes)
        self.label(digit).click()
        expect(self.said).to_have_text(f"Saved as a {digit}.")

    def expect_count(self, count: int) -> None:
        """Check that the page has that many drawings."""
        drawings = "1 drawing" if count == 1 else f"{count} drawings"
        expect(self.count).to_have_text(f"Saved in your browser only. {drawings} so far.")
        expect(self.total).to_have_text(f"({count})")

    def open_gallery(self) -> None:
        self.page.locator("#my-drawings summary").click()

    def teach(self) -> None:
        self.pad.button("Teach").click()
        expect(self.result).to_be_visible()

    def write(self, strokes: Sequence[Stroke]) -> None:
        """Draw what the guide asks for; it takes it away when it has saved it."""
        before = self.asked.inner_text()
        self.pad.draw(strokes)
        expect(self.asked).not_to_have_text(before)
        self.pad.expect_empty()
