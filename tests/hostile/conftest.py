from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bounded import EXAMPLES, count_tried, most_taken
from stranger import Stranger

from tests.support.visitor import running_app


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if count_tried():
        kind = f"{EXAMPLES} of each property" if EXAMPLES else "the same each time; HOSTILE_EXAMPLES=5000 for more"
        terminalreporter.write_line(f"{count_tried():,} hostile inputs tried ({kind}); {most_taken()}")


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    with running_app() as (url, process):
        stranger = Stranger(url, process)
        stranger.check_well()
        yield stranger
        stranger.close()


@pytest.fixture
def app_goes_on(stranger: Stranger) -> Iterator[None]:
    yield
    stranger.check_well()


@pytest.fixture(scope="module")
def hashes() -> Iterator[str]:
    return (f"stranger{number}" for number in range(10**9))
