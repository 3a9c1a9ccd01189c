"""How an error reaches the visitor: Gradio shows the message of a gr.Error, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from mnist_core import DamagedData, NotWritten
from ui.line import QueueFull


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong inside, and is the visitor's to know, becomes a message to them."""
    try:
        yield
    except (ValueError, QueueFull, DamagedData, NotWritten) as error:
        raise gr.Error(str(error), print_exception=False) from None
    except MemoryError:
        raise gr.Error("The server is short of memory. Try again in a minute.", print_exception=False) from None
