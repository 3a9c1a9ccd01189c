"""The app by a wall clock that jumps: `jumping_clock.py FILE`; the file says how many seconds it is ahead."""

from __future__ import annotations

import datetime
import runpy
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import gradio.route_utils
import gradio.state_holder

_file, _time, _now = Path(sys.argv[1]), time.time, datetime.datetime.now


def ahead() -> float:
    return float(_file.read_text(encoding="utf-8") or 0)


class Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
        return _now(tz) + datetime.timedelta(seconds=ahead())


time.time = lambda: _time() + ahead()
gradio.route_utils.datetime = Jumping
gradio.state_holder.datetime = SimpleNamespace(datetime=Jumping)
runpy.run_path("app.py", run_name="__main__")
