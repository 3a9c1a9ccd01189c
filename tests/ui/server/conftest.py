from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.support.visitor import Visitor
from ui.limits import Limits
from ui.page import build_page
from ui.server.address import launch


@contextmanager
def serving(limits: Limits) -> Iterator[str]:
    page, options = build_page(limits)
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    yield url.rstrip("/")
    page.close()


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of an app as `python app.py` serves it; nobody else asks it for anything."""
    page, options = build_page()
    launch(page, None, None, quiet=True, **options)
    yield page.local_url.rstrip("/")
    page.close()


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    """The address of an app that takes files of 1 MB and answers 20 readings a second."""
    with serving(Limits(upload_megabytes=1, readings_per_second=20)) as url:
        yield url


@pytest.fixture
def narrow() -> Iterator[str]:
    """The address of an app with room for five visitors, one from each address."""
    with serving(Limits(sessions=5)) as url:
        yield url


@pytest.fixture
def come(request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """Opens the page of the app of that name, from an address."""
    visitors: list[Visitor] = []

    def open_page(app: str, address: str) -> Visitor:
        visitors.append(Visitor(request.getfixturevalue(app), address))
        return visitors[-1]

    yield open_page
    for visitor in visitors:
        visitor.leave()
