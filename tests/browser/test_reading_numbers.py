"""Whole numbers: read while they are drawn, boxed on the pad, and each digit's bars a press away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from mnist_core import PenDigits, render_strokes
from tests.support.pad import Pad, Stroke

Number = Callable[..., list[Stroke]]
ASKS = "**/gradio_api/component_server/"

# Note what the page is told.
LISTEN = """() => {
    window.told = [];
    for (const name of ["digit-reading", "digit-chosen"])
        document.addEventListener(name, ({ detail }) => window.told.push({ name, detail: structuredClone(detail) }));
}"""

# The four sides of a box, 0..1 of the pad.
SIDES = """box => {
    const inner = box.getBoundingClientRect(), pad = document.querySelector(".pad canvas").getBoundingClientRect();
    return [(inner.left - pad.left) / pad.width, (inner.top - pad.top) / pad.height,
            (inner.right - pad.left) / pad.width, (inner.bottom - pad.top) / pad.height];
}"""


# Where the panel, the number's last digit and the last picture are; in one go, for the panel may be told again.
EXTENTS = """() => [".reading", ".reading-digit span:last-child", ".digit-row button:last-child"].map(
    (name) => document.querySelector(name).getBoundingClientRect().toJSON())"""


@pytest.fixture
def number(pen_digits: PenDigits) -> Number:
    """A number in the hand of one writer, in 0..1 of the pad."""

    def write(text: str, gap: float = 0.35) -> list[Stroke]:
        written: list[np.ndarray] = []
        edge = 0.0
        for character in text:
            own = (pen_digits.writers == writer_of_all(pen_digits)) & (pen_digits.labels == int(character))
            strokes = pen_digits.strokes[np.flatnonzero(own)[0]]
            points = np.concatenate(strokes)
            low, size = points.min(axis=0), np.ptp(points, axis=0)
            written += [(stroke - low) / size[1] + (edge, 0) for stroke in strokes]
            edge += size[0] / size[1] + gap
        scale = min(0.5, 0.88 / (edge - gap))
        return [(stroke[:: max(1, len(stroke) // 20)] * scale + (0.06, 0.3)).tolist() for stroke in written]

    return write


def writer_of_all(pen_digits: PenDigits) -> str:
    """The first writer who wrote every digit."""
    names = np.unique(pen_digits.writers)
    return str(next(name for name in names if len(set(pen_digits.labels[pen_digits.writers == name])) == 10))


def boxes(pad: Pad) -> Any:
    return pad.page.locator(".pad-box")


def digit(pad: Pad, number: int) -> Any:
    return pad.page.get_by_role("button", name=re.compile(f"^Digit {number} of "))


def best_bar(pad: Pad) -> str:
    return pad.page.locator(".bars li.best .bar-digit").inner_text()


@pytest.mark.quick
def test_2026_is_read_as_it_is_drawn(pad: Pad, number: Number) -> None:
    pad.page.evaluate(LISTEN)
    assert pad.read(number("2026")) == "2026"
    assert re.fullmatch(r"(sure|probably|not sure), \d+%", pad.words.inner_text())
    shown = pad.page.evaluate(
        "told.filter(({ detail }) => detail).map(({ detail }) => (detail.digits ?? [detail]).map((d) => d.digit))"
    )
    assert shown[-1] == [2, 0, 2, 6]
    assert [2] in shown


def test_each_digit_is_boxed_beneath_the_ink(pad: Pad, number: Number) -> None:
    strokes = number("2026")
    pad.draw(strokes[:1])
    pad.wait_until_read()
    expect(boxes(pad)).to_have_count(0)
    before = pad.ink()
    pad.draw(strokes[1:])
    pad.wait_until_read()
    expect(boxes(pad).locator("b")).to_have_text(["2", "0", "2", "6"])
    expect(boxes(pad).first).to_have_text(re.compile(r"^2\d+%$"))
    assert before < pad.ink() < 6 * before
    points = np.array(strokes[0])
    left, top, right, bottom = boxes(pad).first.evaluate(SIDES)
    assert np.allclose([left, top], points.min(axis=0) - 0.03, atol=0.02)
    assert np.allclose([right, bottom], points.max(axis=0) + 0.03, atol=0.02)
    # The canvas is over them: it gets the pointer.
    over = boxes(pad).first.evaluate(
        "b => { const s = b.getBoundingClientRect(); return document.elementFromPoint(s.x + 3, s.y + 3).tagName; }"
    )
    assert over == "CANVAS"


def test_the_bars_are_those_of_the_digit_drawn_last_until_another_is_chosen(pad: Pad, number: Number) -> None:
    pad.read(number("2026"))
    assert best_bar(pad) == "6"
    expect(digit(pad, 4)).to_have_attribute("aria-pressed", "true")
    digit(pad, 2).click()
    assert best_bar(pad) == "0"
    expect(digit(pad, 2)).to_have_attribute("aria-pressed", "true")
    expect(digit(pad, 4)).to_have_attribute("aria-pressed", "false")
    expect(pad.reading).to_have_text("2026")
    expect(boxes(pad).nth(1)).to_have_class(re.compile("chosen"))
    # By keyboard too.
    digit(pad, 1).focus()
    pad.page.keyboard.press("Enter")
    assert best_bar(pad) == "2"
    expect(digit(pad, 1)).to_be_focused()


def test_a_choice_holds_when_the_same_ink_is_read_again_and_not_for_other_ink(pad: Pad, number: Number) -> None:
    strokes = number("2026")
    pad.read(strokes[:-1])
    digit(pad, 2).click()
    pad.page.evaluate(LISTEN)
    pad.page.evaluate("document.dispatchEvent(new CustomEvent('digit-reading-wanted'))")
    pad.wait_until_read()
    pad.page.wait_for_function("told.some(({ detail }) => detail)")
    assert best_bar(pad) == "0"
    assert pad.page.evaluate("told.at(-1).detail.digit") == 0
    pad.read(strokes[-1:])
    assert best_bar(pad) == "6"


def test_the_page_is_told_whose_strokes_a_reading_is_about(pad: Pad, number: Number) -> None:
    pad.page.evaluate(LISTEN)
    strokes = number("47")
    assert pad.read(strokes) == "47"
    last = pad.page.evaluate("told.at(-1)")
    assert (last["name"], last["detail"]["digit"]) == ("digit-reading", 7)
    assert {"digit", "probabilities", "is_digit", "image", "model", "digits", "strokes"} <= set(last["detail"])
    of_each = [told["strokes"] for told in last["detail"]["digits"]]
    assert last["detail"]["strokes"] == of_each[1]
    assert sum(map(len, of_each)) == len(strokes)
    assert np.allclose(of_each[0][0][0], strokes[0][0], atol=0.01)
    digit(pad, 1).click()
    chosen = pad.page.evaluate("told.at(-1)")
    assert (chosen["name"], chosen["detail"]["digit"]) == ("digit-chosen", 4)
    assert chosen["detail"]["strokes"] == of_each[0]
    assert chosen["detail"]["model"] == last["detail"]["model"]


def test_of_one_digit_all_strokes_are_told_and_over_a_picture_none(pad: Pad, number: Number) -> None:
    pad.page.evaluate(LISTEN)
    strokes = number("4")
    pad.read(strokes)
    detail = pad.page.evaluate("told.at(-1).detail")
    assert len(detail["strokes"]) == len(strokes)
    assert "digits" not in detail
    pad.page.evaluate(
        "image => document.dispatchEvent(new CustomEvent('digit-picture', { detail: image }))", detail["image"]
    )
    pad.wait_until_read()
    pad.page.wait_for_function("told.at(-1).detail.strokes === null")


def test_undo_and_clear_take_the_boxes_with_them(pad: Pad, number: Number) -> None:
    strokes = number("72")
    assert pad.read(strokes) == "72"
    pad.button("Undo").click()
    expect(boxes(pad)).to_have_count(0)
    expect(pad.reading).to_have_text("7")
    expect(pad.page.get_by_role("img", name="The 28 by 28 picture")).to_be_visible()
    pad.button("Redo").click()
    expect(boxes(pad)).to_have_count(2)
    pad.button("Clear").click()
    expect(boxes(pad)).to_have_count(0)
    pad.expect_empty()


def test_a_part_that_is_no_digit_is_a_calm_question_mark(pad: Pad, number: Number) -> None:
    def doubt(route: Route) -> None:
        answer = route.fetch().json()
        if "digits" in answer:
            answer["digits"][0]["is_digit"] = False
        route.fulfill(json=answer)

    pad.page.route(ASKS, doubt)
    pad.draw(number("72"))
    expect(pad.reading).to_have_text("?2")
    expect(pad.words).to_have_text("I don't think all of these are digits")
    expect(boxes(pad).first).to_have_text("?")
    expect(digit(pad, 1)).to_have_accessible_name("Digit 1 of 2: ?, I don't think that is a digit")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("length", [4, 12])
def test_a_number_fits_a_narrow_page(open_pad: Callable[..., Pad], number: Number, theme: str, length: int) -> None:
    pad = open_pad(viewport={"width": 390, "height": 900}, color_scheme=theme)
    text = "202613579480"[:length]
    assert pad.read(number(text)) == text
    assert pad.page.evaluate("document.documentElement.scrollWidth") == 390
    panel, letter, picture = pad.page.evaluate(EXTENTS)
    assert letter["right"] <= panel["right"]
    assert picture["right"] <= panel["right"]
    assert min(picture["width"], picture["height"]) >= 24


def test_a_number_in_an_uploaded_picture_is_read(pad: Pad, number: Number, tmp_path: Path) -> None:
    Image.fromarray(render_strokes(number("2026"), 600, 10)).save(tmp_path / "number.png")
    pad.page.evaluate(LISTEN)
    pad.button("Use a picture…").click()
    pad.page.locator("#picture input[type=file]").set_input_files(tmp_path / "number.png")
    expect(pad.reading).to_have_text("2026")
    assert best_bar(pad) == "6"
    expect(boxes(pad)).to_have_count(0)
    digit(pad, 2).click()
    assert best_bar(pad) == "0"
    assert pad.page.evaluate("[told.at(-1).name, told.at(-1).detail.strokes]") == ["digit-chosen", None]
