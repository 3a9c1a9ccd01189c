"""Requests that may hold anything are told what is wrong in words.

Gradio's own answers to such requests repeat them, or say "Internal Server Error".
"""

from __future__ import annotations

from typing import Any

import httpx
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from gradio.exceptions import InvalidPathError
from gradio.route_utils import FnIndexInferError
from python_multipart.exceptions import FormParserError
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mnist_core.shown import shown
from ui.server.gate.calls import BadCall

OUR_FAULT = "The server made a mistake. It is not yours, and nothing of yours is lost. Try again."


async def _explain(request: Request, error: Exception) -> Response:
    """What is wrong with a request that is not as the route wants it, without repeating it."""
    problems = error.errors()[:3] if isinstance(error, RequestValidationError) else []
    words = "; ".join(f"{shown('.'.join(map(str, each['loc'])))}: {each['msg']}" for each in problems)
    return _refusal(422, f"The request is not as expected. {words}")


async def _bad_call(request: Request, error: Exception) -> Response:
    return _refusal(error.status if isinstance(error, BadCall) else 400, str(error))


async def _not_found(request: Request, error: Exception) -> Response:
    return _refusal(404, "There is nothing of that name here.")


async def _malformed(request: Request, error: Exception) -> Response:
    return _refusal(400, "The parts of this request are not in a form that is accepted.")


async def _failed(request: Request, error: Exception) -> Response:
    # Starlette raises the error again after this, so that its traceback is in the server's log.
    return _refusal(500, OUR_FAULT)


async def _not_fetched(request: Request) -> Response:
    return _refusal(403, "Only files that were uploaded here or made here are served.")


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"detail": message, "error": message}, status)


# Only of these it is known that they are not our fault: what a stranger may send is checked before (ui/calls.py).
HANDLERS: dict[Any, Any] = {
    RequestValidationError: _explain,
    BadCall: _bad_call,
    FnIndexInferError: _not_found,
    FormParserError: _malformed,
    InvalidPathError: _not_found,
    httpx.InvalidURL: _not_found,
    Exception: _failed,
}
# Gradio would fetch any public address and hand its content out as if it were this server's.
NO_FOREIGN_FILES = [
    Route(f"/gradio_api/file{between}{{address:path}}", _not_fetched) for between in ("=http:", "=https:", "/")
]
