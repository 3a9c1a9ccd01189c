"""Values in messages: short, whatever they are; and printed, whatever the terminal has characters for."""

from __future__ import annotations

import io
import reprlib
import sys

_MOST_CHARACTERS = 120


def shown(value: object) -> str:
    """A value as a message shows it, on one short line, however large, deep or odd it is."""
    try:
        text = reprlib.repr(value)
    # A whole number of more than 4,300 digits has no decimals, and an object's own description may fail in any way.
    except Exception:
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "…"


def escape_what_cannot_be_printed() -> None:
    """From now on a character that standard output's encoding lacks is printed as an escape, as `\\u4e03`.

    By itself Python would end the program: under a locale that is not UTF-8, a file's name may hold such a character.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
