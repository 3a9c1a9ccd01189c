"""Rates that clients may not exceed: who is too fast waits, and who would wait too long is refused."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from ui.limits import Rate

_TRIED = 100  # buckets that are looked at to find one to forget


@dataclass(frozen=True)
class Charge:
    """What a request takes of what one client may send.

    Attributes:
        kind: of what, as "readings".
        client: who.
        rate: that they may not exceed.
        units: taken.
    """

    kind: str
    client: str
    rate: Rate
    units: float = 1.0


class TooFast(RuntimeError):
    """A client sends more than they may.

    Attributes:
        charge: what was too much.
        seconds: until it would be accepted.
    """

    def __init__(self, charge: Charge, seconds: float) -> None:
        super().__init__(f"{charge.client} sends too many {charge.kind}")
        self.charge, self.seconds = charge, seconds


class Buckets:
    """Token buckets, kept as one number for each client: the moment when theirs is full again.

    With that (the generic cell rate algorithm of ITU-T I.371) nothing has to be refilled, and the time that a request
    must wait for its turn is a subtraction.

    Args:
        most_clients: of whom something is remembered; those forgotten first were quiet for the longest time.
    """

    def __init__(self, most_clients: int = 20_000) -> None:
        self._most_clients = most_clients
        self._full_at: OrderedDict[tuple[str, str], float] = OrderedDict()

    def check(self, charges: Iterable[Charge], now: float) -> float:
        """What `take` would return, or raise, without taking anything."""
        return max((self._wait(charge, now) for charge in charges), default=0.0)

    def take(self, charges: Sequence[Charge], now: float) -> float:
        """Take from all of the buckets, or from none.

        Args:
            charges: for one request; more units than a burst count as a burst.
            now: seconds of a clock that never goes back.

        Returns:
            Seconds to wait before the request may go on.

        Raises:
            TooFast: it would have to wait for longer than a rate's `patience`.
        """
        seconds = self.check(charges, now)
        self.owe(charges, now)
        return seconds

    def owe(self, charges: Iterable[Charge], now: float) -> None:
        """Take from the buckets whatever is in them: for work that is done already. What comes next waits for it.

        Units below zero are given back.
        """
        for charge in charges:
            bucket = (charge.kind, charge.client)
            self._full_at[bucket] = self._full_after(charge, now)
            self._full_at.move_to_end(bucket)
        while len(self._full_at) > self._most_clients:
            self._forget(now)

    def _forget(self, now: float) -> None:
        """Forget somebody who owes nothing: of those who were quiet for the longest time, the one who owes least."""
        tried = islice(self._full_at, min(_TRIED, len(self._full_at) - 1))  # the last one is who came now
        del self._full_at[min(tried, key=lambda bucket: max(now, self._full_at[bucket]))]

    def _full_after(self, charge: Charge, now: float) -> float:
        seconds = min(charge.units, charge.rate.burst) / charge.rate.per_second
        return max(now, self._full_at.get((charge.kind, charge.client), now)) + seconds

    def _wait(self, charge: Charge, now: float) -> float:
        """Seconds until the bucket holds so much. Raises TooFast."""
        wait = self._full_after(charge, now) - now - charge.rate.burst / charge.rate.per_second
        if wait > charge.rate.patience:
            raise TooFast(charge, wait)
        return max(0.0, wait)
