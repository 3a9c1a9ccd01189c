"""The Retrain tab as a person uses it: choose, watch, evaluate, compare, keep."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support.cable import Cable
from tests.support.pad import ONE, Pad, Retrain

OpenPad = Callable[..., Pad]


@pytest.mark.quick
def test_recommended_from_start_to_a_reading_with_the_new_model(pad: Pad) -> None:
    pad.read(ONE)
    retrain = Retrain(pad)
    expect(pad.page.locator("#summary")).to_contain_text("235,146 parameters · 420,000 images")
    expect(pad.page.locator("#summary")).to_contain_text(re.compile(r"about \d+ (s|min) here"))
    retrain.start()
    retrain.wait_until_learning()
    # The drawing is read again and again: the 1 on the pad becomes the likeliest digit.
    expect(pad.page.locator("#drawing .chart-legend")).to_contain_text(re.compile(r"\b1 [89]\d"))
    expect(pad.page.locator("#drawing path.curve")).to_have_count(10)
    retrain.wait_until_done()
    expect(retrain.legend).to_contain_text(re.compile(r"training (9\d.\d|100.0)% *test 98.\d%"))
    expect(retrain.figures).to_contain_text(
        re.compile(r"98.\d\d% of 10,000 test images .*95% interval 98.\d\d% to 9\d")
    )
    expect(pad.page.get_by_test_id("verdict")).to_contain_text("learned well")
    pad.tab("Draw")
    expect(pad.model).to_contain_text("Run 1 · 98.")
    expect(pad.reading).to_have_text("1")
    pad.button("Clear").click()
    assert pad.read(ONE) == "1"


def test_stop_ends_a_run_and_keeps_the_model_so_far_only_if_wanted(retrain: Retrain) -> None:
    pad = retrain.pad
    retrain.fill(Epochs=500)
    retrain.start()
    retrain.wait_until_learning()
    # Epochs of 60,000 images: none is complete yet.
    pad.button("Stop").click()
    expect(retrain.status).to_contain_text("Stopped: ")
    expect(pad.button("Stop")).to_be_disabled()
    expect(retrain.row("Recommended")).to_have_count(0)
    pad.tab("Draw")
    expect(pad.model).to_contain_text("Shipped · ")
    pad.tab("Retrain")
    pad.button("Keep this model").click()
    expect(retrain.status).to_contain_text("Kept as Run 1")
    expect(retrain.row("Recommended")).to_contain_text("in use")
    expect(pad.button("Keep this model")).to_be_hidden()
    pad.tab("Draw")
    expect(pad.model).to_contain_text("Run 1 · ")


def duplicated(retrain: Retrain) -> Retrain:
    """The same visitor's page in another tab, as the browser's "Duplicate" makes it: with a copy of sessionStorage."""
    with retrain.page.context.expect_page() as opened:
        retrain.page.evaluate("() => void window.open(location.href)")
    pad = Pad(opened.value)
    pad.canvas.wait_for()
    expect(pad.model).not_to_have_text("")
    return Retrain(pad)


@pytest.mark.parametrize("closed", ["the one that started", "the other"])
def test_a_run_goes_on_when_one_of_two_tabs_is_closed(open_pad: OpenPad, closed: str) -> None:
    first = Retrain(open_pad())
    first.fill(Epochs=2000)
    first.start()
    first.wait_until_learning()
    second = duplicated(first)
    # The other tab shows the run, and does not start a second one.
    second.wait_until_learning()
    second.start()
    expect(second.page.get_by_test_id("toast-body")).to_contain_text("A run of yours is on already")
    leaves, stays = (first, second) if closed == "the one that started" else (second, first)
    leaves.page.close()
    # It goes on telling, five times a second, long after the server has noticed.
    for _ in range(15):
        told = stays.status.inner_text()
        assert "images/s" in told
        expect(stays.status).not_to_have_text(told)
    stays.pad.button("Stop").click()
    stays.pad.button("Keep this model").click()
    expect(stays.row("Recommended")).to_contain_text("in use")


def test_stop_works_in_another_tab_and_both_say_so(retrain: Retrain) -> None:
    retrain.fill(Epochs=2000)
    retrain.start()
    retrain.wait_until_learning()
    other = duplicated(retrain)
    other.wait_until_learning()
    other.pad.button("Stop").click()
    for tab in (other, retrain):
        expect(tab.status).to_contain_text("Stopped: ")
        expect(tab.pad.button("Keep this model")).to_be_visible()


def test_a_closed_tab_frees_the_machine(open_pad: OpenPad) -> None:
    first, second = Retrain(open_pad()), Retrain(open_pad())
    first.fill(Epochs=2000)
    first.start()
    first.wait_until_learning()
    second.small()
    second.start()
    expect(second.status).to_contain_text("Number 1 in the queue: 1 run before yours")
    first.page.close()
    second.wait_until_done()


def test_the_learning_rate_can_be_changed_while_it_runs(retrain: Retrain, tmp_path: Path) -> None:
    retrain.choose("Preset", "Seed recipe")
    expect(retrain.page.get_by_label("Learning rate", exact=True)).to_have_value("0.01")
    retrain.start()
    retrain.wait_until_learning()
    rate = retrain.page.locator("#loss .chart-legend")
    expect(rate).to_contain_text("rate 0.01")
    retrain.fill(Learning_rate=0.02)
    expect(rate).to_contain_text("rate 0.02")
    retrain.pad.button("Stop").click()
    retrain.pad.button("Keep this model").click()
    expect(retrain.row("Seed recipe")).to_contain_text("in use")
    with zipfile.ZipFile(retrain.download(tmp_path)) as archive:
        rates = [point["learning_rate"] for point in json.loads(archive.read("history.json"))["train"]]
        command = archive.read("command.txt").decode()
    assert rates[0] == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0.02)
    assert rates == sorted(rates)
    assert re.search(r"--rate-change \d+ 0.02", command)


def test_a_run_that_diverges_says_so_and_changes_nothing(retrain: Retrain) -> None:
    retrain.choose("Optimizer", "SGD")
    retrain.choose("Loss", "Squared error")
    retrain.fill(Learning_rate=10)
    retrain.start()
    expect(retrain.status).to_contain_text("the training diverged. Lower the learning rate")
    expect(retrain.page.locator(".run-more")).to_have_text("Your model, runs and drawings are as before.")
    expect(retrain.row("Shipped")).to_contain_text("in use")
    expect(retrain.pad.button("Start")).to_be_enabled()


def test_two_visitors_train_and_draw_without_meeting(open_pad: OpenPad) -> None:
    first, second = open_pad(), open_pad()
    assert first.read(ONE) == "1"
    second.expect_empty()
    one, two = Retrain(first), Retrain(second)
    one.fill(Epochs=2000)
    one.start()
    one.wait_until_learning()
    two.small()
    two.choose("Activation", "Tanh")
    two.start()
    expect(two.status).to_contain_text("Number 1 in the queue")

    # While the first one learns and the second one waits, a third one draws, with the shipped model.
    third = open_pad()
    assert third.read(ONE) == "1"
    expect(third.model).to_contain_text("Shipped · ")

    first.button("Stop").click()
    first.button("Keep this model").click()
    two.wait_until_done()
    expect(two.row("Recommended")).to_contain_text("in use")
    expect(second.page.locator("#comparison path.curve")).to_have_count(1)
    expect(second.page.locator("#drawing path.curve")).to_have_count(0)
    expect(first.page.locator("#drawing path.curve")).to_have_count(10)
    for pad, tab in ((first, one), (second, two)):
        expect(tab.row("Recommended")).to_have_count(1)
        pad.tab("Draw")
    expect(first.model).to_contain_text("Run 1 · ")
    expect(second.model).to_contain_text("Run 1 · ")
    assert first.model.inner_text() != second.model.inner_text()
    second.expect_empty()
    expect(third.model).to_contain_text("Shipped · ")


@pytest.mark.quick
def test_presets_fill_the_form_in(retrain: Retrain) -> None:
    page = retrain.page
    retrain.choose("Preset", "Seed recipe")
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("30")
    expect(page.get_by_label("Batch size", exact=True)).to_have_value("32")
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("0.01")
    expect(page.get_by_label("Optimizer", exact=True)).to_have_value("SGD")
    expect(page.get_by_label("Loss", exact=True)).to_have_value("Squared error")
    expect(page.locator("#summary")).to_contain_text("1,800,000 images")
    retrain.choose("Preset", "Few images")
    expect(page.locator("#summary")).to_contain_text("60,000 images")


def test_the_slider_of_the_learning_rate_is_logarithmic(retrain: Retrain) -> None:
    slider = retrain.page.get_by_label("Learning rate, logarithmic slider")
    retrain.fill(Learning_rate=0.001)
    expect(slider).to_have_value("-3")
    slider.fill("-2")
    expect(retrain.page.get_by_label("Learning rate", exact=True)).to_have_value("0.01")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"Epochs": 0}, "`epochs`. Expected a whole number from 1 to 2000. Received: 0"),
        ({"Learning_rate": -1}, "`learning_rate`. Expected a number from 1e-06 to 10. Received: -1"),
        ({"Learning_rate": "fast"}, "`learning_rate`. Expected a number from 1e-06 to 10. Received: 'fast'"),
        ({"Batch_size": ""}, "`batch_size`. Expected a whole number from 1 to 4096. Received: None"),
    ],
)
def test_what_cannot_be_trained_is_named_before_it_starts(retrain: Retrain, settings: dict, message: str) -> None:
    retrain.fill(**settings)
    expect(retrain.page.locator("#summary [role=alert]")).to_contain_text(message)
    retrain.start()
    expect(retrain.status).to_contain_text(message)
    expect(retrain.pad.button("Start")).to_be_enabled()


def test_going_on_from_a_model_of_another_shape_is_refused_by_name(retrain: Retrain) -> None:
    retrain.more_settings()
    retrain.fill(First_hidden_layer=32)
    expect(retrain.page.locator("#summary")).to_contain_text("30,634 parameters")
    retrain.page.get_by_label("Model in use").check()
    expect(retrain.page.locator("#summary")).to_contain_text("`hidden_units`. Expected (256, 128)")


def test_a_lost_connection_is_said_and_the_page_works_again_after_it(open_pad: OpenPad, url: str) -> None:
    cable = Cable(urlsplit(url).port or 80)
    pad = open_pad(base_url=f"http://127.0.0.1:{cable.port}")
    pad.read(ONE)
    retrain = Retrain(pad)
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
    retrain.fill(Epochs=2000)
    retrain.start()
    retrain.wait_until_learning()
    cable.cut()
    expect(retrain.status).to_contain_text("The connection to the server is lost")
    cable.mend()
    # Gradio loads the page anew; model, runs and drawing are there again.
    expect(pad.model).to_contain_text("Run 1 · ")
    expect(pad.reading).not_to_have_text("")
    assert pad.ink() > 0
    retrain = Retrain(pad)
    expect(retrain.row("Recommended")).to_contain_text("in use")
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
    pad.tab("Draw")
    expect(pad.model).to_contain_text("Run 3 · ")


def test_a_reload_keeps_the_runs_and_clears_the_pad(pad: Pad) -> None:
    pad.read(ONE)
    retrain = Retrain(pad)
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
    pad.page.reload()
    expect(pad.model).to_contain_text("Run 1 · ")
    pad.expect_empty()
    expect(Retrain(pad).row("Recommended")).to_contain_text("in use")


def test_a_second_start_is_refused_and_the_first_goes_on(retrain: Retrain) -> None:
    retrain.fill(Epochs=2000)
    retrain.start()
    retrain.wait_until_learning()
    retrain.start()
    expect(retrain.page.get_by_test_id("toast-body")).to_contain_text("A run of yours is on already")
    expect(retrain.status).to_contain_text("Epoch")
    retrain.pad.button("Stop").click()
    expect(retrain.status).to_contain_text("Stopped: ")
