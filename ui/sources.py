"""The scripts and style sheets of the page."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def joined(*names: str) -> str:
    """The contents of files, named from this folder on, one after the other: a component takes one of each kind."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)
