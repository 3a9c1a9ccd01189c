from __future__ import annotations

import ctypes

import pytest

from mnist_core.heap import suit_training


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in (OSError("libc.so.6: no such file"), AttributeError("mallopt")):

        def load(name: str, missing: Exception = missing) -> None:
            raise missing

        monkeypatch.setattr(ctypes, "CDLL", load)
        suit_training()
