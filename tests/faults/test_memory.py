"""Requests that would take more memory than there is: refused in words before they start, and nothing is lost."""

from __future__ import annotations

import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mnist_core import memory
from tests.support.app_process import Served
from tests.support.visitor import Visitor

LARGEST = {"First hidden layer": 1024, "Second hidden layer": 1024, "Batch size": 4096, "Augmentation": True}
SMALL = {"Epochs": 1, "Training_images": 2000}
SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]
SPARE = 500 << 20  # bytes: less than the largest run needs, more than a small one and some new threads


def settings(**more: object) -> dict[str, object]:
    return {**{name.replace(" ", "_"): value for name, value in LARGEST.items()}, **more}


def test_the_largest_runs_are_refused_where_memory_is_short_and_the_app_goes_on(served: Served) -> None:
    served.start()
    visitors = [Visitor(served.url) for _ in range(3)]
    *_, told = visitors[0].start(**SMALL)
    assert told.startswith("Done")
    pages = int(Path(f"/proc/{served.pid}/statm").read_text(encoding="utf-8").split()[0])
    taken = pages * resource.getpagesize()
    resource.prlimit(served.pid, resource.RLIMIT_AS, (taken + SPARE, taken + SPARE))
    with ThreadPoolExecutor(3) as threads:
        said = list(threads.map(lambda visitor: list(visitor.start(**settings()))[-1], visitors))
    assert all(text.startswith("There is not enough memory for this run.") for text in said), said
    assert visitors[0].read(SEVEN)["model"].startswith("Run 1")
    *_, told = visitors[1].start(**SMALL)
    assert told.startswith("Done")
    assert visitors[1].read(SEVEN)["model"].startswith("Run ")
    assert "Traceback" not in served.said()


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({"memory.max": "1000", "memory.current": "700", "memory.stat": "anon 1\ninactive_file 50\n"}, 350),
        ({"memory.max": "max", "memory.current": "700", "memory.stat": ""}, float("inf")),
        (
            {
                "memory/memory.limit_in_bytes": "1000",
                "memory/memory.usage_in_bytes": "900",
                "memory/memory.stat": "total_inactive_file 7\n",
            },
            107,
        ),
        ({}, float("inf")),
    ],
    ids=["version 2", "no limit", "version 1", "none"],
)
def test_a_container_may_take_less_than_the_machine_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], free: float
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    assert memory._of_container() == free
    assert memory.free_memory() <= free


def test_what_is_short_is_said_in_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 100.0 * (1 << 20))
    memory.require_memory(99 << 20, "This")
    with pytest.raises(MemoryError, match="This needs about 101 MB of memory, and 100 MB are free."):
        memory.require_memory(101 << 20, "This")
