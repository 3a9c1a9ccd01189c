"""Behind a proxy that serves the app under a path: with GRADIO_ROOT_PATH it works; without, the page says what to set.

The browser itself does what the proxy would: it asks for what is under the path without the path, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.app_process import Served
from tests.support.pad import ONE, PATIENCE, Pad
from ui.server.address import tidy_root_path

PATH = "/digits"
NOTICE = "#not-here"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.route("**/*", behind_proxy)
    page = context.new_page()
    yield page
    page.unroute_all(behavior="ignoreErrors")
    context.close()


def behind_proxy(route: Route) -> None:
    """Of this host only what is under the path is the app's."""
    url = urlsplit(route.request.url)
    if url.path.startswith(f"{PATH}/"):
        route.continue_(url=url._replace(path=url.path.removeprefix(PATH)).geturl())
    else:
        route.fulfill(status=404, body="Not Found")


@pytest.mark.parametrize("root_path", [PATH, f"{PATH}/", "the whole address"])
def test_under_a_path_that_is_set_the_app_reads_and_asks_for_nothing_else(
    served: Served, page: Page, root_path: str
) -> None:
    served.start(GRADIO_ROOT_PATH=root_path if root_path.startswith("/") else served.url + PATH)
    missing: list[str] = []
    page.on("response", lambda answer: answer.status >= 400 and missing.append(urlsplit(answer.url).path))
    page.goto(f"{served.url}{PATH}/")
    pad = Pad(page)
    pad.draw(ONE)
    expect(pad.reading).to_have_text("1")
    expect(page.locator(NOTICE)).to_have_count(0)
    assert set(missing) <= {"/manifest.json"}  # of Gradio's own, which it always asks for at the top


def test_under_a_path_that_is_not_set_the_page_says_what_to_set(served: Served, page: Page) -> None:
    served.start()
    page.goto(f"{served.url}{PATH}/")
    expect(page.locator(NOTICE)).to_contain_text("This page cannot reach its server, and reads nothing.")
    expect(page.locator(NOTICE)).to_contain_text(f"Start it with GRADIO_ROOT_PATH={PATH} ")


def test_under_another_path_than_the_one_that_is_set_the_page_says_what_to_set(served: Served, page: Page) -> None:
    served.start(GRADIO_ROOT_PATH="/numbers")
    page.goto(f"{served.url}{PATH}/")
    expect(page.locator(NOTICE)).to_contain_text(f"takes its address for {served.url}/numbers.")


@pytest.mark.parametrize("root_path", ["", PATH])
def test_without_a_proxy_nothing_is_said(served: Served, page: Page, root_path: str) -> None:
    page.context.unroute("**/*")
    served.start(GRADIO_ROOT_PATH=root_path)
    page.goto(served.url)
    pad = Pad(page)
    pad.draw(ONE)
    expect(pad.reading).to_have_text("1")
    expect(page.locator(NOTICE)).to_have_count(0)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("", ""), ("/", ""), ("/digits", "/digits"), ("/digits/", "/digits"), ("https://a.org/b/", "https://a.org/b")],
)
def test_a_root_path_is_a_path_or_a_whole_address(given: str, kept: str) -> None:
    environment = {"GRADIO_ROOT_PATH": given}
    tidy_root_path(environment)
    assert environment == {"GRADIO_ROOT_PATH": kept}


@pytest.mark.parametrize("given", ["digits", "example.org/digits", " /digits"])
def test_what_is_no_root_path_is_said(given: str) -> None:
    with pytest.raises(ValueError, match="GRADIO_ROOT_PATH must be a path that begins with /"):
        tidy_root_path({"GRADIO_ROOT_PATH": given})
