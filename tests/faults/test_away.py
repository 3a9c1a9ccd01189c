"""The server killed, stopped or cut off while people use it: what is theirs comes back, or is said to be gone."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable

from playwright.sync_api import expect

from mnist_core import Classifier
from tests.support.app_process import Served
from tests.support.cable import Cable
from tests.support.pad import ONE, TWO_STROKES, Pad, Retrain

OpenPage = Callable[[str], Pad]


def trained(pad: Pad) -> Retrain:
    """The page after a short run of its own."""
    retrain = Retrain(pad)
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
    return retrain


def say_it_is(pad: Pad, digit: int) -> None:
    """Save what is on the pad in My drawings."""
    pad.page.locator(f".teach [data-label='{digit}']").click()
    expect(pad.page.get_by_test_id("said")).to_contain_text("Saved as")


def test_killed_during_a_run_and_started_again(served: Served, open_page: OpenPage) -> None:
    served.start()
    pad = open_page(served.url)
    pad.read(ONE)
    say_it_is(pad, 1)
    retrain = trained(pad)
    retrain.fill(Epochs=2000)
    retrain.start()
    retrain.wait_until_learning()
    served.end(signal.SIGKILL)
    expect(retrain.status).to_contain_text("The connection to the server is lost")
    expect(retrain.status).to_contain_text("My drawings are safe in your browser")
    served.start()
    # Gradio loads the page anew. What the browser keeps is there; what the server kept is said to be gone.
    gone = pad.page.get_by_test_id("gone")
    expect(gone).to_contain_text(re.compile(r"^Run 1 · \d\d\.\d% is gone, with all runs"))
    expect(gone).to_contain_text("My drawings are safe")
    expect(pad.page.get_by_test_id("drawings-count")).to_contain_text("1 drawing so far")
    expect(pad.model).to_contain_text("Shipped · ")
    expect(pad.reading).to_have_text("1")
    assert pad.ink() > 0
    retrain = trained(pad)
    expect(retrain.row("Recommended")).to_contain_text("in use")
    pad.tab("Draw")
    expect(pad.model).to_contain_text("Run 1 · ")
    expect(gone).to_have_text("")


def test_killed_and_started_again_behind_the_back_of_a_page_that_was_idle(served: Served, open_page: OpenPage) -> None:
    served.start()
    pad = open_page(served.url)
    trained(pad)
    pad.tab("Draw")
    expect(pad.model).to_contain_text("Run 1 · ")
    served.end(signal.SIGKILL)
    served.start()
    assert pad.read(ONE) == "1"
    expect(pad.model).to_contain_text("Shipped · ")
    expect(pad.page.get_by_test_id("gone")).to_contain_text("Reload the page to train or teach again")
    retrain = Retrain(pad)
    retrain.start()
    expect(pad.page.get_by_test_id("toast-body").first).to_contain_text("the server was started anew. Reload the page.")


def test_nothing_is_said_to_be_gone_that_never_was(served: Served, open_page: OpenPage) -> None:
    served.start()
    pad = open_page(served.url)
    pad.read(ONE)
    served.end(signal.SIGKILL)
    served.start()
    pad.page.reload()
    expect(pad.model).to_contain_text("Shipped · ")
    assert pad.read(TWO_STROKES)
    expect(pad.page.get_by_test_id("gone")).to_have_text("")


def test_stopped_during_a_run_the_page_says_so_and_what_is_safe(served: Served, open_page: OpenPage) -> None:
    served.start()
    pad = open_page(served.url)
    retrain = Retrain(pad)
    retrain.fill(Epochs=2000)
    retrain.start()
    retrain.wait_until_learning()
    served.end()
    expect(retrain.status).to_contain_text("The server is being stopped. My drawings are safe in your browser")
    pad.tab("Draw")
    pad.draw(ONE)
    expect(pad.message).to_contain_text("The server does not answer. Your drawing stays here")
    served.start()
    # The pad asks again by itself.
    expect(pad.reading).to_have_text("1")


def test_a_silent_server_is_not_said_to_be_lost_and_its_run_is_shown_again(served: Served, open_page: OpenPage) -> None:
    served.start()
    retrain = Retrain(open_page(served.url))
    retrain.fill(Epochs=2000)
    retrain.start()
    retrain.wait_until_learning()
    os.kill(served.pid, signal.SIGSTOP)
    # Long after the page has noticed: it goes on counting, and makes no more of it.
    expect(retrain.status).to_have_text(re.compile(r"^No word from the server for 1\d s …$"))
    os.kill(served.pid, signal.SIGCONT)
    retrain.wait_until_learning()
    retrain.pad.button("Stop").click()
    expect(retrain.status).to_contain_text("Stopped: ")


def test_a_cut_while_drawing_loses_no_ink_and_the_reading_comes_when_it_is_mended(
    served: Served, open_page: OpenPage
) -> None:
    served.start()
    cable = Cable(served.port)
    pad = open_page(f"http://127.0.0.1:{cable.port}")
    pad.read([TWO_STROKES[0]])
    cable.cut()
    pad.draw([TWO_STROKES[1]])
    expect(pad.message).to_contain_text("The server does not answer. Your drawing stays here")
    ink = pad.ink()
    cable.mend()
    expect(pad.reading).not_to_have_text("")
    pad.wait_until_read()
    assert pad.ink() == ink
    expected = Classifier.load().read([[list(point) for point in stroke] for stroke in TWO_STROKES])
    assert pad.reading.inner_text() == (str(expected.digit) if expected.is_digit else "?")
