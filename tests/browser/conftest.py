"""Open pages of the app, and what is drawn on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser

from mnist_core import PenDigits, load_pen_digits
from tests.support.pad import PATIENCE, Pad, Retrain
from tests.support.teach import Teach


@pytest.fixture
def open_pad(browser: Browser, url: str) -> Iterator[Callable[..., Pad]]:
    """Opens the page as a new visitor, with Playwright's options of a browser context."""
    contexts = []

    def open_one(**options: object) -> Pad:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(str(options.get("base_url", url)))
        pad = Pad(page)
        pad.canvas.wait_for()
        return pad

    yield open_one
    for context in contexts:
        # Requests that a test holds back may still be under way.
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.close()


@pytest.fixture
def pad(open_pad: Callable[..., Pad]) -> Pad:
    return open_pad()


@pytest.fixture
def teach(pad: Pad) -> Teach:
    return Teach(pad)


@pytest.fixture(scope="session")
def pen_digits() -> PenDigits:
    """Real digits of writers that no shipped model has learnt from."""
    return load_pen_digits("dev")


@pytest.fixture(scope="session")
def sample(pen_digits: PenDigits) -> np.ndarray:
    """Every thirtieth of them: 52 digits of 27 of the 31 writers."""
    return np.arange(0, len(pen_digits), 30)


@pytest.fixture
def retrain(pad: Pad) -> Retrain:
    return Retrain(pad)
