"""Gradio's route for server functions, without what this page has no use for.

The pad's readings come by it, up to 14 a second from each visitor who draws. Gradio's own takes several times the
processor time of the reading itself: it tries a hundred routes, evaluates the function's annotations anew, and changes
threads twice, for a login that this page does not have and for the function. This one stands before it at the same
address; without it, the page works just as well, only slower.

It asks for no login: whoever gives `launch` an `auth` must take it away.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr
from anyio import CapacityLimiter, to_thread
from fastapi import HTTPException, Request
from gradio.routes import ORJSONResponse
from starlette.routing import Route

Result = TypeVar("Result")


async def call_server_function(request: Request) -> ORJSONResponse:
    """Answer `{"component_id": number, "fn_name": name, "data": argument}` with what the component's function returns.

    Coroutine functions run in the event loop, others in a thread.

    Raises:
        HTTPException: 400, the request is not such an object; 404, there is no such server function.
    """
    try:
        body = await request.json()
        number, name, argument = body["component_id"], body["fn_name"], body["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise HTTPException(400, "Expected an object with `component_id`, `fn_name` and `data`.") from None
    function = _find(request.app.get_blocks(), number, name)
    if inspect.iscoroutinefunction(function):
        return ORJSONResponse(await function(argument))
    return ORJSONResponse(await in_thread(function, argument))


async def in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call what takes long in a thread, two at a time: more would contend with the event loop for Python's lock."""
    return await to_thread.run_sync(function, *arguments, limiter=_LONG_CALLS)


def _find(page: gr.Blocks, number: object, name: object) -> Any:
    component = page.blocks.get(number) if isinstance(number, int) else None
    function = getattr(component, name, None) if isinstance(name, str) else None
    # Gradio marks what a component lets the browser call; nothing else may be called.
    if not getattr(function, "_is_server_fn", False):
        raise HTTPException(404, "Function not found.")
    return function


_LONG_CALLS = CapacityLimiter(2)
_PATH = "/gradio_api/component_server"
SERVER_ROUTES = [Route(path, call_server_function, methods=["POST"]) for path in (_PATH, f"{_PATH}/")]
