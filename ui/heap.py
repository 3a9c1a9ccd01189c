"""How the process gives memory back to the system."""

from __future__ import annotations

import contextlib
import ctypes

_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_LARGE = 1 << 20  # bytes


def give_large_blocks_back() -> None:
    """Let blocks of 1 MB and more go back to the system as soon as they are freed, where the C library is glibc.

    By itself glibc raises that limit up to 32 MB, and keeps what is smaller for the thread that asked for it. Many
    visitors' runs, each in a thread of its own, then leave hundreds of MB behind. Elsewhere this does nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(_M_MMAP_THRESHOLD, _LARGE)
