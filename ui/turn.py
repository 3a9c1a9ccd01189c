"""A turn at the machine: what waits in the line does its work in a thread, and says in words what went wrong."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from mnist_core import DamagedData, TrainingDiverged
from ui.line import Line

_NICE = 10  # of 19: whatever else wants the processor, such as a reading, goes first

_log = logging.getLogger(__name__)


def take_turn(line: Line, member: object, is_stopped: Callable[[], bool], work: Callable[[], None]) -> str:
    """Wait for the member's turn, do its work at a low priority, and leave the line, whatever happens.

    Args:
        line: that the member has joined.
        member: whose turn it will be.
        is_stopped: whether it need not wait any longer; asked whenever `line.changed` is notified.
        work: done in this thread, unless the member was stopped before.

    Returns:
        Why the work failed, in words for the visitor; else "".
    """
    lower_priority()
    try:
        with line.changed:
            line.changed.wait_for(lambda: is_stopped() or line.first() is member)
        if not is_stopped():
            work()
    except (ValueError, TrainingDiverged, DamagedData) as error:
        return str(error)
    except MemoryError:
        return "There is not enough memory for this run. Choose narrower layers or a smaller batch, or try again later."
    except Exception:
        _log.exception("A run failed")
        return "The run failed for a reason that is not yours. Try again."
    finally:
        line.leave(member)
    return ""


def lower_priority() -> None:
    """Let this thread, and those that TensorFlow starts from it, step back behind the others, where the system can."""
    if hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        except OSError:
            _log.warning("Training could not be given a lower priority.")
