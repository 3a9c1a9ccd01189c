"""Two minutes of the soak: 50 people draw, 5 retrain, some come and go. Timings are printed, and decide nothing."""

from __future__ import annotations

from benchmarks.soak import figures, growth, soak

# A leak of a run's pictures, 47 MB, or of its graph, would be many times that in two minutes; a busy machine is not.
MEGABYTES = 200
OTHERS = 25


def test_two_minutes_of_people_leave_nothing_behind() -> None:
    record = soak(2)
    print(*figures(record), sep="\n")
    assert record.errors == []
    assert record.runs >= 5
    assert growth(record, MEGABYTES, OTHERS) == []
