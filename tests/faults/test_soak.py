"""Two minutes of the soak: 50 people draw, 5 retrain, some come and go. Timings are printed, and decide nothing."""

from __future__ import annotations

from benchmarks.soak import figures, growth, soak

# In a minute: the pictures of each run, 47 MB, would be more. Two minutes are hardly more than the warm-up.
MEGABYTES = 150
OTHERS = 25


def test_two_minutes_of_people_leave_nothing_behind() -> None:
    record = soak(2)
    print(*figures(record), sep="\n")
    assert record.errors == []
    assert record.runs >= 5
    assert growth(record, MEGABYTES, OTHERS) == []
