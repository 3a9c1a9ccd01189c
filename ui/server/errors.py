"""How an error reaches the visitor: Gradio shows the message of a gr.Error, and of nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
from gradio.exceptions import InvalidPathError

from mnist_core import DamagedData, NotWritten
from mnist_core.errors import InvalidInput
from ui.jobs.worker import QueueFull
from ui.server.files.upload_checks import NOT_THERE
from ui.server.strangers import OUR_FAULT

_log = logging.getLogger(__name__)
_NOT_ACCEPTED = "This cannot be answered: a value has a type or a form that is not accepted. Reload the page."
_MOST_SAID = 200  # characters of an error of Gradio's


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong inside, and is the visitor's to know, becomes a message to them."""
    try:
        yield
    except (InvalidInput, QueueFull, DamagedData, NotWritten) as error:
        raise gr.Error(str(error), print_exception=False) from None
    except MemoryError:
        raise gr.Error("The server is short of memory. Try again in a minute.", print_exception=False) from None


class TellingBlocks(gr.Blocks):
    """A page that turns framework errors into readable messages. Gradio itself says `{"error": null}`."""

    async def process_api(self, block_fn: Any, inputs: list[Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run a handler. Raises gr.Error for whatever goes wrong."""
        try:
            if not kwargs.get("iterator"):
                _check_inputs(self.fns[block_fn] if isinstance(block_fn, int) else block_fn, inputs)
            return await super().process_api(block_fn, inputs, *args, **kwargs)
        except gr.Error:
            raise
        except Exception:
            _log.exception("A handler failed")
            raise gr.Error(OUR_FAULT, print_exception=False) from None

    async def preprocess_data(self, *args: Any, **kwargs: Any) -> Any:
        """Turn what a browser sent into a handler's values. Raises gr.Error for what no page sends."""
        try:
            return await super().preprocess_data(*args, **kwargs)
        except InvalidPathError:
            raise gr.Error(NOT_THERE, print_exception=False) from None
        except Exception as error:
            # Of its own errors Gradio logs the value and repeats it, however long it is.
            said = str(error.message) if isinstance(error, gr.Error) else ""
            message = said if said.isascii() and 0 < len(said) <= _MOST_SAID else _NOT_ACCEPTED
            raise gr.Error(message, print_exception=False) from None


def _check_inputs(function: Any, inputs: list[Any]) -> None:
    """Raises gr.Error for too few or too many values, and for files that would have to be fetched from elsewhere."""
    expected = len(function.inputs)
    if len(inputs) != expected:
        raise gr.Error(f"Expected {expected} values. Received: {len(inputs)}", print_exception=False)
    if _holds_foreign_file(inputs):
        raise gr.Error("A file must be uploaded: one at another address is not fetched.", print_exception=False)


def _holds_foreign_file(values: list[Any]) -> bool:
    """Whether Gradio would fetch a file from another address: it does, wherever in a request one is named."""
    left: list[Any] = [values]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if str(value.get("path")).startswith(("http://", "https://")):
                return True
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(part for part in value if isinstance(part, (dict, list)))
    return False
