"""A disk that is full or read-only: what could not be written is named, with the reason, and nothing is left of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from write_all import NAMES, OLD

from tests.support.app_process import Served
from tests.support.disks import Disk, small_disk
from tests.support.pad import ONE, Retrain
from tests.support.visitor import ROOT
from tests.support.waiting import wait_until

SCRIPT = Path(__file__).with_name("write_all.py")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.mark.parametrize("how", ["fill", "protect"])
def test_no_file_is_half_written_and_the_old_one_stays(disk: Disk, tmp_path: Path, how: str) -> None:
    for name in NAMES:
        (disk.folder / name).write_bytes(OLD)
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)  # for the user that the process may step down to
    command = [sys.executable, str(SCRIPT), str(tmp_path), how]
    path = os.pathsep.join([str(ROOT), str(SCRIPT.parent)])
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    said = json.loads(ran.stdout.decode().splitlines()[-1])
    system = said.pop("system")
    assert said == {name: f"{name} could not be written: {system}." for name in NAMES}
    assert {path.name for path in disk.folder.iterdir()} - {"filler"} == set(NAMES)
    assert all((disk.folder / name).read_bytes() == OLD for name in NAMES)


def test_the_page_says_what_could_not_be_written_and_goes_on(tmp_path: Path, open_page: Callable) -> None:
    served = Served(tmp_path)
    with small_disk(served.temporary) as disk:
        try:
            served.start()
            pad = open_page(served.url)
            retrain = Retrain(pad)
            retrain.small()
            retrain.start()
            retrain.wait_until_done()
            system = disk.fill(served.pid)
            toasts = pad.page.get_by_test_id("toast-body")
            pad.button("Download").click()
            expect(toasts.last).to_contain_text(f"run-1.zip could not be written: {system}.")
            retrain.page.locator("#run-buttons input[type=file]").set_input_files(ROOT / "weights" / "shipped.npz")
            expect(toasts.last).to_contain_text("The server cannot store the file")
            assert [name for name in served.files() if name != "filler"] == []
            pad.tab("Draw")
            expect(pad.model).to_contain_text("Run 1 · ")
            pad.draw(ONE)
            pad.wait_until_read()
            assert pad.reading.inner_text()
            assert "Traceback" not in served.said()
        finally:
            served.close()


def test_an_upload_that_breaks_off_leaves_nothing(served: Served) -> None:
    served.start()
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nContent-Length: 500000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.npz"\r\n\r\n'
    )
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(head.encode() + bytes(200_000))
        wait_until(lambda: served.files() != [])
    wait_until(lambda: served.files() == [])
    assert "Traceback" not in served.said()
