from __future__ import annotations

import ctypes

import pytest

from ui.heap import give_large_blocks_back


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in (OSError("libc.so.6: no such file"), AttributeError("mallopt")):

        def load(name: str, missing: Exception = missing) -> None:
            raise missing

        monkeypatch.setattr(ctypes, "CDLL", load)
        give_large_blocks_back()
