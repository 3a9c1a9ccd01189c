"""SIGTERM and Ctrl+C: the process ends soon and says so to those whose run ends with it."""

from __future__ import annotations

import contextlib
import signal
import threading
import time

import httpx
import pytest

from tests.support.app_process import Served
from tests.support.crowd import Crowd
from tests.support.visitor import Visitor
from tests.support.waiting import PATIENCE, wait_until

MOST_SECONDS = 5.0
TOLD = "The server is being stopped. My drawings are safe in your browser"


class Watching:
    """A visitor who has pressed Start and watches.

    Attributes:
        told: what the card has said.
    """

    def __init__(self, url: str) -> None:
        self.told: list[str] = []
        self._visitor = Visitor(url)
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        with contextlib.suppress(httpx.HTTPError):
            for text in self._visitor.start(Epochs=2000):
                self.told.append(text)

    def wait_for(self, beginning: str) -> None:
        wait_until(lambda: any(text.startswith(beginning) for text in self.told))

    def last_word(self) -> str:
        self._thread.join(PATIENCE)
        return self.told[-1]


def expect_a_clean_end(served: Served, number: int = signal.SIGTERM) -> None:
    code, seconds = served.end(number)
    assert code == 0
    assert seconds < MOST_SECONDS
    assert "Traceback" not in served.said()
    assert served.files() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_with_open_pages_that_do_nothing(served: Served, number: int) -> None:
    served.start()
    _visitors = [Visitor(served.url) for _ in range(3)]
    expect_a_clean_end(served, number)


def test_while_it_is_starting(served: Served) -> None:
    served.start(wait=False)
    time.sleep(0.3)  # within the imports, which take two seconds
    code, seconds = served.end()
    assert code in (0, -signal.SIGTERM)
    assert seconds < MOST_SECONDS
    assert "Traceback" not in served.said()


def test_while_drawings_are_read(served: Served) -> None:
    served.start()
    visitors = [Visitor(served.url) for _ in range(5)]
    with pytest.raises((OSError, EOFError)), Crowd(visitors) as crowd:
        wait_until(lambda: len(crowd.waits.answers) > 20)
        expect_a_clean_end(served)


def test_during_a_run_while_others_wait(served: Served) -> None:
    served.start()
    first = Watching(served.url)
    first.wait_for("Epoch")
    second, third = Watching(served.url), Watching(served.url)
    second.wait_for("Number ")
    third.wait_for("Number ")
    expect_a_clean_end(served)
    for watching in (first, second, third):
        assert watching.last_word().startswith(TOLD)


def test_while_a_run_gets_ready(served: Served) -> None:
    """TensorFlow is being imported then, in a thread that cannot be stopped."""
    served.start()
    watching = Watching(served.url)
    watching.wait_for("Getting ready")
    expect_a_clean_end(served)
    watching.last_word()
