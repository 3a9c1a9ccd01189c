from __future__ import annotations

import ctypes
import platform
from pathlib import Path

import pytest

from mnist_core.heap import give_back_free_memory, suit_training

COUNT, SIZE = 1000, 64 << 10


def resident() -> int:
    """Bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * 4096


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="not glibc")
def test_what_is_free_between_what_is_in_use_is_given_back() -> None:
    c = ctypes.CDLL(None)
    c.malloc.restype, c.malloc.argtypes, c.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
    blocks = [c.malloc(SIZE) for _ in range(2 * COUNT)]
    for block in blocks:
        ctypes.memset(block, 1, SIZE)
    for block in blocks[::2]:
        c.free(block)
    held = resident()
    give_back_free_memory()
    assert held - resident() > 0.8 * COUNT * SIZE
    for block in blocks[1::2]:
        c.free(block)


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in (OSError("libc.so.6: no such file"), AttributeError("mallopt")):

        def load(name: str, missing: Exception = missing) -> None:
            raise missing

        monkeypatch.setattr(ctypes, "CDLL", load)
        suit_training()
        give_back_free_memory()
