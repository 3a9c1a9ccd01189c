"""The app, started as a host starts it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from confine import makes_networks

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PARTS = ("app.py", "ui", "mnist_core", "weights")  # what the app consists of
PATIENCE = 120.0  # s
TOLD = "asked for: "  # what tell/sitecustomize.py begins its lines with


@dataclass(frozen=True)
class Hosted:
    """A running app: its process, its folder, the one for temporary files, and what it has printed."""

    process: subprocess.Popen[bytes]
    folder: Path
    temporary: Path
    log: Path

    def printed(self) -> list[str]:
        """The lines that the app has printed, without the addresses that it asked for."""
        return [
            line for line in self.log.read_text(encoding="utf-8").splitlines() if line and not line.startswith(TOLD)
        ]

    def addresses(self) -> set[str]:
        """The addresses that the app has asked for."""
        return {
            line[len(TOLD) :] for line in self.log.read_text(encoding="utf-8").splitlines() if line.startswith(TOLD)
        }

    def listens_at(self) -> set[tuple[str, int]]:
        """Addresses, as IPv4 in hexadecimal, and ports at which the app accepts connections."""
        proc = Path("/proc") / str(self.process.pid)
        own = {_what_is_open(descriptor) for descriptor in (proc / "fd").iterdir()}
        sockets = [line.split() for line in (proc / "net" / "tcp").read_text(encoding="utf-8").splitlines()[1:]]
        listening = [fields[1].split(":") for fields in sockets if fields[3] == "0A" and f"socket:[{fields[9]}]" in own]
        return {(address, int(port, 16)) for address, port in listening}

    def wait(self) -> None:
        """Wait until it listens."""
        deadline = time.monotonic() + PATIENCE
        while not self.listens_at():
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it as Ctrl+C does, if it runs."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)

    def status(self, field: str) -> str:
        """A field of the process's status, as Linux tells it."""
        lines = (Path("/proc") / str(self.process.pid) / "status").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(f"{field}:"))

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the app's folder and network."""
        beside = ["nsenter", f"--net=/proc/{self.process.pid}/ns/net"] if makes_networks() else []
        environment = {**os.environ, **environment}
        return subprocess.run(
            beside + command, cwd=self.folder, env=environment, capture_output=True, encoding="utf-8", check=False
        )


@contextlib.contextmanager
def hosted(environment: dict[str, str], parts: Sequence[str] = PARTS, command: str = "app.py") -> Iterator[Hosted]:
    """Start the app from a copy that its user cannot write to, with that environment and nothing else.

    Args:
        environment: of the app, besides PATH.
        parts: files and folders that are copied, by their paths in the project.
        command: what Python is to run.
    """
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        folder = _read_only_copy(parts, place / "app")
        watch = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE / "tell"), "PYTHONUNBUFFERED": "1"}
        temporary = place / "tmp"
        temporary.mkdir()
        temporary.chmod(0o1777)
        with (place / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, str(HERE / "confine.py"), sys.executable, command],
                cwd=folder, env={**watch, "TMPDIR": str(temporary), **environment}, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            app = Hosted(process, folder, temporary, place / "log")
            app.wait()
            yield app
        finally:
            process.kill()
            process.wait()
            _writable(folder)


def _what_is_open(descriptor: Path) -> str | None:
    """What a descriptor in /proc leads to, or None if the process has closed it since it was listed."""
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:
        return None


def _read_only_copy(parts: Sequence[str], folder: Path) -> Path:
    for part in parts:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, folder / part)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def _writable(folder: Path) -> None:
    """So that it can be deleted."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
