"""Drawing on the pad: real digits, undo and redo, keys, touch, sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import CDPSession, expect

from mnist_core import PenDigits
from tests.support.pad import ONE, TWO_STROKES, Pad

OpenPad = Callable[..., Pad]

# What lies on top at the middle of the pad, from its first moment on the page.
_WATCH_WHAT_LIES_ON_TOP = """
window.onTop = new Set();
new MutationObserver(() => {
    const box = document.querySelector(".pad canvas")?.getBoundingClientRect();
    if (!box?.width) return;
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    window.onTop.add(`${top?.tagName} ${top?.className}`.trim());
}).observe(document, { childList: true, subtree: true, attributes: true });
"""


def _somewhere(strokes: list[np.ndarray], random: np.random.Generator) -> list[Any]:
    """A digit at a size and a place of a person's choosing, in 0..1 of the pad."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = random.uniform(0.4, 0.85)
    corner = random.uniform(0.05, 0.95 - scale * extent)
    return [((stroke - low) * scale + corner).tolist() for stroke in strokes]


def test_real_digits_are_read_as_they_were_meant(pad: Pad, pen_digits: PenDigits, sample: np.ndarray) -> None:
    random = np.random.default_rng(0)
    wrong = []
    for number in sample:
        digit = pad.read(_somewhere(pen_digits.strokes[number], random))
        if digit != str(pen_digits.labels[number]):
            wrong.append((int(number), int(pen_digits.labels[number]), digit))
        pad.button("Clear").click()
        expect(pad.reading).to_have_text("")
    assert len(sample) >= 50
    assert len(wrong) <= 1, wrong


def test_ink_lands_from_the_moment_the_pad_is_seen(pad: Pad) -> None:
    pad.page.add_init_script(_WATCH_WHAT_LIES_ON_TOP)
    pad.page.reload()
    pad.canvas.wait_for()
    pad.draw(ONE)
    pad.wait_until_read()
    assert pad.page.evaluate("[...window.onTop]") == ["CANVAS"]


@pytest.mark.quick
def test_undo_and_redo_go_stroke_by_stroke(pad: Pad) -> None:
    pad.draw(TWO_STROKES)
    both = pad.ink()
    pad.button("Undo").click()
    one = pad.ink()
    assert 0 < one < both
    pad.button("Undo").click()
    pad.expect_empty()
    pad.button("Redo").click()
    assert pad.ink() == one
    pad.button("Redo").click()
    assert pad.ink() == both


def test_a_new_stroke_ends_redo(pad: Pad) -> None:
    pad.draw(TWO_STROKES)
    pad.button("Undo").click()
    pad.draw(ONE)
    expect(pad.button("Redo")).to_be_disabled()


def test_undo_after_clear_brings_the_drawing_back(pad: Pad) -> None:
    assert pad.read(ONE) == "1"
    ink = pad.ink()
    pad.button("Clear").click()
    pad.expect_empty()
    pad.button("Undo").click()
    expect(pad.reading).to_have_text("1")
    assert pad.ink() == ink


@pytest.mark.quick
def test_clear_then_draw_again(pad: Pad, pen_digits: PenDigits) -> None:
    first, second = (next(i for i, label in enumerate(pen_digits.labels) if label == digit) for digit in (0, 1))
    random = np.random.default_rng(0)
    assert pad.read(_somewhere(pen_digits.strokes[first], random)) == "0"
    pad.button("Clear").click()
    pad.expect_empty()
    assert pad.read(_somewhere(pen_digits.strokes[second], random)) == "1"


def test_buttons_are_enabled_only_where_they_do_something(pad: Pad) -> None:
    undo, redo, clear = (pad.button(name) for name in ("Undo", "Redo", "Clear"))
    for button in (undo, redo, clear):
        expect(button).to_be_disabled()
    pad.draw(ONE)
    expect(undo).to_be_enabled()
    expect(redo).to_be_disabled()
    expect(clear).to_be_enabled()
    undo.click()
    expect(undo).to_be_disabled()
    expect(redo).to_be_enabled()
    expect(clear).to_be_disabled()


@pytest.mark.parametrize("redo", ["Control+y", "Control+Shift+z", "Meta+Shift+z"])
def test_keys_undo_and_redo(pad: Pad, redo: str) -> None:
    pad.draw(ONE)
    ink = pad.ink()
    pad.page.keyboard.press("Control+z")
    assert pad.ink() == 0
    pad.page.keyboard.press(redo)
    assert pad.ink() == ink


@pytest.mark.parametrize("key", ["Delete", "Backspace"])
def test_keys_clear(pad: Pad, key: str) -> None:
    pad.draw(ONE)
    pad.page.keyboard.press(key)
    pad.expect_empty()


def test_keys_are_not_taken_from_a_text_field(pad: Pad) -> None:
    pad.draw(ONE)
    pad.page.evaluate("document.querySelector('.pad').append(document.createElement('input'))")
    field = pad.page.locator(".pad input")
    field.fill("12")
    field.press("Backspace")
    assert field.input_value() == "1"
    field.press("Control+z")
    assert pad.ink() > 0


def test_keys_do_nothing_while_the_pad_is_on_a_hidden_tab(pad: Pad) -> None:
    pad.draw(ONE)
    ink = pad.ink()
    pad.tab("How it works")
    expect(pad.canvas).to_be_hidden()
    pad.page.keyboard.press("Delete")
    pad.tab("Draw")
    expect(pad.canvas).to_be_visible()
    assert pad.ink() == ink


