"""Waiting in tests, for what other threads and processes do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

PATIENCE = 300.0  # s: a busy machine is no failure

T = TypeVar("T")


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until it holds. Fails when it does not for so long."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def result_of(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns, run in a thread: in the main one, Playwright has an event loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
