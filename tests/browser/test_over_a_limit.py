"""What a visitor sees who is over a limit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.support.pad import ONE, Pad, Retrain
from ui.limits import Limits
from ui.page import build_page

OpenPad = Callable[..., Pad]
ASKS = "**/gradio_api/component_server/"


def test_a_refusal_is_shown_and_the_pad_asks_again_by_itself(pad: Pad) -> None:
    pad.read(ONE)
    refused: list[Route] = []

    def refuse(route: Route) -> None:
        refused.append(route)
        content = {"error": "Too many readings at once: 30 a second of you are answered.", "again": 1.0}
        route.fulfill(status=429, body=json.dumps(content), content_type="application/json")

    pad.page.route(ASKS, refuse)
    pad.draw(ONE)
    expect(pad.message).to_have_text("Too many readings at once: 30 a second of you are answered.")
    pad.page.unroute(ASKS)
    expect(pad.reading).to_have_text("1")
    expect(pad.message).to_have_text("")
    assert refused


@pytest.fixture
def full() -> Iterator[str]:
    """The address of an app with one place."""
    page, options = build_page(Limits(sessions=1))
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    yield url
    page.close()


def test_a_full_app_says_so_and_reads_and_the_first_visitor_keeps_their_place(full: str, open_pad: OpenPad) -> None:
    first = open_pad(base_url=full)
    assert first.read(ONE) == "1"
    retrain = Retrain(first)
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
    newcomer = open_pad(base_url=full)
    notice = newcomer.page.locator("#notice")
    expect(notice).to_contain_text("The app is full: 1 visitors are here.")
    assert newcomer.read(ONE) == "1"
    expect(newcomer.model).to_contain_text("Shipped")
    second = Retrain(newcomer)
    second.start()
    expect(newcomer.page.get_by_text("This page has no place in the app").first).to_be_visible()
    expect(first.page.locator("#notice")).to_be_hidden()
    first.tab("Draw")
    first.draw(ONE)
    expect(first.model).to_contain_text("Run 1")