def test_other_mouse_buttons_leave_no_ink(pad: Pad) -> None:
    pad.page.mouse.move(*pad.place((0.5, 0.2)))
    pad.page.mouse.down(button="right")
    pad.page.mouse.move(*pad.place((0.5, 0.8)))
    pad.page.mouse.up(button="right")
    pad.expect_empty()


def test_a_stroke_may_leave_the_pad_and_come_back(pad: Pad) -> None:
    pad.draw([[(0.5, 0.1), (0.5, 0.4), (1.3, 0.5), (0.5, 0.6), (0.5, 0.9)]])
    pad.wait_until_read()
    pad.page.mouse.move(*pad.place((0.1, 0.1)))
    ink = pad.ink()
    pad.page.mouse.move(*pad.place((0.9, 0.1)))
    assert pad.ink() == ink > 0


def _touch(session: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def _swipe(pad: Pad, session: CDPSession, start: tuple[float, float], end: tuple[float, float]) -> None:
    _touch(session, "touchStart", start)
    for step in range(1, 13):
        _touch(session, "touchMove", tuple(np.add(start, np.subtract(end, start) * step / 12).tolist()))
    _touch(session, "touchEnd")


@pytest.fixture
def phone(open_pad: OpenPad) -> Pad:
    return open_pad(viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True, device_scale_factor=3)


@pytest.mark.quick
def test_a_finger_draws_and_does_not_scroll_the_page(phone: Pad) -> None:
    session = phone.page.context.new_cdp_session(phone.page)
    _swipe(phone, session, phone.place((0.5, 0.85)), phone.place((0.5, 0.15)))
    phone.wait_until_read()
    expect(phone.reading).to_have_text("1")
    assert phone.page.evaluate("scrollY") == 0
    # Beside the pad, the same swipe does scroll.
    _swipe(phone, session, (8, 600), (8, 200))
    phone.page.wait_for_function("scrollY > 0")


def test_the_page_fits_a_phone(phone: Pad) -> None:
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("Undo", "Redo", "Clear", "Use a picture…"):
        box = phone.button(name).bounding_box()
        assert box is not None
        assert box["height"] >= 40, name


def test_a_pinch_leaves_no_ink(phone: Pad) -> None:
    session = phone.page.context.new_cdp_session(phone.page)
    first, second = phone.place((0.4, 0.5)), phone.place((0.6, 0.5))
    _touch(session, "touchStart", first)
    phone.wait_for_ink()
    _touch(session, "touchStart", first, second)
    _touch(session, "touchMove", phone.place((0.2, 0.5)), phone.place((0.8, 0.5)))
    _touch(session, "touchEnd")
    phone.expect_empty()
    expect(phone.button("Undo")).to_be_disabled()


def test_a_pen_draws_and_takes_back_what_the_palm_left(phone: Pad) -> None:
    session = phone.page.context.new_cdp_session(phone.page)
    _touch(session, "touchStart", phone.place((0.9, 0.9)))
    phone.wait_for_ink()
    for kind, height in (("mousePressed", 0.2), ("mouseMoved", 0.5), ("mouseMoved", 0.8), ("mouseReleased", 0.8)):
        x, y = phone.place((0.5, height))
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
        session.send("Input.dispatchMouseEvent", event)
    _touch(session, "touchEnd")
    phone.wait_until_read()
    expect(phone.reading).to_have_text("1")
    phone.button("Undo").click()
    phone.expect_empty()


def _backing_store_fits(pad: Pad, density: float) -> bool:
    width, height, shown = pad.canvas.evaluate("canvas => [canvas.width, canvas.height, canvas.clientWidth]")
    return bool(width == height == round(shown * density) > 200)


@pytest.mark.parametrize("density", [1, 2, 3])
def test_the_canvas_is_as_fine_as_the_screen(open_pad: OpenPad, density: int) -> None:
    assert _backing_store_fits(open_pad(device_scale_factor=density), density)


def test_drawing_goes_on_after_a_resize(pad: Pad) -> None:
    pad.draw(TWO_STROKES[:1])
    before = pad.canvas.evaluate("canvas => canvas.width")
    pad.page.set_viewport_size({"width": 420, "height": 800})
    pad.page.wait_for_function("before => document.querySelector('.pad canvas').width < before", arg=before)
    assert _backing_store_fits(pad, 1)
    one = pad.ink()
    assert one > 0
    pad.draw(TWO_STROKES[1:])
    assert pad.ink() > one


def test_drawing_goes_on_after_a_tab_switch_and_a_resize_meanwhile(pad: Pad) -> None:
    assert pad.read(ONE) == "1"
    before = pad.canvas.evaluate("canvas => canvas.width")
    pad.tab("Retrain")
    expect(pad.canvas).to_be_hidden()
    pad.page.set_viewport_size({"width": 420, "height": 800})
    pad.tab("Draw")
    pad.page.wait_for_function("before => document.querySelector('.pad canvas').width < before", arg=before)
    assert _backing_store_fits(pad, 1)
    ink = pad.ink()
    assert ink > 0
    pad.draw(TWO_STROKES)
    assert pad.ink() > ink


def test_the_ink_follows_the_theme(open_pad: OpenPad) -> None:
    pad = open_pad()
    pad.draw(ONE)
    ink = pad.ink()
    centre = "canvas => canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0]"
    assert pad.canvas.evaluate(centre) < 80
    pad.page.evaluate("document.body.classList.add('dark')")
    pad.page.wait_for_function(f"({centre})(document.querySelector('.pad canvas')) > 180")
    assert pad.ink() == ink
