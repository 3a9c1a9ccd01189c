"""The app in a process of its own, and pages of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.app_process import Served
from tests.support.pad import PATIENCE, Pad

OpenPage = Callable[[str], Pad]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    app = Served(tmp_path)
    yield app
    app.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens the page at an address as a new visitor."""
    contexts = []

    def open_one(url: str) -> Pad:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(url)
        pad = Pad(page)
        pad.canvas.wait_for()
        return pad

    yield open_one
    for context in contexts:
        context.close()
