"""Gradio works off a few calls of a kind at a time, in the order in which they come: its lanes.

So that no address fills a lane, each has a few calls in it, and its others wait at the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gradio as gr
from gradio.queueing import Event, Queue

from ui.limits import CALLS_IN_LANE, EVENTS_OF_ADDRESS, EVENTS_OF_PAGE, REFUSAL_SECONDS
from ui.server.gate.clients import address_of
from ui.server.gate.request_heads import Refused


def lane_of(path: str, call: Mapping[str, Any], page: gr.Blocks) -> str:
    """The lane of a call's function; "" for one that waits for no other.

    Args:
        path: without the API's prefix.
        call: of a function that is there.
        page: whose function it is.
    """
    name, index = path.rstrip("/").rsplit("/", 1)[-1], call.get("fn_index")
    if index is not None and not path.startswith("/call/"):
        function = page.fns[index]
    else:
        function = next(each for each in page.fns.values() if each.api_name == name)
    # "default" is the limit that the page has given to its queue.
    return "" if function.concurrency_limit is None else function.concurrency_id


def room_in(queue: Queue, lane: str, address: str) -> Callable[[], bool]:
    """Tells whether that address may have one more call in that lane."""
    return lambda: sum(event.concurrency_id == lane for event in _of_address(queue, address)) < CALLS_IN_LANE


def check_room(queue: Queue, address: str, name: str) -> None:
    """Raises Refused when too many calls of a page or program, or of an address, wait or are being worked off."""
    events = list(queue.event_ids_to_events.values())
    if name and sum(event.session_hash == name for event in events) >= EVENTS_OF_PAGE:
        raise Refused(429, f"{EVENTS_OF_PAGE} calls of yours are being worked off already.", REFUSAL_SECONDS)
    if sum(1 for _ in _of_address(queue, address)) >= EVENTS_OF_ADDRESS:
        text = f"{EVENTS_OF_ADDRESS} calls of your address are being worked off already."
        raise Refused(429, text, REFUSAL_SECONDS)


def _of_address(queue: Queue, address: str) -> Iterator[Event]:
    for event in list(queue.event_ids_to_events.values()):
        client = event.request.client if event.request else None
        if client and address_of(client.host) == address:
            yield event
