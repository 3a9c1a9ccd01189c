from __future__ import annotations

import asyncio
import threading

import pytest

from tests.support.waiting import PATIENCE, result_of
from ui.server.turns import Turns, seconds_waited


def test_who_sends_one_piece_waits_for_one_of_each_other_address_only() -> None:
    """Twenty pieces of one address, and then one of another, with one thread for all."""
    done: list[str] = []

    async def send() -> None:
        turns = Turns(1)
        many = [asyncio.create_task(turns.do("many", done.append, "many")) for _ in range(20)]
        await asyncio.sleep(0)
        await asyncio.gather(turns.do("one", done.append, "one"), *many)

    result_of(send())
    assert done.index("one") <= 1
    assert len(done) == 21


def test_so_many_are_done_at_once_and_no_more() -> None:
    inside, most = 0, 0
    lock, both = threading.Lock(), threading.Barrier(2, timeout=PATIENCE)

    def work() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        both.wait()
        with lock:
            inside -= 1

    async def send() -> None:
        turns = Turns(2)
        await asyncio.gather(*(turns.do(str(address), work) for address in range(6)))

    result_of(send())
    assert most == 2


def test_what_fails_is_told_and_the_next_one_has_its_turn() -> None:
    async def send() -> int:
        turns = Turns(1)
        with pytest.raises(ValueError, match="literal"):
            await turns.do("an address", int, "x")
        return await turns.do("an address", int, "7")

    assert result_of(send()) == 7


def test_who_gives_up_keeps_their_turn_until_their_work_is_done() -> None:
    """Else an address that sends and gives up would hold all threads."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def work() -> None:
        begun.release()
        go_on.wait(PATIENCE)

    async def send() -> int:
        turns = Turns(2)
        for _ in range(5):
            given_up = asyncio.create_task(turns.do("an address", work))
            await asyncio.sleep(0.05)
            given_up.cancel()
        count = 0
        while begun.acquire(blocking=False):
            count += 1
        go_on.set()
        return count

    assert result_of(send()) == 1


def test_the_time_that_is_waited_is_told_apart_from_the_work() -> None:
    async def send() -> list[float]:
        turns, go_on = Turns(1), threading.Event()
        first = asyncio.create_task(turns.do("first", go_on.wait, PATIENCE))
        await asyncio.sleep(0)
        waited = seconds_waited()
        second = asyncio.create_task(turns.do("second", threading.Event().wait, 0.2))
        await asyncio.sleep(0.1)
        go_on.set()
        await asyncio.gather(first, second)
        return waited

    (seconds,) = result_of(send())
    assert seconds >= 0.1
