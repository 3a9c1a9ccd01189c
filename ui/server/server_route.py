"""Gradio's route for server functions, without what this page has no use for.

The pad's readings come by it, up to 14 a second from each visitor who draws. Gradio's own takes several times the
processor time of the reading itself: it tries a hundred routes, evaluates the function's annotations anew, and changes
threads twice, for a login that this page does not have and for the function. This one stands before it at the same
address; without it, the page works just as well, only slower.

It asks for no login: whoever gives `launch` an `auth` must take it away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr
from fastapi import HTTPException, Request
from gradio.routes import ORJSONResponse
from starlette.routing import Route

from ui.server.gate.clients import address_of
from ui.server.turns import Turns

ServerFunction = TypeVar("ServerFunction", bound=Callable[[Any], Any])
_PATH = "/gradio_api/component_server"


def quick_where(is_quick: Callable[[Any], bool]) -> Callable[[ServerFunction], ServerFunction]:
    """Mark a server function as one that takes a few ms at most where its argument, which may be anything, is such."""

    def mark(function: ServerFunction) -> ServerFunction:
        function.is_quick = is_quick  # type: ignore[attr-defined]
        return function

    return mark


def server_routes() -> list[Route]:
    """The route, at both its addresses.

    One after another in the event loop, a crowd's readings are faster than in threads that contend for Python's lock;
    but nothing that takes long may hold up all others. More than two threads would contend with the loop, too.
    """
    turns = Turns(2)

    async def call(request: Request) -> ORJSONResponse:
        return await _call(request, turns)

    return [Route(path, call, methods=["POST"]) for path in (_PATH, f"{_PATH}/")]


async def _call(request: Request, turns: Turns) -> ORJSONResponse:
    """Answer `{"component_id": number, "fn_name": name, "data": argument}` with what the component's function returns.

    Raises:
        HTTPException: 400, the request is not such an object; 404, there is no such server function.
    """
    try:
        body = await request.json()
        number, name, argument = body["component_id"], body["fn_name"], body["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise HTTPException(400, "Expected an object with `component_id`, `fn_name` and `data`.") from None
    function = _find(request.app.get_blocks(), number, name)
    is_quick = getattr(function, "is_quick", None)
    if is_quick and is_quick(argument):
        return ORJSONResponse(function(argument))
    address = address_of(request.client.host if request.client else None)
    return ORJSONResponse(await turns.do(address, function, argument))


def _find(page: gr.Blocks, number: object, name: object) -> Any:
    component = page.blocks.get(number) if isinstance(number, int) else None
    function = getattr(component, name, None) if isinstance(name, str) else None
    # Gradio marks what a component lets the browser call; nothing else may be called.
    if not getattr(function, "_is_server_fn", False):
        raise HTTPException(404, "Function not found.")
    return function
