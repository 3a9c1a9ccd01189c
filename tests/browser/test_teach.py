"""Teach it my hand, as a person does it: say what a drawing is, teach, write by request, keep and bring drawings."""

from __future__ import annotations

import json
import re
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from mnist_core import Classifier, PenDigits, render_strokes
from tests.support.pad import ONE, TWO_STROKES, Pad, Retrain, Stroke
from tests.support.teach import Teach
from ui.page import build_page
from ui.visitor.drawings import FORMAT

OpenPad = Callable[..., Pad]


@pytest.fixture(scope="session")
def misread(pen_digits: PenDigits) -> tuple[list[Stroke], int, int]:
    """A drawing that the shipped model misreads, as the mouse draws it: strokes, what it is, what it is read as."""
    shipped = Classifier.load()
    for strokes, label in zip(pen_digits.strokes, pen_digits.labels):
        drawn = [np.round(0.2 + 0.6 * stroke, 4).tolist() for stroke in strokes]
        probabilities = shipped.read(drawn).probabilities
        # Surely enough for the whole pixels of a mouse.
        if probabilities.argmax() != label and probabilities.max() > 0.7:
            return drawn, int(label), int(probabilities.argmax())
    pytest.fail("The shipped model misreads nothing.")


@pytest.mark.quick
def test_correct_teach_and_the_same_drawing_is_read_right(teach: Teach, misread: tuple[list[Stroke], int, int]) -> None:
    strokes, label, wrong = misread
    pad = teach.pad
    pad.draw(strokes)
    expect(pad.reading).to_have_text(str(wrong))
    teach.label(label).click()
    expect(teach.said).to_have_text(f"Saved as a {label}.")
    teach.expect_count(1)
    teach.open_gallery()
    expect(teach.items).to_have_text(re.compile(f"✗ {label}, read {wrong}"))
    teach.teach()
    expect(pad.model).to_contain_text("Taught 1 · 9")
    expect(pad.reading).to_have_text(str(label))
    expect(teach.result).to_contain_text(re.compile(r"MNIST test\s*99.\d\d%\s*99.\d\d%"))
    expect(teach.result).to_contain_text(re.compile(r"Pen digits of other people\s*99.\d\d%\s*9\d.\d\d%"))
    expect(teach.result).to_contain_text("Too few of your drawings")
    expect(teach.note).to_have_text("The model in use reads all of them right.")
    pad.button("Clear").click()
    pad.draw(strokes)
    expect(pad.reading).to_have_text(str(label))

    pad.page.reload()
    teach.expect_count(1)
    pad.draw(strokes)
    expect(pad.reading).to_have_text(str(label))
    retrain = Retrain(pad)
    expect(retrain.row("Taught")).to_contain_text("1 drawing, from Shipped")
    expect(retrain.row("Taught")).to_contain_text("in use")


def test_a_new_tab_of_the_browser_has_the_drawings_and_another_visitor_has_not(teach: Teach, open_pad: OpenPad) -> None:
    teach.save(ONE, 1)
    second = Teach(Pad(teach.page.context.new_page()))
    second.page.goto(teach.page.url)
    second.expect_count(1)
    # Neither tab takes away what the other one saves.
    second.save(TWO_STROKES, 2)
    second.expect_count(2)
    teach.save([ONE[0], *TWO_STROKES], 3)
    teach.expect_count(3)
    Teach(open_pad()).expect_count(0)


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def serve(port: int) -> Iterator[Callable[[], gr.Blocks]]:
    """Starts an app of its own, each time on the same port."""
    started: list[gr.Blocks] = []

    def start() -> gr.Blocks:
        page, options = build_page()
        page.launch(server_port=port, prevent_thread_lock=True, quiet=True, **options)
        started.append(page)
        return page

    yield start
    for page in started:
        page.close()


