"""A visit of the page, in a process of its own, which can be in another network than the tests.

python visit.py ADDRESS PICTURE: prints as JSON what was seen.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

from gradio_client import Client, handle_file
from playwright.sync_api import Page, expect, sync_playwright
from provide_browser import find_browser

from tests.support.pad import ONE, PATIENCE, Pad, Retrain

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main(address: str, picture: str) -> None:
    """Draw, train, take the model home, bring it back, hand in a picture; then the same as a program does."""
    executable = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        seen = _as_a_person(page, picture)
        seen["kept"] = page.evaluate("() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        seen["cookies"] = page.context.cookies()
        browser.close()
    seen |= _as_a_program(address, picture)
    seen["networks"] = [name for _, name in socket.if_nameindex()]
    print(json.dumps(seen))


def _as_a_person(page: Page, picture: str) -> dict[str, object]:
    pad = Pad(page)
    pad.draw(ONE)
    expect(pad.reading).not_to_be_empty()
    seen: dict[str, object] = {"drawn": pad.reading.inner_text()}
    retrain = Retrain(pad)
    retrain.small()
    retrain.start()
    retrain.wait_until_done()
    expect(retrain.row("Recommended")).to_contain_text("in use")
    with page.expect_download() as download:
        pad.button("Download").click()
    archive = {"name": "mine.zip", "mimeType": "application/zip", "buffer": download.value.path().read_bytes()}
    page.locator("#run-buttons input[type=file]").set_input_files(archive)
    expect(retrain.row("mine.zip")).to_contain_text("in use")
    pad.tab("Draw")
    seen["model"] = pad.model.inner_text()
    pad.button("Use a picture…").click()
    page.locator("#picture input[type=file]").set_input_files(Path(picture))
    expect(pad.reading).to_have_text("5")
    return seen


def _as_a_program(address: str, picture: str) -> dict[str, object]:
    client = Client(address, verbose=False)
    answer = client.predict(handle_file(picture), api_name="/read_picture")
    run = client.predict(epochs=1, train_size=2000, hidden_units=[16, 12], api_name="/retrain")
    client.close()
    return {"picture": Path(picture).name, "read": answer["digit"], "run": run["state"]}


if __name__ == "__main__":
    main(*sys.argv[1:])
