"""The page as a person uses it: strokes drawn with real mouse events, the reading as the panel shows it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

Stroke = Sequence[Sequence[float]]

# A "1", in 0..1 of the pad.
ONE: list[Stroke] = [[(0.5, y / 20) for y in range(4, 17)]]
# An "L": two strokes' worth of ink that is easy to find again.
TWO_STROKES: list[Stroke] = [[(0.3, 0.2), (0.3, 0.5), (0.3, 0.8)], [(0.35, 0.8), (0.5, 0.8), (0.7, 0.8)]]

PATIENCE = 300_000  # ms: TensorFlow takes seconds to import, and a run may have to wait for its turn
# For all that these tests expect: five seconds, as Playwright has it, are not enough on a busy machine.
expect.set_options(timeout=PATIENCE)

# Dark pixels of the canvas, or light ones at night: those that are opaque.
_INK = """canvas => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let count = 0;
    for (let i = 3; i < data.length; i += 4) count += data[i] > 127;
    return count;
}"""

# A busy browser may still have moves to handle when the mouse is up already.
_LIFTS = """() => {
    if (window.lifts === undefined) {
        window.lifts = 0;
        document.addEventListener("pointerup", () => (window.lifts += 1), true);
    }
    return window.lifts;
}"""


class Pad:
    """One open page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.canvas = page.get_by_role("img", name="Drawing pad")
        self.reading = page.get_by_test_id("reading")
        self.words = page.get_by_test_id("words")
        self.message = page.get_by_test_id("message")
        self.model = page.get_by_test_id("model")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def place(self, point: Sequence[float]) -> tuple[float, float]:
        """Where a point in 0..1 of the pad is on the page."""
        box = self.canvas.bounding_box()
        assert box is not None
        return box["x"] + point[0] * box["width"], box["y"] + point[1] * box["height"]

    def draw(self, strokes: Sequence[Stroke]) -> None:
        """Draw strokes with the mouse, and wait until the page has seen them all."""
        lifts = self.page.evaluate(_LIFTS)
        self.canvas.scroll_into_view_if_needed()
        box = self.canvas.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        for stroke in strokes:
            points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
            mouse.move(*points[0])
            mouse.down()
            for x, y in points[1:]:
                mouse.move(x, y)
            mouse.up()
        self.page.wait_for_function("count => window.lifts >= count", arg=lifts + len(strokes))

    def wait_until_read(self) -> None:
        """Wait until the panel shows the answer to all the ink on the pad."""
        expect(self.page.locator(".pad[data-pending]")).to_have_count(0)

    def read(self, strokes: Sequence[Stroke]) -> str:
        """Draw strokes and return the digit that they are read as."""
        self.draw(strokes)
        self.wait_until_read()
        return self.reading.inner_text()

    def ink(self) -> int:
        """How many pixels of the canvas hold ink."""
        return int(self.canvas.evaluate(_INK))

    def wait_for_ink(self) -> None:
        """Wait until the browser has drawn something: events sent past Playwright's mouse are not waited for."""
        self.page.wait_for_function(f"() => ({_INK})(document.querySelector('.pad canvas')) > 0")

    def expect_empty(self) -> None:
        """Check that the page shows an invitation and no guess."""
        expect(self.reading).to_have_text("")
        expect(self.message).to_have_text("Draw a digit from 0 to 9, or a number")
        assert self.ink() == 0


class Retrain:
    """The Retrain tab of an open page."""

    def __init__(self, pad: Pad) -> None:
        self.pad = pad
        self.page = pad.page
        self.status = self.page.locator(".run-text")
        self.figures = self.page.get_by_test_id("figures")
        self.legend = self.page.locator("#accuracy .chart-legend")
        self.model = self.page.get_by_label("Model", exact=True)
        pad.tab("Retrain")

    def download(self, folder: Path) -> Path:
        """Press Download; returns the file that the browser was given."""
        with self.page.expect_download() as started:
            self.pad.button("Download").click()
        path = folder / started.value.suggested_filename
        started.value.save_as(path)
        return path

    def fill(self, **settings: object) -> None:
        """Type settings into fields by their labels, with _ for spaces."""
        for label, value in settings.items():
            field = self.page.get_by_label(label.replace("_", " "), exact=True)
            field.fill(str(value))
            field.press("Tab")

    def choose(self, label: str, option: str) -> None:
        """Pick an option of a dropdown."""
        self.page.get_by_label(label, exact=True).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def more_settings(self) -> None:
        self.page.get_by_role("button", name="More settings").click()

    def small(self, epochs: int = 1) -> None:
        """Settings of a run of a second or so."""
        self.more_settings()
        self.fill(Epochs=epochs, Training_images=6000, First_hidden_layer=32, Second_hidden_layer=16)

    def start(self) -> None:
        self.pad.button("Start").click()

    def wait_until_learning(self) -> None:
        expect(self.status).to_contain_text("images/s")

    def wait_until_done(self) -> None:
        expect(self.status).to_contain_text("Done in", timeout=4 * PATIENCE)  # 7 epochs beside three other suites

    def row(self, model: str) -> Locator:
        """The row of the table of runs that holds that text; the table draws only rows that are in sight."""
        self.page.locator("#run-buttons").scroll_into_view_if_needed()
        return self.rows.filter(has_text=model)

    @property
    def rows(self) -> Locator:
        """The rows of the table of runs that are in sight, without its headings."""
        return self.page.locator("#runs .virtual-row")
