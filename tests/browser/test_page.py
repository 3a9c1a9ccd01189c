"""The page around the pad: pictures, visitors, Retrain, other hosts, names for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from mnist_core import PenDigits, render_strokes
from tests.support.pad import ONE, Pad

OpenPad = Callable[..., Pad]


@pytest.fixture
def picture(pen_digits: PenDigits, tmp_path: Path) -> Path:
    """A picture of a 5, dark on light."""
    number = next(i for i, label in enumerate(pen_digits.labels) if label == 5)
    path = tmp_path / "five.png"
    Image.fromarray(render_strokes([0.2 + 0.6 * stroke for stroke in pen_digits.strokes[number]])).save(path)
    return path


def _choose(pad: Pad, path: Path) -> None:
    pad.page.locator("#picture input[type=file]").set_input_files(path)


@pytest.mark.quick
def test_a_picture_is_read_into_the_same_panel(pad: Pad, picture: Path) -> None:
    expect(pad.page.locator("#picture")).to_be_hidden()
    button = pad.button("Use a picture…")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(pad.page.locator("#picture")).to_be_visible()
    _choose(pad, picture)
    expect(pad.reading).to_have_text("5")
    # What is drawn next is read next.
    assert pad.read(ONE) == "1"


def test_taking_the_picture_away_shows_the_pad_again(pad: Pad, picture: Path) -> None:
    pad.read(ONE)
    pad.button("Use a picture…").click()
    _choose(pad, picture)
    expect(pad.reading).to_have_text("5")
    pad.page.locator("#picture").get_by_role("button", name="Remove Image").click()
    expect(pad.reading).to_have_text("1")


def test_a_picture_is_pasted_from_the_clipboard(open_pad: OpenPad, picture: Path) -> None:
    pad = open_pad(permissions=["clipboard-read", "clipboard-write"])
    pad.button("Use a picture…").click()
    pad.page.evaluate(
        """async bytes => {
            const blob = new Blob([new Uint8Array(bytes)], { type: "image/png" });
            await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }""",
        list(picture.read_bytes()),
    )
    pad.page.locator("#picture").get_by_role("button", name="Paste from clipboard").click()
    expect(pad.reading).to_have_text("5")


def test_a_file_that_is_no_picture_is_said_plainly(pad: Pad, tmp_path: Path, picture: Path) -> None:
    text = tmp_path / "notes.png"
    text.write_text("not a picture", encoding="utf-8")
    pad.button("Use a picture…").click()
    _choose(pad, text)
    expect(pad.message).to_contain_text("not a picture")
    expect(pad.reading).to_have_text("")


@pytest.mark.quick
def test_nothing_is_fetched_from_another_host(browser: Browser, url: str, picture: Path) -> None:
    page = browser.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(url)
    pad = Pad(page)
    pad.read(ONE)
    pad.button("Use a picture…").click()
    _choose(pad, picture)
    expect(pad.reading).to_have_text("5")
    for name in ("Retrain", "How it works", "Draw"):
        pad.tab(name)
    page.get_by_role("button", name="Use via API").click()
    expect(page.get_by_text("/read_strokes").first).to_be_visible()
    hosts = {urlsplit(address).netloc for address in asked if urlsplit(address).scheme not in ("data", "blob")}
    assert hosts == {urlsplit(url).netloc}
    page.close()


@pytest.mark.quick
def test_the_browser_reports_no_error(open_pad: OpenPad) -> None:
    pad = open_pad()
    errors: list[str] = []
    pad.page.on("pageerror", lambda error: errors.append(str(error)))
    pad.page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    pad.page.reload()
    pad.read(ONE)
    for name in ("Retrain", "How it works", "Draw"):
        pad.tab(name)
    assert errors == []


def test_what_can_be_used_has_a_name(pad: Pad) -> None:
    for name in ("Undo", "Redo", "Clear", "Use a picture…"):
        expect(pad.button(name)).to_be_visible()
    expect(pad.page.get_by_role("region", name="Reading")).to_be_visible()
    expect(pad.page.get_by_role("list", name="Probability of each digit")).to_be_visible()
    expect(pad.page.get_by_role("heading", level=1)).to_have_text("Draw a digit")
    nameless = """[...document.querySelectorAll("button, canvas, [role=tab]")].filter(
        e => e.offsetParent && !e.innerText.trim() && !e.ariaLabel && !e.title).map(e => e.outerHTML)"""
    assert pad.page.evaluate(nameless) == []


def test_the_pad_is_the_only_large_canvas(pad: Pad) -> None:
    sides = pad.page.evaluate("[...document.querySelectorAll('canvas')].map(c => c.clientWidth)")
    assert len([side for side in sides if side > 200]) == 1


def test_the_pad_is_reached_by_keyboard_and_shows_it(pad: Pad) -> None:
    for _ in range(20):
        pad.page.keyboard.press("Tab")
        if pad.canvas.evaluate("canvas => canvas === document.activeElement"):
            break
    expect(pad.canvas).to_be_focused()
    assert pad.canvas.evaluate("canvas => getComputedStyle(canvas).outlineStyle") == "solid"


def test_the_reading_is_spoken(pad: Pad) -> None:
    pad.read(ONE)
    expect(pad.page.locator("[aria-live=polite].reading-spoken")).to_have_text("Reading: 1. " + pad.words.inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_text_stands_out_from_what_is_behind_it(open_pad: OpenPad, scheme: str, width: int) -> None:
    pad = open_pad(color_scheme=scheme, viewport={"width": width, "height": 900})
    pad.read(ONE)
    for selector in (".reading-digit", ".reading-words", ".reading-label", ".bar-share", ".pad-picture", ".header p"):
        ratio = pad.page.locator(selector).first.evaluate(_CONTRAST)
        assert ratio >= 4.5, (selector, ratio)


# WCAG contrast of an element's text with the first opaque background behind it.
_CONTRAST = """element => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number);
    const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
    let behind = element;
    const fill = (e) => channels(getComputedStyle(e).backgroundColor);
    while (behind.parentElement && fill(behind)[3] === 0) behind = behind.parentElement;
    const [a, b] = [light(channels(getComputedStyle(element).color)), light(fill(behind))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
}"""


def test_the_layout_does_not_jump(pad: Pad) -> None:
    panel = pad.page.get_by_role("region", name="Reading")
    empty = panel.bounding_box()
    assert empty is not None
    pad.read(ONE)
    assert panel.bounding_box() == empty
    pad.button("Clear").click()
    assert panel.bounding_box() == empty
