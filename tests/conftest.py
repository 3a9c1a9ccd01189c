from __future__ import annotations

from collections.abc import Iterator

import pytest

from ui.page import build_page


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """Where the app is served for these tests."""
    page, options = build_page()
    _, local_url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    yield local_url
    page.close()
