"""The app, which writes down besides, once a second, how many MB its C library has given out and not got back.

The file is named by the environment's MEMORY_FILE; of a C library other than glibc, nothing is written.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
import time
from pathlib import Path

from app import main


class _Mallinfo(ctypes.Structure):
    """`struct mallinfo2` of glibc's malloc.h, from 2.33 on."""

    _names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in _names.split()]


def live_megabytes() -> float:
    """What malloc has given out, in all of its arenas and beside them. Raises AttributeError where it cannot say."""
    mallinfo = ctypes.CDLL(None).mallinfo2
    mallinfo.restype = _Mallinfo
    info = mallinfo()
    return float(info.uordblks + info.hblkhd) / 2**20


def _write(path: Path) -> None:
    with contextlib.suppress(AttributeError):
        while True:
            beside = path.with_suffix(".new")
            beside.write_text(f"{live_megabytes():.3f}", encoding="utf-8")
            beside.replace(path)
            time.sleep(1)


if __name__ == "__main__":
    threading.Thread(target=_write, args=(Path(os.environ["MEMORY_FILE"]),), daemon=True).start()
    main()
