"""The limits that a host may change, and the rates that clients may not exceed."""

from __future__ import annotations

import pytest

from ui.limits import VARIABLES, Limits, Rate
from ui.server.gate.buckets import Buckets, Charge, TooFast


def test_without_variables_the_limits_are_what_the_documentation_says() -> None:
    assert Limits.from_environment({}) == Limits(20, 500, 8, 600, 30)


def test_each_limit_is_changed_by_its_variable() -> None:
    environment = {
        "MAX_UPLOAD_MB": "2.5",
        "MAX_SESSIONS": "7",
        "MAX_WAITING_RUNS": "3",
        "MAX_TRAIN_SECONDS": "17",
        "MAX_READINGS_PER_SECOND": "15",
    }
    limits = Limits.from_environment(environment)
    assert limits == Limits(2.5, 7, 3, 17, 15)
    assert set(environment) == {variable for variable, _, _ in VARIABLES.values()}
    assert limits.upload_bytes == 2_500_000


@pytest.mark.parametrize("text", ["soon", "0", "-3", "nan", "inf", "1e9", "1,5"])
@pytest.mark.parametrize("variable", [variable for variable, _, _ in VARIABLES.values()])
def test_a_limit_that_is_none_is_refused_by_name(variable: str, text: str) -> None:
    with pytest.raises(
        ValueError, match=rf"{variable} must be a (whole )?number from 1 to [\d,]+\. Received: '{text}'"
    ):
        Limits.from_environment({variable: text})


@pytest.mark.parametrize("variable", ["MAX_SESSIONS", "MAX_WAITING_RUNS"])
def test_a_count_is_whole(variable: str) -> None:
    with pytest.raises(ValueError, match="must be a whole number"):
        Limits.from_environment({variable: "2.5"})


def test_one_address_never_has_all_places() -> None:
    limits = Limits(sessions=10, waiting_runs=8)
    assert limits.uploads_of_address.burst == limits.uploads_of_all.burst / 10 == 300_000_000
    assert limits.sessions_of_address == 2
    assert limits.runs_of_address == 7  # one that learns and six that wait


RATE = Rate(10, 5, patience=0.001)


def taken(buckets: Buckets, count: int, now: float, client: str = "a", rate: Rate = RATE) -> list[float]:
    return [buckets.take([Charge("readings", client, rate)], now) for _ in range(count)]


def test_a_burst_passes_at_once_and_what_comes_after_it_waits_for_its_turn() -> None:
    waits = taken(Buckets(), 8, now=100, rate=Rate(10, 5, patience=1))
    assert waits == pytest.approx([0, 0, 0, 0, 0, 0.1, 0.2, 0.3])


def test_who_would_wait_for_too_long_is_refused_and_owes_nothing_for_it() -> None:
    buckets = Buckets()
    rate = Rate(10, 5, patience=0.3)
    taken(buckets, 8, now=100, rate=rate)
    for _ in range(100):
        with pytest.raises(TooFast) as refused:
            taken(buckets, 1, now=100, rate=rate)
    assert refused.value.seconds == pytest.approx(0.4)
    assert taken(buckets, 1, now=100.1, rate=rate) == pytest.approx([0.3])


def test_a_pause_makes_a_burst_possible_again_and_no_more_than_that() -> None:
    buckets = Buckets()
    taken(buckets, 5, now=0)
    taken(buckets, 5, now=1000)
    with pytest.raises(TooFast):
        taken(buckets, 1, now=1000)


def test_one_client_takes_nothing_from_another() -> None:
    buckets = Buckets()
    taken(buckets, 5, now=0, client="flooder")
    with pytest.raises(TooFast):
        taken(buckets, 1, now=0, client="flooder")
    assert taken(buckets, 5, now=0, client="visitor") == [0] * 5


def test_what_one_bucket_refuses_is_taken_from_none() -> None:
    buckets = Buckets()
    own, shared = Charge("readings", "own", RATE), Charge("readings", "shared", Rate(10, 1, patience=0.001))
    buckets.take([own, shared], 0)
    for _ in range(10):
        with pytest.raises(TooFast):
            buckets.take([own, shared], 0)
    assert [buckets.take([own], 0) for _ in range(4)] == [0] * 4


def test_a_request_larger_than_a_burst_passes_when_nothing_else_did() -> None:
    assert Buckets().take([Charge("readings", "a", RATE, 1000)], 0) == 0


def test_only_so_many_clients_are_remembered() -> None:
    buckets = Buckets(most_clients=2)
    for client in "abc":
        taken(buckets, 5, now=0, client=client)
    assert taken(buckets, 5, now=0, client="a") == [0] * 5  # forgotten
    with pytest.raises(TooFast):
        taken(buckets, 1, now=0, client="c")


def test_who_still_owes_is_not_forgotten_for_those_who_come() -> None:
    buckets, slow = Buckets(most_clients=50), Rate(0.01, 5)
    taken(buckets, 5, now=0, client="owes", rate=slow)
    for number in range(1000):
        taken(buckets, 1, now=1 + number / 5, client=f"comes {number}")
    with pytest.raises(TooFast):
        taken(buckets, 5, now=201, client="owes", rate=slow)
