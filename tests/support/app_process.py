"""The app in a process of its own, to be stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.visitor import ROOT, free_port, wait_for


class Served:
    """The app, from `start` on.

    Args:
        folder: an empty one; in it `temporary`, the process's temporary folder, and `log`, what it has said.
        root: of the project.
    """

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self._root = root
        self.temporary, self.log = folder / "temporary", folder / "log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *command: str, wait: bool = True, **environment: str) -> None:
        """Start it, at the same address every time.

        Args:
            command: what Python is to run; without one, the app as it is.
            wait: until it listens.
            environment: more of it.
        """
        self.temporary.mkdir(exist_ok=True)
        given = {"GRADIO_SERVER_PORT": str(self.port), "TMPDIR": str(self.temporary), "PYTHONPATH": str(self._root)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *(command or ["app.py"])],
                cwd=self._root,
                env={**os.environ, **given, **environment},
                stdout=log,
                stderr=log,
            )
        if wait:
            wait_for(self.port)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal and wait for the end; returns the exit code and the seconds that it took."""
        assert self._process is not None
        sent = time.monotonic()
        self._process.send_signal(number)
        return self.wait(), time.monotonic() - sent

    def wait(self) -> int:
        """Wait for the end; returns the exit code."""
        assert self._process is not None
        return self._process.wait(30)

    def close(self) -> None:
        """End it, if it still runs, at once."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def said(self) -> str:
        """All that it has written to standard output and standard error."""
        return self.log.read_text(encoding="utf-8")

    def files(self) -> list[str]:
        """The files, not folders, in its temporary folder."""
        return sorted(path.name for path in self.temporary.rglob("*") if path.is_file())
