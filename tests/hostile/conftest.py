from __future__ import annotations

from typing import Any

from bounded import EXAMPLES, count_tried, most_taken


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if count_tried():
        kind = f"{EXAMPLES} of each property" if EXAMPLES else "the same each time; HOSTILE_EXAMPLES=5000 for more"
        terminalreporter.write_line(f"{count_tried():,} hostile inputs tried ({kind}); {most_taken()}")
