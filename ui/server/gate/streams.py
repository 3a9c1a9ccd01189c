"""Event streams, by which pages and programs hear what their calls come to."""

from __future__ import annotations

from urllib.parse import parse_qs

from gradio.queueing import Queue
from gradio.server_messages import UnexpectedErrorMessage
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

_OF_PAGE, _OF_PROGRAM = "/queue/data", "/call/"
_OPEN_FOR_LONG = (_OF_PAGE, _OF_PROGRAM, "/heartbeat/")
_NOTHING = "404: there is nothing to hear of that name."


def is_stream(path: str) -> bool:
    """Whether the answer to a GET of this path, without the API's prefix, goes on for as long as somebody listens."""
    return path.startswith(_OPEN_FOR_LONG)


def nothing_to_hear(scope: Scope, path: str, queue: Queue) -> Response | None:
    """The whole answer to who listens for what is not there; None where there is something.

    Gradio begins an answer first, and then breaks it off with two tracebacks in the log.

    Args:
        scope: of the request.
        path: without the API's prefix.
        queue: the page's.
    """
    if path.startswith(_OF_PROGRAM):
        event = path.rstrip("/").rsplit("/", 1)[-1]
        is_known = event in queue.event_ids_to_events or event in queue.pending_messages_per_session
        if is_known or any(event in events for events in queue.pending_event_ids_session.values()):
            return None
        return JSONResponse({"error": _NOTHING, "detail": _NOTHING}, 404)
    names = parse_qs(scope["query_string"].decode("latin1"), keep_blank_values=True).get("session_hash")
    if not path.startswith(_OF_PAGE) or not names or names[0] in queue.pending_messages_per_session:
        return None
    message = UnexpectedErrorMessage(message=_NOTHING, session_not_found=True).model_dump_json()
    return Response(f"data: {message}\n\n", media_type="text/event-stream")
