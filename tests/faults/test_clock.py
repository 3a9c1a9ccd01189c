"""The wall clock jumps by days, as when a laptop wakes or a clock is set: nothing ends, nobody is forgotten."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.support.app_process import Served
from tests.support.retrainer import Retrainer
from tests.support.visitor import ROOT

DAYS = 2 * 86400
SEVEN = [[[0.2, 0.2], [0.7, 0.2], [0.4, 0.8]]]


def test_a_run_a_session_and_a_download_outlive_jumps_of_two_days(served: Served, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0", encoding="utf-8")
    served.start(str(Path(__file__).with_name("jumping_clock.py")), str(clock))
    visitor = Retrainer(served.url)
    told = []
    for text in visitor.start(Epochs=3):
        told.append(text)
        clock.write_text(str({1: DAYS, 4: -DAYS}.get(len(told) % 6, clock.read_text(encoding="utf-8"))))
    assert len(told) > 8
    done = re.match(r"Done in ([\d.]+) s", told[-1])
    assert done
    assert 0 < float(done[1]) < 120
    visitor.look()
    for ahead in (DAYS, -DAYS, 0):
        clock.write_text(str(ahead), encoding="utf-8")
        assert visitor.read(SEVEN)["model"].startswith("Run 1")
        assert visitor.download(1).startswith(b"PK")
    clock.write_text(str(DAYS), encoding="utf-8")
    visitor.reload()
    assert visitor.read(SEVEN)["model"].startswith("Run 1")
    assert "Traceback" not in served.said()


def test_no_duration_is_taken_from_the_wall_clock() -> None:
    paths = [*(ROOT / "mnist_core").rglob("*.py"), *(ROOT / "ui").rglob("*.py"), ROOT / "app.py"]
    assert len(paths) > 50
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert ast.unparse(node) not in ("time.time", "time.time_ns", "datetime.now", "datetime.datetime"), path
