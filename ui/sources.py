"""The style sheets and scripts beside this file."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def joined(*names: str) -> str:
    """The contents of files of this folder, one after the other: a component has one script and one style sheet."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)
