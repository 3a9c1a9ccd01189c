"""The app in another site's frame, in browsers that keep something for it there and in those that do not."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, expect

from tests.support.pad import ONE, Pad, Retrain
from tests.support.teach import Teach

# What a person can choose in Chromium's settings, as its file of preferences says it.
SETTINGS: dict[str, dict[str, Any]] = {
    "allowed": {"cookie_controls_mode": 0, "block_third_party_cookies": False},
    "third-party blocked": {"cookie_controls_mode": 1, "block_third_party_cookies": True},
    "all blocked": {"default_content_setting_values": {"cookies": 2}},
}
NOTHING_KEPT = "Your browser blocks storage for this page: everything works, but a reload starts anew."


class FramedPage:
    """A frame, with what of its page the tests' helpers need besides."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.mouse, self.expect_download = frame.page.mouse, frame.page.expect_download

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frame, name)


@pytest.fixture
def framing(url: str, tmp_path: Path) -> Iterator[str]:
    """A page that has the app in a frame; to a browser, localhost is another site than 127.0.0.1."""
    (tmp_path / "index.html").write_text(
        f'<!doctype html><iframe src="{url}" width="1240" height="1800"></iframe>', encoding="utf-8"
    )
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=SETTINGS)
def framed(
    request: pytest.FixtureRequest, browser: Browser, executable: str, framing: str, tmp_path: Path
) -> Iterator[tuple[str, Pad]]:
    """The name of a browser's settings, and the app in a frame there."""
    folder = tmp_path / "profile" / "Default"
    folder.mkdir(parents=True)
    (folder / "Preferences").write_text(json.dumps({"profile": SETTINGS[request.param]}), encoding="utf-8")
    context = browser.browser_type.launch_persistent_context(
        folder.parent,
        executable_path=executable,
        args=["--no-sandbox", "--disable-gpu"],
        viewport={"width": 1280, "height": 1900},
    )
    page = context.pages[0]
    page.goto(framing)
    pad = Pad(FramedPage(page.frames[1]))  # type: ignore[arg-type]
    pad.canvas.wait_for()
    yield request.param, pad
    context.close()


def test_everything_works_in_another_sites_frame(framed: tuple[str, Pad], tmp_path: Path) -> None:
    settings, pad = framed
    is_kept = settings == "allowed"
    notice = pad.page.get_by_text(NOTHING_KEPT)
    if is_kept:
        expect(notice).to_be_hidden()
    else:
        expect(notice).to_be_visible()
    assert pad.read(ONE) == "1"

    teach = Teach(pad)
    teach.label(1).click()
    expect(teach.said).to_have_text("Saved as a 1.")
    expect(teach.count).to_contain_text("1 drawing so far.")
    told = "Your browser keeps nothing for this page: before you close or reload it, download My drawings."
    expect(teach.keeping).to_have_text("" if is_kept else told)
    teach.open_gallery()
    with pad.page.expect_download() as started:
        pad.button("Download").click()
    started.value.save_as(tmp_path / "mine.json")
    content = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    assert [entry["label"] for entry in content["drawings"]] == [1]
    teach.teach()
    expect(pad.model).to_contain_text("Taught 1 · 9")

    retrain = Retrain(pad)
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
