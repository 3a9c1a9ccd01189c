"""Fixtures of all tests: the running app, and a browser."""

from __future__ import annotations

import os

# As app.py does, before NumPy is loaded, for all processes: on a busy machine, threads of OpenBLAS that wait for each
# other make a drawing's picture take twenty times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from provide_browser import ADVICE, find_browser

from ui.page import build_page

# The same examples every time, and no deadline: a new find belongs on a developer's desk, a busy machine is no failure.
settings.register_profile("calm", derandomize=True, deadline=None)
settings.load_profile("calm")

# These take seconds each, or try a great many inputs: only what is marked `quick` of them is in the default run.
SLOW_FOLDERS = {"browser", "faults", "hosting", "hostile"}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name in SLOW_FOLDERS and not item.get_closest_marker("quick"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def executable() -> str:
    """Path of a real browser. A machine without one fails the tests that need it; it does not skip them."""
    found = find_browser()
    if found is None:
        pytest.fail(ADVICE)
    return found


@pytest.fixture(scope="session")
def browser(executable: str) -> Iterator[Browser]:
    """A real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """Where the app is served for these tests."""
    page, options = build_page()
    _, local_url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    yield local_url
    page.close()
