"""Disks that take nothing more: real ones where they may be mounted, else what the system refuses in the same way."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SMALL = 100  # bytes: larger files are refused where no disk can be filled


@dataclass(frozen=True)
class Disk:
    """A disk that can be spoiled.

    Attributes:
        folder: its only one.
        is_mounted: whether it is one; else a folder like any other.
    """

    folder: Path
    is_mounted: bool

    def fill(self, pid: int = 0) -> str:
        """Leave no room on it, for that process at least; 0 for this one. Returns what the system says then."""
        if not self.is_mounted:
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (SMALL, hard))
            return "File too large"
        with contextlib.suppress(OSError), (self.folder / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(1024))
        return "No space left on device"

    def protect(self) -> str:
        """Let nothing be written there; this process steps down to a user who may not. Returns what is said then."""
        if self.is_mounted:
            _mount("-o", "remount,ro", str(self.folder))
            return "Read-only file system"
        self.folder.chmod(0o555)
        if os.geteuid() == 0:  # whom permissions do not bind
            os.setresuid(65534, 65534, 65534)
        return "Permission denied"


@contextlib.contextmanager
def small_disk(folder: Path, size: str = "2m") -> Iterator[Disk]:
    """A disk of that size, mounted there where this may be done, which takes root."""
    folder.mkdir(exist_ok=True)
    is_mounted = os.geteuid() == 0 and _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield Disk(folder, is_mounted)
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return subprocess.run(["mount", *arguments], check=False, stderr=subprocess.DEVNULL).returncode == 0
    return False
