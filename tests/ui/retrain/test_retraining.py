"""All that one does in the Retrain tab, over HTTP as the page asks; `benchmarks.soak` does it for an hour."""

from __future__ import annotations

import pytest

from tests.support.pad import ONE
from tests.support.retrainer import Retrainer
from ui.retrain.runs.runs_panel import upload
from ui.visitor.sessions import Sessions

SMALL = {"Epochs": 1, "Training_images": 6000}


@pytest.mark.slow
def test_train_stop_keep_teach_download_upload_and_delete(url: str) -> None:
    visitor = Retrainer(url)
    assert visitor.train(**SMALL).startswith("Done")
    first = visitor.download(1)
    assert first.startswith(b"PK")
    assert visitor.train_and_stop(**{**SMALL, "Epochs": 2000}).startswith("Stopped")
    assert visitor.download(2) != first
    visitor.teach([[list(point) for point in stroke] for stroke in ONE], 1)
    visitor.upload(first)
    visitor.look_at(4)
    visitor.delete(1)
    with pytest.raises(RuntimeError):
        visitor.download(1)
    visitor.leave()


def test_an_upload_is_refused_where_the_machine_has_no_room(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sessions.open()
    monkeypatch.setattr("mnist_core.memory.free_memory", lambda: 100e6)
    with pytest.raises(MemoryError, match="One more run needs about 244 MB of memory, and 95 MB are free"):
        upload(session, {"path": "weights.npz"})
    assert not len(session.runs)
