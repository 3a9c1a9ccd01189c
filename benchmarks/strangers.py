"""What strangers can do to others, and to the machine. `python -m benchmarks.strangers [PART ...]`

greedy: one visitor asks for everything that the page can ask for, while ten others draw.
calls: very many calls by other addresses, while a run, a /retrain and a pad are under way.
memory: what nobody reads, and names that are long: how much of it stays.
pages: twenty pages of one address ask for what takes longest, while visitors elsewhere draw, upload and look.
pieces: requests that cost a server much for each byte: thousands of header lines, chunks, parameters.
silent: connections that announce much and send nothing, while others of the same address draw and upload.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from benchmarks import greed, many_calls, many_pages, many_pieces, silent, unread
from benchmarks.machine import describe_machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="default: all")
    parser.add_argument("--only", nargs="*", default=[], help="what the greedy one asks for; default: everything")
    parser.add_argument("--each", action="store_true", help="let them also ask for one thing after the other")
    parser.add_argument("--calls", type=int, default=10_000, help="by other addresses")
    parser.add_argument("--seconds", type=float, default=60, help="for each row of memory, and of watching the silent")
    arguments = parser.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "greedy": lambda: show(
            f"{greed.VISITORS} visitors who draw, {greed.TURNS} turns of {greed.SECONDS:.0f} s each",
            greed.COLUMNS, greed.measure(arguments.only, each=arguments.each),
        ),
        "calls": lambda: show(
            f"calls of /read_strokes by {len(many_calls.ADDRESSES)} addresses",
            many_calls.COLUMNS, many_calls.measure(arguments.calls),
        ),
        "memory": lambda: show(
            f"each for {arguments.seconds:.0f} s", unread.COLUMNS, unread.measure(arguments.seconds)
        ),
        "silent": lambda: show(
            "a page of the same address as connections that send nothing", silent.COLUMNS,
            silent.measure(arguments.seconds),
        ),
        "pages": lambda: show(
            f"{many_pages.VISITORS} visitors who draw, {many_pages.SECONDS:.0f} s each",
            many_pages.COLUMNS, many_pages.measure(),
        ),
        "pieces": lambda: show(
            f"{many_pieces.VISITORS} visitors who draw, {many_pieces.SECONDS:.0f} s each",
            many_pieces.COLUMNS, many_pieces.measure(),
        ),
    }  # fmt: skip
    for part in arguments.parts or parts:
        parts[part]()


def show(what: str, columns: Sequence[str], rows: list[list[str]]) -> None:
    """Print a table and, above it, what was measured and where."""
    print(f"\n{describe_machine()}; {what}\n")
    print("| " + " | ".join(columns) + " |\n|---|" + "---:|" * (len(columns) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
