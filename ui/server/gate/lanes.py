"""Gradio works off a few calls of a kind at a time, in the order in which they come: its lanes. None is filled by one.

A lane is that of a function's `concurrency_id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.queueing import Queue

from ui.limits import EVENTS_IN_LANE, EVENTS_OF_ADDRESS, EVENTS_OF_PAGE, REFUSAL_SECONDS
from ui.server.gate.calls import function_of
from ui.server.gate.clients import address_of
from ui.server.gate.request_heads import Refused


def lane_of(path: str, call: Mapping[str, Any], page: gr.Blocks) -> str:
    """The lane of a call's function; "" for one that waits for no other.

    Args:
        path: without the API's prefix.
        call: of a function that is there.
        page: whose function it is.

    Raises:
        Refused: what is answered at once would take one of the 40 places in which Gradio works off its queue.
    """
    function = function_of(path, call, page)
    if function and not function.queue:
        raise Refused(400, "This function is answered at once: it waits in no queue.")
    # "default" is the limit that the page has given to its queue.
    return "" if function is None or function.concurrency_limit is None else str(function.concurrency_id)


def check_room(queue: Queue, address: str, name: str, lane: str) -> None:
    """Raises Refused when too many calls of a page or program, or of an address, wait or are being worked off."""
    events = list(queue.event_ids_to_events.values())
    if name and sum(event.session_hash == name for event in events) >= EVENTS_OF_PAGE:
        raise Refused(429, f"{EVENTS_OF_PAGE} calls of yours are being worked off already.", REFUSAL_SECONDS)
    clients = ((event, event.request.client) for event in events if event.request)
    from_there = [event for event, client in clients if client and address_of(client.host) == address]
    most = EVENTS_IN_LANE if lane else EVENTS_OF_ADDRESS
    if len(from_there) >= EVENTS_OF_ADDRESS or sum(event.concurrency_id == lane for event in from_there) >= most:
        text = f"{min(most, len(from_there))} calls of your address are being worked off already."
        raise Refused(429, text, REFUSAL_SECONDS)
