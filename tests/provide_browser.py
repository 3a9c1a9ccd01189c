"""Make sure that the browser tests have a Chromium: use what is there, else Playwright's own, else the system's.

`python tests/provide_browser.py` prints the browser that will be used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "The browser tests need Chromium. Get it with `python -m playwright install --with-deps chromium`, "
    "or with your system's package manager, for example `apt-get install chromium`."
)


def find_browser() -> str | None:
    """Path of a Chromium that tests can drive: Playwright's own, else the system's; None where there is none."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    return next(filter(None, map(shutil.which, NAMES)), None)


def provide_browser() -> str:
    """Find a browser, installing one where there is none.

    Raises:
        SystemExit: none could be had; the message says what to do by hand.
    """
    found = find_browser()
    for install in (_install_playwrights, _install_systems):
        if found is None:
            install()
            found = find_browser()
    if found is None:
        sys.exit(ADVICE)
    return found


def _install_playwrights() -> None:
    playwright = [sys.executable, "-m", "playwright"]
    # The libraries come from the system's package manager: no use fetching them before the browser is there.
    if _run([*playwright, "install", "chromium"]):
        _run([*playwright, "install-deps", "chromium"])


def _install_systems() -> None:
    if shutil.which("apt-get") is None:
        return
    sudo = ["sudo"] if os.geteuid() != 0 and shutil.which("sudo") else []
    _run([*sudo, "apt-get", "update"])
    _run([*sudo, "apt-get", "install", "-y", "chromium"])


def _run(command: list[str]) -> bool:
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    print("Browser for the tests:", provide_browser())
