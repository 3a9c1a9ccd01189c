"""Calls of the page's functions by strangers: whether they name what there is.

Gradio looks names up without asking whether they are there. Whatever still goes wrong behind this check is our fault.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio_client import utils as client_utils

from mnist_core.shown import shown

MAX_NAME = 64  # characters of a name that a page or a program gives itself; Gradio keeps them for a while
_CALLING = ("/run/", "/api/", "/queue/join", "/call/")
_BY_NAME = "/call/v2/"


class BadCall(Exception):
    """A call that names nothing, or is not in the form that is accepted.

    Attributes:
        status: of the answer, as HTTP has it.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def check_name(name: object) -> None:
    """Raises BadCall for what is no name of a page or a program."""
    # Gradio joins names by `<gradio-sep>`, and fails for everybody where there are two of it.
    if name is not None and not (isinstance(name, str) and len(name) <= MAX_NAME and "<" not in name):
        text = f"`session_hash` must be a text of at most {MAX_NAME} characters without <. Received: {shown(name)}"
        raise BadCall(400, text)


def check_call(path: str, body: bytes, page: gr.Blocks) -> dict[str, Any]:
    """The object that a request with a JSON body holds.

    Args:
        path: without the API's prefix.
        body: as it was sent.
        page: whose functions may be called.

    Raises:
        BadCall: it is none, or calls what is not there.
    """
    call = _parsed(body)
    check_name(call.get("session_hash"))
    if path.startswith(_BY_NAME):
        _check_values(path.removeprefix(_BY_NAME).rstrip("/"), call, page)
    elif path.startswith(_CALLING):
        _check_function(path, call, page)
    return call


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        call = json.loads(body)
    # Besides what is no JSON: whole numbers of more than 4,300 digits.
    except (ValueError, RecursionError):
        raise BadCall(400, "The request must be JSON.") from None
    if not isinstance(call, dict):
        raise BadCall(400, f"The request must be a JSON object. Received: {type(call).__name__}")
    return call


def _check_function(path: str, call: Mapping[str, Any], page: gr.Blocks) -> None:
    index, name = call.get("fn_index"), path.rstrip("/").rsplit("/", 1)[-1]
    functions = {number: function for number, function in page.fns.items() if function.fn}  # others run in the browser
    names = {function.api_name for function in functions.values()}
    is_there = name in names if index is None or path.startswith("/call/") else _is_number_of(index, functions)
    if not is_there:
        raise BadCall(404, "There is no function of that name or number here.")
    # What loads the page is triggered by the page itself, which is not among its blocks.
    if call.get("trigger_id") not in (None, page._id) and not _is_number_of(call["trigger_id"], page.blocks):
        raise BadCall(404, "There is nothing of the number `trigger_id` here.")
    if call.get("batched"):
        raise BadCall(400, "No function here takes batches.")


def function_of(path: str, call: Mapping[str, Any], page: gr.Blocks) -> BlockFunction | None:
    """The function that a call names by its number, or in its path; None for none."""
    index = call.get("fn_index")
    if index is not None and not path.startswith("/call/"):
        return page.fns.get(index)
    name = path.rstrip("/").rsplit("/", 1)[-1]
    return next((each for each in page.fns.values() if each.api_name == name), None)


def _is_number_of(number: object, known: Mapping[int, Any]) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number in known


def _check_values(name: str, call: Mapping[str, Any], page: gr.Blocks) -> None:
    """Of a call that gives its values by their names."""
    endpoint = _endpoints(page).get("/" + name)
    if endpoint is None:
        raise BadCall(404, "There is no function of that name here.")
    try:
        client_utils.construct_args(endpoint["parameters"], (), dict(call))
    except TypeError as error:
        raise BadCall(422, str(error)[:200]) from None


@lru_cache(maxsize=1)
def _endpoints(page: gr.Blocks) -> Mapping[str, Any]:
    return page.get_api_info()["named_endpoints"]
