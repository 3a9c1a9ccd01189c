"""Why: the ink in colours, "why not …?", the layers at work, for the pad, for pictures and for any model."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from mnist_core import Weights, render_strokes
from tests.support.pad import ONE, Pad

OpenPad = Callable[..., Pad]

SEVEN = [[(0.3, 0.25), (0.4, 0.25), (0.5, 0.25), (0.68, 0.25)], [(0.68, 0.25), (0.6, 0.45), (0.5, 0.65), (0.44, 0.8)]]

# How many pixels of a canvas are blue, and how many orange.
_COLOURS = """canvas => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let [blue, orange] = [0, 0];
    for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] < 60) continue;
        blue += data[i + 2] > data[i] + 40;
        orange += data[i] > data[i + 2] + 40;
    }
    return [blue, orange];
}"""


class Why:
    """The part of an open page that shows why."""

    def __init__(self, pad: Pad) -> None:
        self.pad = pad
        self.panel = pad.page.get_by_role("region", name="Why")
        self.switch = self.panel.get_by_role("switch", name="Show why")
        self.words = self.panel.get_by_test_id("why-words")
        self.ink = self.panel.locator(".why-picture")

    def not_(self, digit: int) -> Locator:
        """The button "Why not …?" of that digit."""
        return self.panel.get_by_role("button", name=f"Why not {digit}?")

    def colours(self) -> tuple[int, int]:
        """How many pixels of the picture are blue, how many orange."""
        blue, orange = self.ink.evaluate(_COLOURS)
        return blue, orange

    def picture(self) -> str:
        return str(self.ink.evaluate("canvas => canvas.toDataURL()"))

    def layer(self, number: int) -> Locator:
        return self.panel.locator(".why-layers figure").nth(number)

    def layer_picture(self, number: int) -> str:
        return str(self.layer(number).locator("canvas").evaluate("canvas => canvas.toDataURL()"))


@pytest.fixture
def why(pad: Pad) -> Why:
    return Why(pad)


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    """A picture of a 7."""
    path = tmp_path / "seven.png"
    Image.fromarray(render_strokes(SEVEN)).save(path)
    return path


def test_it_is_off_until_it_is_switched_on(why: Why) -> None:
    requests = []
    why.pad.page.on("request", lambda request: requests.append(request.post_data or ""))
    why.pad.read(SEVEN)
    expect(why.switch).to_have_attribute("aria-checked", "false")
    expect(why.ink).to_be_hidden()
    asked = [request for request in requests if "strokes" in request]
    assert asked
    assert not any("against" in request for request in asked)


@pytest.mark.quick
def test_the_ink_is_coloured_and_changes_with_the_drawing(why: Why) -> None:
    assert why.pad.read(SEVEN) == "7"
    why.switch.click()
    expect(why.words).to_contain_text(re.compile(r"speaks most for a 7"))
    expect(why.panel.get_by_test_id("why-above")).to_have_text("speaks for 7")
    blue, orange = why.colours()
    assert blue > 100
    assert orange > 20
    expect(why.ink).to_have_attribute("aria-label", "The ink that speaks for 7 and against it")
    of_seven, layers = why.picture(), [why.layer_picture(0), why.layer_picture(1)]
    why.pad.button("Clear").click()
    expect(why.words).to_contain_text("Draw a digit")
    assert why.colours() == (0, 0)
    assert why.pad.read(ONE) == "1"
    expect(why.words).to_contain_text("for a 1")
    assert why.picture() != of_seven
    assert why.layer_picture(0) != layers[0]
    assert why.layer_picture(1) != layers[1]


def test_why_not_another_digit_shows_what_it_would_need(why: Why) -> None:
    why.pad.read(SEVEN)
    why.switch.click()
    expect(why.words).to_contain_text("for a 7")
    of_seven = why.picture()
    why.not_(3).click()
    expect(why.words).to_contain_text("A 3 would need")
    expect(why.not_(3)).to_have_attribute("aria-pressed", "true")
    expect(why.panel.get_by_test_id("why-above")).to_have_text("missing for 3")
    expect(why.panel.get_by_test_id("why-below")).to_have_text("too much for 3")
    expect(why.panel.get_by_role("img", name="A typical 3")).to_be_visible()
    assert min(why.colours()) > 20
    assert why.picture() != of_seven
    why.not_(8).click()
    expect(why.words).to_contain_text("An 8 would need")
    expect(why.not_(3)).to_have_attribute("aria-pressed", "false")
    # Pressed again, it goes back to the answer itself.
    why.not_(8).click()
    expect(why.words).to_contain_text("for a 7")
    assert why.picture() == of_seven


def test_it_says_so_when_the_digit_asked_about_is_the_reading(why: Why) -> None:
    why.pad.read(SEVEN)
    why.switch.click()
    why.not_(7).click()
    expect(why.words).to_have_text("It is read as a 7.")
    expect(why.panel.get_by_role("img", name="A typical 7")).to_be_hidden()


def test_off_again_it_asks_for_nothing_more(why: Why) -> None:
    why.switch.click()
    why.pad.read(SEVEN)
    expect(why.words).to_contain_text("for a 7")
    why.switch.click()
    expect(why.ink).to_be_hidden()
    requests: list[str] = []
    why.pad.page.on("request", lambda request: requests.append(request.post_data or ""))
    why.pad.read([[(0.4, 0.5), (0.6, 0.5)]])
    asked = [request for request in requests if "strokes" in request]
    assert asked
    assert not any("against" in request for request in asked)


def test_it_is_remembered_after_a_reload(why: Why) -> None:
    why.switch.click()
    why.not_(3).click()
    why.pad.page.reload()
    why.pad.canvas.wait_for()
    expect(why.switch).to_have_attribute("aria-checked", "true")
    expect(why.not_(3)).to_have_attribute("aria-pressed", "true")
    why.pad.read(SEVEN)
    expect(why.words).to_contain_text("A 3 would need")


def test_nothing_moves_while_a_digit_is_drawn(why: Why) -> None:
    def places() -> list[list[float]]:
        """Of the parts from top to bottom, below the pad's top: Playwright scrolls to what it clicks."""
        parts = [why.panel, why.ink, why.words, why.not_(0), why.layer(0), why.layer(2), why.panel.locator("p").last]
        boxes = [part.bounding_box() for part in (why.pad.canvas, *parts)]
        top = boxes[0]["y"]  # type: ignore[index]
        return [[box["x"], box["y"] - top, box["width"], box["height"]] for box in boxes if box]

    why.switch.click()
    expect(why.words).to_contain_text("Draw a digit")
    empty = places()
    assert len(empty) == 8
    why.pad.read(SEVEN)
    expect(why.words).to_contain_text("for a 7")
    assert places() == empty
    why.not_(3).click()
    expect(why.words).to_contain_text("A 3 would need")
    assert places() == empty
    why.pad.button("Clear").click()
    expect(why.words).to_contain_text("Draw a digit")
    assert places() == empty


