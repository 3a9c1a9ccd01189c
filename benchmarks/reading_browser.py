"""From the last point of a stroke to its reading on the page, in Chromium. `python -m benchmarks.reading_browser`

Real mouse events replay pen digits on the pad of the running app, both on this machine. The clock is the browser's: it
starts at the event of the last point and stops when the panel shows the answer to all the ink.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import describe_machine
from mnist_core import load_pen_digits
from ui.page import LAUNCH_OPTIONS, build_page

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from provide_browser import provide_browser

DIGITS = 60
POINT_EVERY = 12  # ms: a mouse tells its place about 80 times a second

WATCH = """() => {
    const pad = document.querySelector(".pad");
    let lastPoint = 0;
    window.delays = [];
    pad.querySelector("canvas").addEventListener("pointermove", (event) => {
        if (event.buttons) lastPoint = event.timeStamp;
    });
    new MutationObserver(() => {
        if (!pad.hasAttribute("data-pending") && lastPoint) {
            window.delays.push(performance.now() - lastPoint);
            lastPoint = 0;
        }
    }).observe(pad, { attributes: true });
}"""


def main() -> None:
    executable = provide_browser()
    app = build_page()
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH_OPTIONS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        page.locator(".pad canvas").wait_for()
        delays = measure(page)
        browser.close()
    app.close()
    median, p95 = np.percentile(delays, [50, 95])
    print(f"{describe_machine()}; {len(delays)} readings while {DIGITS} digits were drawn\n")
    print("| last point to its reading, in Chromium | median, ms | p95, ms |\n|---|---:|---:|")
    print(f"| one visitor, app and browser on the same machine | {median:.0f} | {p95:.0f} |")


def measure(page: Page) -> list[float]:
    """Draw digits; return, for each reading of all the ink so far, the milliseconds since its last point."""
    page.evaluate(WATCH)
    digits = load_pen_digits("dev").strokes
    for number in np.random.default_rng(0).choice(len(digits), DIGITS, replace=False):
        for stroke in digits[number]:
            draw(page, (stroke * 0.6 + 0.2).tolist())
            page.wait_for_function("!document.querySelector('.pad').hasAttribute('data-pending')")
        page.get_by_role("button", name="Clear").click()
    return list(page.evaluate("window.delays"))


def draw(page: Page, points: Sequence[Sequence[float]]) -> None:
    """Draw one stroke with the mouse, at the speed of a hand."""
    box = page.locator(".pad canvas").bounding_box()
    if box is None:
        raise RuntimeError("The pad is not on the page.")
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
        page.wait_for_timeout(POINT_EVERY)
    page.mouse.up()


if __name__ == "__main__":
    main()
