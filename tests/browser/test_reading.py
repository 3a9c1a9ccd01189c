"""The reading follows the ink: while a stroke is drawn, after Clear, when the server is slow or gone."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.support.pad import ONE, TWO_STROKES, Pad, Stroke

ASKS = "**/gradio_api/component_server/"

# Note every change of what the panel shows, with its time.
WATCH = """() => {
    window.shown = [];
    new MutationObserver(() => {
        const text = document.querySelector(".reading-top").innerText + document.querySelector(".bars").innerText;
        const reading = document.querySelector("[data-testid=reading]").innerText;
        if (window.shown.at(-1)?.text !== text) window.shown.push({ text, reading });
    }).observe(document.querySelector(".reading"), { subtree: true, childList: true, characterData: true });
}"""


@pytest.mark.quick
def test_the_reading_changes_while_a_stroke_is_drawn(pad: Pad) -> None:
    pad.page.evaluate(WATCH)
    # A 2, and the pen stays down until the panel has followed it three times.
    curve = [(0.3, 0.35), (0.35, 0.25), (0.5, 0.2), (0.65, 0.28), (0.65, 0.42), (0.5, 0.6), (0.3, 0.78)]
    curve += [(0.45, 0.78), (0.6, 0.78), (0.75, 0.78)]
    places = [pad.place(point) for point in curve]
    pad.page.mouse.move(*places[0])
    pad.page.mouse.down()
    for part in (places[1:4], places[4:7], places[7:]):
        before = pad.page.evaluate("window.shown.length")
        for x, y in part:
            pad.page.mouse.move(x, y, steps=3)
        pad.page.wait_for_function("count => window.shown.length > count", arg=before)
    expect(pad.button("Undo")).to_be_disabled()  # as long as a stroke is drawn
    pad.page.mouse.up()
    expect(pad.button("Undo")).to_be_enabled()


@pytest.mark.quick
def test_an_empty_pad_invites_and_does_not_guess(pad: Pad) -> None:
    pad.expect_empty()
    expect(pad.words).to_have_text("")
    expect(pad.page.locator(".bar-share")).to_have_text([""] * 10)


def test_the_panel_shows_all_ten_probabilities(pad: Pad) -> None:
    assert pad.read(ONE) == "1"
    assert pad.page.locator(".bar-digit").all_inner_texts() == [str(digit) for digit in range(10)]
    shares = [float(text.rstrip("%")) for text in pad.page.locator(".bar-share").all_inner_texts()]
    assert len(shares) == 10
    assert shares[1] == max(shares)
    assert abs(sum(shares) - 100) < 1
    assert pad.words.inner_text().startswith("sure, ")


@pytest.mark.quick
def test_the_panel_shows_what_the_network_sees(pad: Pad) -> None:
    pad.read(ONE)
    picture = pad.page.get_by_role("img", name="The 28 by 28 picture")
    pixels = picture.evaluate("c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")[::4]
    assert len(pixels) == 28 * 28
    rows = [row for row in range(28) if max(pixels[28 * row : 28 * row + 28]) > 127]
    assert 18 <= len(rows) <= 21


SCRIBBLE: list[Stroke] = [[(0.2 + 0.6 * (i % 2), 0.15 + 0.05 * i) for i in range(14)]]
SMILEY: list[Stroke] = [
    [(0.5 + 0.4 * math.cos(i / 5), 0.5 + 0.4 * math.sin(i / 5)) for i in range(33)],
    [(0.38, 0.35), (0.38, 0.42)],
    [(0.62, 0.35), (0.62, 0.42)],
    [(0.3 + i / 25, 0.62 + 0.1 * math.sin(i * math.pi / 10)) for i in range(11)],
]


@pytest.mark.parametrize("drawing", [SCRIBBLE, SMILEY], ids=["scribble", "smiley"])
def test_what_is_no_digit_is_declined_calmly(pad: Pad, drawing: list[Stroke]) -> None:
    pad.draw(drawing)
    expect(pad.words).to_have_text("I don't think that is a digit")
    expect(pad.reading).to_have_text("?")
    assert pad.page.get_by_role("region", name="Reading").get_attribute("data-state") == "doubt"
    shares = pad.page.locator(".bar-share").all_inner_texts()
    assert sum(float(share.rstrip("%")) for share in shares) == pytest.approx(100, abs=1)
    pad.button("Clear").click()
    assert pad.read(ONE) == "1"


class Held:
    """Answers of the reader that do not come until they are let go."""

    def __init__(self, pad: Pad) -> None:
        self.pad = pad
        self.routes: list[Route] = []
        self.holding = True
        pad.page.route(ASKS, self._handle)

    def _handle(self, route: Route) -> None:
        # My drawings ask by the same address.
        if self.holding and "read_drawing" in (route.request.post_data or ""):
            self.routes.append(route)
        else:
            route.continue_()

    def wait_for_one(self) -> None:
        while not self.routes:
            self.pad.page.evaluate("new Promise(requestAnimationFrame)")

    def let_go(self) -> None:
        """Let the answers come, and wait until the page has had them."""
        self.holding = False
        for route in self.routes:
            with self.pad.page.expect_response(ASKS):
                route.continue_()
        self.pad.page.evaluate("new Promise(requestAnimationFrame)")


def _stays_empty_though_an_answer_comes(pad: Pad, empty: Callable[[], None]) -> None:
    held = Held(pad)
    pad.draw(ONE)
    held.wait_for_one()
    empty()
    pad.expect_empty()
    pad.page.evaluate(WATCH)
    held.let_go()
    pad.expect_empty()
    assert not any(shown["reading"] for shown in pad.page.evaluate("window.shown"))


@pytest.mark.quick
def test_nothing_stale_after_clear(pad: Pad) -> None:
    _stays_empty_though_an_answer_comes(pad, pad.button("Clear").click)


def test_nothing_stale_after_undo(pad: Pad) -> None:
    _stays_empty_though_an_answer_comes(pad, pad.button("Undo").click)


def test_after_clear_the_next_drawing_is_read_though_an_old_answer_comes_late(pad: Pad) -> None:
    held = Held(pad)
    pad.draw(TWO_STROKES)
    held.wait_for_one()
    pad.button("Clear").click()
    pad.draw(ONE)
    held.let_go()
    expect(pad.reading).to_have_text("1")
    assert len(held.routes) == 1


def test_one_request_is_in_flight(pad: Pad) -> None:
    held = Held(pad)
    pad.draw(TWO_STROKES)
    held.wait_for_one()
    pad.draw(ONE)
    pad.page.evaluate("new Promise(requestAnimationFrame)")
    assert len(held.routes) == 1
    held.let_go()
    pad.wait_until_read()


def test_a_server_that_is_gone_is_said_calmly_and_the_next_stroke_asks_again(pad: Pad) -> None:
    asked = []
    begun = time.monotonic()
    pad.page.route(ASKS, lambda route: (asked.append(route.request.post_data or ""), route.abort()))
    pad.draw([[(0.5, 0.2), (0.5, 0.5)]])
    expect(pad.message).to_contain_text("does not answer")
    expect(pad.reading).to_have_text("")
    pad.wait_until_read()
    # The page was loaded, the pointer put down, moved and lifted: no more reasons to ask than that, and once more
    # every three seconds. My drawings ask by the same address.
    pad.page.evaluate("async () => { for (let i = 0; i < 30; i++) await new Promise(requestAnimationFrame); }")
    readings = ["read_drawing" in data for data in asked]
    assert 1 <= sum(readings) <= 4 + (time.monotonic() - begun) / 3
    pad.page.unroute(ASKS)
    pad.button("Clear").click()
    assert pad.read(ONE) == "1"
    expect(pad.message).to_have_text("")


def test_an_answer_that_is_an_error_is_shown(pad: Pad) -> None:
    pad.page.route(ASKS, lambda route: route.fulfill(status=500, body="{}"))
    pad.draw(ONE)
    expect(pad.message).to_contain_text("does not answer")
    pad.page.unroute(ASKS)
    pad.draw(ONE)
    expect(pad.reading).to_have_text("1")