def test_the_picture_of_a_file_is_explained_too(why: Why, seven: Path) -> None:
    why.pad.button("Use a picture…").click()
    why.pad.page.locator("#picture input[type=file]").set_input_files(seven)
    expect(why.pad.reading).to_have_text("7")
    why.switch.click()
    expect(why.words).to_contain_text("for a 7")
    assert why.colours()[0] > 100
    why.not_(1).click()
    expect(why.words).to_contain_text("A 1 would need")
    # The pad is empty all the while: the picture stays what is read.
    expect(why.pad.reading).to_have_text("7")


def test_another_model_explains_itself(why: Why, tmp_path: Path) -> None:
    """One of tanh units, some of them below zero."""
    random = np.random.default_rng(0)
    shapes = [(784, 40), (40,), (40, 1), (1,), (1, 10), (10,)]
    path = tmp_path / "own.npz"
    Weights.from_arrays([random.normal(0, 0.3, shape) for shape in shapes], "tanh").save(path)
    why.pad.read(SEVEN)
    why.switch.click()
    expect(why.layer(0)).to_contain_text("First layer, 256 units")
    expect(why.panel.get_by_text("below zero")).to_be_hidden()
    shipped = why.picture()
    why.pad.tab("Retrain")
    why.pad.page.locator("#run-buttons input[type=file]").set_input_files(path)
    why.pad.tab("Draw")
    expect(why.pad.model).to_contain_text("Run 1")
    expect(why.layer(0)).to_contain_text("First layer, 40 units")
    expect(why.layer(1)).to_contain_text("Second layer, 1 unit")
    expect(why.panel.get_by_text("below zero")).to_be_visible()
    assert why.layer(0).locator("canvas").evaluate(_COLOURS)[1] > 0
    assert why.picture() != shipped


@pytest.mark.parametrize("width", [390, 800, 1280])
def test_everything_is_within_reach_at_any_width(open_pad: OpenPad, width: int) -> None:
    pad = open_pad(viewport={"width": width, "height": 844})
    why = Why(pad)
    pad.read(SEVEN)
    why.switch.click()
    why.not_(3).click()
    expect(why.words).to_contain_text("A 3 would need")
    assert pad.page.evaluate("document.documentElement.scrollWidth") <= width
    panel = why.panel.bounding_box()
    assert panel is not None
    for part in (why.ink, why.words, why.not_(4), why.not_(9), why.layer(0), why.layer(2)):
        box = part.bounding_box()
        assert box is not None
        assert panel["x"] <= box["x"]
        assert box["x"] + box["width"] <= panel["x"] + panel["width"]