def test_drawings_outlive_the_server(open_pad: OpenPad, serve: Callable[[], gr.Blocks], port: int) -> None:
    first = serve()
    teach = Teach(open_pad(base_url=f"http://127.0.0.1:{port}"))
    teach.save(ONE, 1)
    teach.page.goto("about:blank")
    first.close()
    serve()
    teach.page.goto(f"http://127.0.0.1:{port}")
    teach.expect_count(1)
    teach.open_gallery()
    expect(teach.items).to_have_text(re.compile("1"))


def test_a_saved_drawing_can_be_changed_and_taken_back(teach: Teach) -> None:
    teach.save(ONE, 7)
    expect(teach.label(7)).to_have_attribute("aria-pressed", "true")
    teach.label(1).click()
    expect(teach.said).to_have_text("Saved as a 1, no longer as a 7.")
    teach.expect_count(1)
    teach.pad.button("Undo saving").click()
    expect(teach.said).to_have_text("It is a 7 again.")
    teach.expect_count(1)
    teach.pad.draw([TWO_STROKES[0]])
    teach.label(4).click()
    expect(teach.said).to_have_text("Saved as a 4.")
    teach.expect_count(2)
    teach.pad.button("Undo saving").click()
    expect(teach.said).to_have_text("Not saved any more.")
    teach.expect_count(1)


def test_without_strokes_nothing_can_be_saved_and_the_page_says_why(teach: Teach, tmp_path: Path) -> None:
    expect(teach.label(3)).to_be_disabled()
    expect(teach.said).to_contain_text("Draw a digit, then say what it is")
    expect(teach.pad.button("Teach")).to_be_disabled()
    teach.page.evaluate(
        "detail => document.dispatchEvent(new CustomEvent('digit-picture', { detail }))", "A" * 1044 + "AA=="
    )
    expect(teach.said).to_contain_text("not a picture")
    expect(teach.label(3)).to_be_disabled()
    teach.pad.button("Undo").click()
    expect(teach.said).to_contain_text("Draw a digit, then say what it is")
    # A picture's reading beside ink that it is not about.
    teach.pad.read(ONE)
    expect(teach.label(3)).to_be_enabled()
    path = tmp_path / "seven.png"
    Image.fromarray(render_strokes([[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]])).save(path)
    teach.pad.button("Use a picture…").click()
    teach.page.locator("#picture input[type=file]").set_input_files(path)
    expect(teach.pad.reading).to_have_text("7")
    expect(teach.label(3)).to_be_disabled()
    expect(teach.said).to_contain_text("not a picture")


def test_drawings_are_downloaded_deleted_and_uploaded(teach: Teach, open_pad: OpenPad, tmp_path: Path) -> None:
    teach.save(ONE, 1)
    teach.save(TWO_STROKES, 4)
    teach.open_gallery()
    expect(teach.items).to_have_count(2)
    with teach.page.expect_download() as started:
        teach.pad.button("Download").click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert path.name == "my_drawings.json"
    assert [entry["label"] for entry in json.loads(path.read_text(encoding="utf-8"))["drawings"]] == [1, 4]

    teach.pad.button("Delete this 1").click()
    expect(teach.items).to_have_count(1)
    expect(teach.pad.button("Delete this 4")).to_be_focused()
    teach.file.set_input_files(path)
    expect(teach.gallery_said).to_have_text("1 added, 1 were there already.")
    teach.expect_count(2)
    teach.pad.button("Delete all…").click()
    expect(teach.page.get_by_test_id("confirm")).to_have_text("Delete all 2? Nothing brings them back.")
    teach.pad.button("Keep them").click()
    teach.expect_count(2)
    teach.pad.button("Delete all…").click()
    teach.page.locator(".gallery-danger").click()
    teach.expect_count(0)
    expect(teach.gallery_said).to_have_text("All deleted.")

    other = Teach(open_pad())
    other.open_gallery()
    other.file.set_input_files(path)
    other.expect_count(2)


