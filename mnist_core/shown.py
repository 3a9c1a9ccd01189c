"""Values in messages: short, whatever they are."""

from __future__ import annotations

import reprlib


def shown(value: object) -> str:
    """A value as a message shows it, at most about 200 characters, however large, deep or odd it is."""
    try:
        return reprlib.repr(value)
    # A whole number of more than 4,300 digits has no decimals, and an object's own description may fail in any way.
    except Exception:
        return f"a value of type {type(value).__name__}"
