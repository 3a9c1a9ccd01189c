"""Rates that clients may not exceed: who is too fast waits, and who would wait too long is refused."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from ui.limits import Rate


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

    def take(self, charges: Iterable[Charge], now: float) -> float:
        """Take from all of the buckets, or from none.

        Args:
            charges: for one request; more units than a burst count as a burst.
            now: seconds of a clock that never goes back.

        Returns:
            Seconds to wait before the request may go on.

        Raises:
            TooFast: it would have to wait for longer than a rate's `patience`.
        """
        full_at: dict[tuple[str, str], float] = {}
        longest = 0.0
        for charge in charges:
            seconds = min(charge.units, charge.rate.burst) / charge.rate.per_second
            bucket = (charge.kind, charge.client)
            full_at[bucket] = max(now, self._full_at.get(bucket, now)) + seconds
            wait = full_at[bucket] - now - charge.rate.burst / charge.rate.per_second
            if wait > charge.rate.patience:
                raise TooFast(charge, wait)
            longest = max(longest, wait)
        for bucket, moment in full_at.items():
            self._full_at[bucket] = moment
            self._full_at.move_to_end(bucket)
        while len(self._full_at) > self._most_clients:
            self._full_at.popitem(last=False)
        return longest
