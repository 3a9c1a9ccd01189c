"""Contenders in processes of their own that take turns, so that none has another's threads, graphs or memory."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Iterator
from typing import Any

_REST = 0.3  # seconds; OpenBLAS' and OpenMP's threads keep a core busy for a while after their last product
_SPAWN = multiprocessing.get_context("spawn")


class Contender:
    """A contender in a process of its own, which does nothing between its turns.

    Args:
        prepare: called in that process; returns what is called at each turn. A function at the top of a module.
        arguments: of `prepare`, plain values.
    """

    def __init__(self, prepare: Callable[..., Callable[..., Any]], *arguments: Any) -> None:
        self._connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs, prepare, arguments), daemon=True)
        self._process.start()
        theirs.close()

    def turn(self, *arguments: Any) -> Any:
        """Have one turn once the others sleep, and wait for what comes of it. Raises RuntimeError where it failed."""
        time.sleep(_REST)
        self._connection.send(arguments)
        try:
            error, result = self._connection.recv()
        except EOFError:
            raise RuntimeError("A contender's process ended.") from None
        if error:
            raise RuntimeError(error)
        return result

    def end(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join()


@contextlib.contextmanager
def ended_afterwards(contenders: dict[str, Contender]) -> Iterator[dict[str, Contender]]:
    """The contenders, whose processes end with the block."""
    try:
        yield contenders
    finally:
        for contender in contenders.values():
            contender.end()


def _serve(connection: Any, prepare: Callable[..., Callable[..., Any]], arguments: tuple[Any, ...]) -> None:
    try:
        turn = prepare(*arguments)
        while True:
            connection.send(("", turn(*connection.recv())))
    except Exception as error:
        connection.send((f"{prepare.__name__}: {type(error).__name__}: {error}", None))