def test_a_file_that_is_chosen_before_the_page_has_loaded_is_taken(teach: Teach, tmp_path: Path) -> None:
    path = tmp_path / "my_drawings.json"
    path.write_text(json.dumps({"format": FORMAT, "drawings": [{"label": 1, "strokes": ONE}]}), encoding="utf-8")
    held: list[Route] = []
    teach.page.route("**/run/predict*", lambda route: held.append(route))  # noqa: PLW0108
    teach.page.reload(wait_until="commit")
    teach.open_gallery()
    teach.file.set_input_files(path)
    expect(teach.file).to_have_value("")
    assert held  # the page's session is one of them
    while held:
        held.pop().continue_()
    teach.page.unroute("**/run/predict*")
    expect(teach.gallery_said).to_have_text("1 added.")
    teach.expect_count(1)


@pytest.mark.parametrize(
    "content, message",
    [
        ("seven", "drawings.json: The file is not JSON."),
        ("{}", "drawings.json: This holds no drawings."),
        ("x" * 4_000_001, "drawings.json: The file is too large"),
    ],
)
def test_a_bad_file_is_refused_and_changes_nothing(teach: Teach, content: str, message: str, tmp_path: Path) -> None:
    teach.save(ONE, 1)
    teach.open_gallery()
    path = tmp_path / "drawings.json"
    path.write_text(content, encoding="utf-8")
    teach.file.set_input_files(path)
    expect(teach.gallery_said).to_contain_text(message)
    teach.expect_count(1)


def test_a_teaching_can_be_stopped(teach: Teach, open_pad: OpenPad) -> None:
    # Another visitor's run has the machine, so that the teaching job is certainly not over.
    retrain = Retrain(open_pad())
    retrain.fill(Epochs=2000)
    retrain.start()
    retrain.wait_until_learning()
    teach.save(ONE, 1)
    teach.pad.button("Teach").click()
    expect(teach.page.get_by_test_id("teaching")).to_have_text("Number 1 in the queue …")
    teach.pad.button("Clear").click()
    teach.pad.button("Stop teaching").click()
    expect(teach.said).to_have_text("Stopped. Your model is as before.")
    expect(teach.pad.model).to_contain_text("Shipped")
    expect(teach.pad.button("Teach")).to_be_enabled()
    retrain.pad.button("Stop").click()
    expect(retrain.status).to_contain_text("Stopped: ")


def test_a_run_can_include_my_drawings(teach: Teach, tmp_path: Path) -> None:
    pad = teach.pad
    box = pad.page.get_by_role("checkbox", name="Include my drawings")
    retrain = Retrain(pad)
    expect(box).to_be_disabled()
    pad.tab("Draw")
    teach.save(ONE, 1)
    pad.tab("Retrain")
    expect(pad.page.locator("#include-drawings")).to_contain_text("Include my drawings (1)")
    box.check()
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
    expect(retrain.status).to_contain_text("1 drawing of yours among what it learned from")
    expect(retrain.row("with 1 drawing")).to_contain_text("in use")
    with retrain.page.expect_download() as started:
        pad.button("Download").click()
    path = tmp_path / "run.zip"
    started.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert [entry["label"] for entry in json.loads(archive.read("my_drawings.json"))["drawings"]] == [1]
        assert "my_drawings.json, which this command leaves out" in archive.read("command.txt").decode()


def test_on_a_phone_everything_fits(open_pad: OpenPad) -> None:
    teach = Teach(open_pad(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    teach.save(ONE, 1)
    teach.open_gallery()
    expect(teach.items).to_have_count(1)
    teach.pad.button("Write each digit three times").tap()
    expect(teach.asked).to_be_in_viewport()
    expect(teach.pad.canvas).to_be_in_viewport()
    teach.write(TWO_STROKES)
    teach.expect_count(2)
    assert teach.page.evaluate("document.documentElement.scrollWidth") <= 390
