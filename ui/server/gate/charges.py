"""What each request is charged for: by the session that it names, or else by the program's address."""

from __future__ import annotations

import re

from ui.limits import (
    ASSETS_OF_ADDRESS,
    BYTES_PER_UNIT,
    CALL_VALUES_PER_UNIT,
    CALLS_OF_PROGRAM,
    CALLS_OF_PROGRAMS,
    CALLS_OF_SESSION,
    CALLS_OF_SESSIONS,
    FREE_CALL_VALUES,
    OPENINGS_OF_ADDRESS,
    PAGE_VALUES,
    PAGES_OF_ADDRESS,
    READINGS_OF_ADDRESS,
    READINGS_OF_SESSIONS,
    REFUSAL_SECONDS,
    STROKES_PER_UNIT,
    VALUES_PER_UNIT,
    Limits,
)
from ui.server.gate.buckets import Charge, TooFast
from ui.server.gate.json_bounds import count_values
from ui.server.gate.request_heads import Refused

_ASSETS = ("/assets/", "/static/", "/svelte/", "/favicon", "/theme.css", "/manifest.json", "/robots.txt", "/pwa_icon")
_WHOLE_PAGE = {"/", "/config", "/info", "/openapi.json"}  # what takes about 10 ms to make
_WHOLE_PAGE_UNITS = 10.0
_SESSION_HASH = re.compile(rb'"session_hash"\s*:\s*"([^"]{1,64})"')
_STROKE = re.compile(rb"\[\s*\[")
_SESSION = "session "  # before a session's key, where a client is named
_PROGRAM = "program "  # before a program's address, and its own name


def for_asking(path: str, address: str, key: str | None, name: str, *, limits: Limits, units: float) -> list[Charge]:
    """What is taken for a request that asks for work, the client's own first.

    Args:
        path: without the API's prefix.
        address: where it comes from.
        key: of the session that it names; None where it names none that is open.
        name: Gradio's for the page or program that sends it.
        limits: that the host has set.
        units: taken.
    """
    is_reading = path.startswith("/component_server")
    kind = "readings" if is_reading else "requests"
    if key is not None:
        own = limits.readings_of_session if is_reading else CALLS_OF_SESSION
        together = READINGS_OF_SESSIONS if is_reading else CALLS_OF_SESSIONS
        return [Charge(kind, _SESSION + key, own, units), Charge(kind, f"sessions of {address}", together, units)]
    if is_reading:
        return [Charge(kind, address, READINGS_OF_ADDRESS, units)]
    if path.startswith("/run/"):
        # Page loads, not API calls: budgeted separately, so that programs at the address do not hinder them.
        return [Charge("pages", f"opening {address}", OPENINGS_OF_ADDRESS, units)]
    return [
        Charge(kind, f"{_PROGRAM}{address} {name}", CALLS_OF_PROGRAM, units),
        Charge(kind, f"programs of {address}", CALLS_OF_PROGRAMS, units),
    ]


def units_of(path: str, body: bytes) -> float:
    """What a request with a JSON body counts as: about the time that it takes, told before it is parsed.

    Raises:
        Refused: it holds far more than any page sends.
    """
    values, strokes = count_values(body), len(_STROKE.findall(body))
    # Which strokes belong together is a question about each two of them.
    units = 1 + len(body) // BYTES_PER_UNIT + values // VALUES_PER_UNIT + (strokes // STROKES_PER_UNIT) ** 2
    if path.startswith("/component_server"):
        return units
    if values > PAGE_VALUES and not path.startswith("/call/"):
        raise Refused(413, f"The request holds far too many values: {PAGE_VALUES:,} are accepted here.")
    # Gradio walks through all of them, in the event loop.
    return units + max(0, values - FREE_CALL_VALUES) // CALL_VALUES_PER_UNIT


def name_in(body: bytes) -> str:
    """What a request says that its page's or program's name is, as Gradio gives them; "" for none."""
    start = body.rfind(b'"session_hash"')
    named = _SESSION_HASH.match(body, start) if start >= 0 else None
    return named[1].decode(errors="replace") if named else ""


def for_fetching(path: str, address: str) -> list[Charge]:
    """What is taken for a request that only fetches something."""
    if path.startswith(_ASSETS):
        return [Charge("scripts", address, ASSETS_OF_ADDRESS)]
    units = _WHOLE_PAGE_UNITS if (path.rstrip("/") or "/") in _WHOLE_PAGE else 1.0
    return [Charge("pages", address, PAGES_OF_ADDRESS, units)]


def _words(charge: Charge) -> str:
    """What a client is told who sends too much."""
    whose = (
        "you" if charge.client.startswith((_SESSION, _PROGRAM)) else "your address" if charge.client else "all visitors"
    )
    if charge.kind == "files":
        megabytes = charge.rate.per_second * 3600 / 1e6
        return f"Too many files: {megabytes:,.0f} MB an hour are accepted of {whose}. Try again later."
    rate = f"{charge.rate.per_second:,.0f} a second of {whose} are answered"
    return f"Too many {charge.kind} at once: {rate}. Wait a moment."


def refused(too_fast: TooFast) -> Refused:
    """How a client is refused who sends too much."""
    return Refused(429, _words(too_fast.charge), max(1.0, too_fast.seconds - REFUSAL_SECONDS))
