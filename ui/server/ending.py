"""How the process ends: on SIGTERM and on Ctrl+C, within five seconds, after telling those whose run ends with it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr

    from ui.jobs.trainer import Trainer

_RUNS_SECONDS = 2.0  # for runs to notice: a step takes a tenth of one, importing TensorFlow cannot be cut short
_TELL_SECONDS = 0.5  # for the last words of runs to reach their pages, which look five times a second
_ANSWERS_SECONDS = 1  # for requests under way
_ALL_SECONDS = 4.5


def end_on_signals() -> None:
    """From now on SIGTERM and SIGINT raise SystemExit in the main thread, the first time; later ones do nothing.

    Process 1 of a container has no default for them: without this, SIGTERM would do nothing at all there.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)


def _end(*_: object) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def serve(
    page: gr.Blocks, trainer: Trainer, *, launch: Callable[[], object], clean_up: Callable[[], None] = lambda: None
) -> None:
    """Launch the page and serve it until a signal, then end the process with exit code 0.

    Args:
        page: what is served.
        trainer: what runs in it.
        launch: launches the page, and comes back.
        clean_up: called at the very end.
    """
    try:
        launch()
        threading.Event().wait()
    except SystemExit:
        _close(page, trainer)
        clean_up()
        sys.stdout.flush()
        # Not sys.exit: Python would wait for threads that are still at work, and tear TensorFlow down beneath them.
        os._exit(0)


def _close(page: gr.Blocks, trainer: Trainer) -> None:
    last_resort = threading.Timer(_ALL_SECONDS, os._exit, [0])
    last_resort.daemon = True
    last_resort.start()
    if trainer.close(_RUNS_SECONDS):
        time.sleep(_TELL_SECONDS)
    # Whoever still waits for an answer then is cut off: that is meant, and needs no traceback.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    if page.is_running:
        page.server.config.timeout_graceful_shutdown = _ANSWERS_SECONDS
        page.close(verbose=False)
