"""Requests that may hold anything are told what is wrong in words.

Gradio's own answers to such requests repeat them, or say "Internal Server Error".
"""

from __future__ import annotations

import logging
from typing import Any

import httpx
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mnist_core.shown import shown

_log = logging.getLogger(__name__)


async def _explain(request: Request, error: Exception) -> Response:
    """What is wrong with a request that is not as the route wants it, without repeating it."""
    problems = error.errors()[:3] if isinstance(error, RequestValidationError) else []
    words = "; ".join(f"{shown('.'.join(map(str, each['loc'])))}: {each['msg']}" for each in problems)
    return _refusal(422, f"The request is not as expected. {words}")


async def _not_found(request: Request, error: Exception) -> Response:
    _log.warning("A request named what does not exist", exc_info=error)
    return _refusal(404, "There is nothing of that name or number here.")


async def _malformed(request: Request, error: Exception) -> Response:
    _log.warning("A request was not in a form that is accepted", exc_info=error)
    return _refusal(400, "This request is not in a form that is accepted.")


async def _failed(request: Request, error: Exception) -> Response:
    # Starlette raises the error again after this, so that it is in the server's log.
    return _refusal(500, "This request cannot be answered. Is it in a form that is accepted?")


async def _not_fetched(request: Request) -> Response:
    return _refusal(403, "Only files that were uploaded here or made here are served.")


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"detail": message, "error": message}, status)


HANDLERS: dict[Any, Any] = {
    RequestValidationError: _explain,
    FnIndexInferError: _not_found,
    KeyError: _not_found,
    OSError: _not_found,
    httpx.InvalidURL: _not_found,
    TypeError: _malformed,
    ValueError: _malformed,
    Exception: _failed,
}
# Gradio would fetch any public address and hand its content out as if it were this server's.
NO_FOREIGN_FILES = [
    Route(f"/gradio_api/file{between}{{address:path}}", _not_fetched) for between in ("=http:", "=https:", "/")
]
