"""Checks the available memory before large allocations: one that fails would end the process."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_MEGABYTE = 1 << 20


def require_memory(needed: float, what: str) -> None:
    """Check that there is enough memory before something that could not be caught when there is not.

    Args:
        needed: bytes.
        what: needs it, for the message.

    Raises:
        MemoryError: there is less.
    """
    free = free_memory()
    if needed > free:
        raise MemoryError(
            f"{what} needs about {needed / _MEGABYTE:.0f} MB of memory, and {free / _MEGABYTE:.0f} MB are free."
        )


def free_memory() -> float:
    """Bytes that this process may still take: of the machine, its container and its own limit; inf if not known."""
    return min(_of_machine(), _of_container(), _of_process())


def _of_machine() -> float:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * float(line.split()[1])
    return math.inf


def _of_container() -> float:
    """Of the control group that the process is in, of version 2 or 1; what it keeps of files can be had back."""
    for folder, limit, used, cache in (
        (_CGROUP, "memory.max", "memory.current", "inactive_file"),
        (_CGROUP / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        # "max" where there is no limit is a ValueError too.
        with contextlib.suppress(OSError, ValueError):
            most, taken = (
                float((folder / limit).read_text(encoding="utf-8")),
                float((folder / used).read_text(encoding="utf-8")),
            )
            kept = dict(line.split() for line in (folder / "memory.stat").read_text(encoding="utf-8").splitlines())
            return most - taken + float(kept.get(cache, 0))
    return math.inf


def _of_process() -> float:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            taken = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()
            return float(limit - taken)
    return math.inf
