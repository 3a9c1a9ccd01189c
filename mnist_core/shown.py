"""Values in messages: short, whatever they are."""

from __future__ import annotations

import reprlib

_MOST_CHARACTERS = 120


def shown(value: object) -> str:
    """A value as a message shows it, on one short line, however large, deep or odd it is."""
    try:
        text = reprlib.repr(value)
    # A whole number of more than 4,300 digits has no decimals, and an object's own description may fail in any way.
    except Exception:
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "…"
