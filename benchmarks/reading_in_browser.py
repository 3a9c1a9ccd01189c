"""From the last point of a stroke to its reading on the page, in Chromium, beside a page whose handler does nothing.

Real mouse events replay pen digits on the pad, at the pace of `tests.support.crowd`; other visitors draw over HTTP
meanwhile. The clock is the browser's: it starts at the event of the last point and stops when the panel shows the
answer to all the ink; the hand lifts the pen 12 to 20 ms after that point. The two apps run each in a process of its
own and take turns.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.machine import describe_machine
from mnist_core import load_pen_digits
from tests.support.crowd import LIFT, POINT, Crowd, Strokes
from tests.support.visitor import Visitor, running_app

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from provide_browser import provide_browser

OTHERS = (0, 9, 49)
STATES = ("nobody trains", "a run is on")
TURNS, SECONDS = 2, 8.0  # s: how long is drawn in each turn
APPS = {"reading": ["app.py"], "nothing": ["-m", "benchmarks.app_without_reading"]}

Delays = dict[tuple[str, int, str], list[float]]  # ms, by state, count of others and app

WATCH = """() => {
    const pad = document.querySelector(".pad");
    let lastPoint = 0;
    let isDown = false;
    window.delays = [];
    const note = () => {
        if (isDown || !lastPoint || pad.hasAttribute("data-pending")) return;
        window.delays.push(window.shownAt - lastPoint);
        lastPoint = 0;
    };
    const canvas = pad.querySelector("canvas");
    canvas.addEventListener("pointerdown", () => (isDown = true));
    canvas.addEventListener("pointermove", (event) => {
        if (isDown && pad.hasAttribute("data-pending")) lastPoint = event.timeStamp;
    });
    canvas.addEventListener("pointerup", () => ((isDown = false), note()));
    new MutationObserver(() => {
        if (!pad.hasAttribute("data-pending")) window.shownAt = performance.now();
        note();
    }).observe(pad, { attributes: true });
}"""


def measure() -> None:
    """Measure in turns and print the table."""
    executable = provide_browser()
    delays: Delays = defaultdict(list)
    with sync_playwright() as playwright, contextlib.ExitStack() as stack:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        stack.callback(browser.close)
        desks = {name: stack.enter_context(_desk(browser, command)) for name, command in APPS.items()}
        for turn, state, others, name in itertools.product(range(TURNS), STATES, OTHERS, APPS):
            delays[state, others, name] += desks[name].draw(state == STATES[1], others, turn)
    print(f"{describe_machine()}; {TURNS} turns of {SECONDS:.0f} s each\n")
    print("| last point of a stroke to its reading, in Chromium | strokes | median, ms | p95, ms "
          "| handler that does nothing: median, ms | p95, ms | median above it, ms |")  # fmt: skip
    print("|---|" + 6 * "---:|")
    for state, others in itertools.product(STATES, OTHERS):
        ours, floor = (np.percentile(delays[state, others, name], [50, 95]) for name in APPS)
        strokes = len(delays[state, others, "reading"])
        print(f"| {others} others drawing, {state} | {strokes} | {ours[0]:.0f} | {ours[1]:.0f} "
              f"| {floor[0]:.0f} | {floor[1]:.0f} | {round(ours[0] - floor[0])} |")  # fmt: skip


@contextlib.contextmanager
def _desk(browser: Browser, command: list[str]) -> Iterator[Desk]:
    with running_app(*command) as (url, _):
        desk = Desk(browser.new_page(viewport={"width": 1280, "height": 900}), url)
        with desk.trainer.run_under_way():
            desk.draw(False, max(OTHERS), 0, seconds=2)  # warms everything up
        yield desk
        desk.leave()


class Desk:
    """One app, a page of it that is drawn on, and the other visitors."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        self.trainer, self._others = Visitor(url), [Visitor(url) for _ in range(max(OTHERS))]
        self._digits = [[(stroke * 0.6 + 0.2).tolist() for stroke in digit] for digit in load_pen_digits("dev").strokes]
        page.goto(url)
        page.locator(".pad canvas").wait_for()
        page.evaluate(WATCH)

    def draw(self, trains: bool, others: int, turn: int, seconds: float = SECONDS) -> list[float]:
        """Draw for so long; return the milliseconds of each stroke from its last point to its reading."""
        chance = random.Random(turn)
        self._page.bring_to_front()
        self._page.evaluate("window.delays = []")
        with self.trainer.run_under_way() if trains else contextlib.nullcontext(), Crowd(self._others[:others], turn):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                _draw_digit(self._page, chance.choice(self._digits), chance)
        return list(self._page.evaluate("window.delays"))

    def leave(self) -> None:
        """All close their pages."""
        for visitor in [self.trainer, *self._others]:
            visitor.leave()


def _draw_digit(page: Page, strokes: Strokes, chance: random.Random) -> None:
    """Draw with the mouse, then wait for the reading and press Clear."""
    box = page.locator(".pad canvas").bounding_box()
    if box is None:
        raise RuntimeError("The pad is not on the page.")
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        moment = time.perf_counter()
        for place in places[1:]:
            moment += chance.uniform(*POINT)
            _wait_until(moment)
            page.mouse.move(*place)
        _wait_until(moment + chance.uniform(*POINT))
        page.mouse.up()
        _wait_until(moment + chance.uniform(*LIFT))
    page.wait_for_function("!document.querySelector('.pad').hasAttribute('data-pending')")
    page.get_by_role("button", name="Clear").click()


def _wait_until(moment: float) -> None:
    """Wait for the moment of the mouse's next event; what the one before it took is part of the pace."""
    time.sleep(max(0.0, moment - time.perf_counter()))
