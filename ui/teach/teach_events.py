"""What happens when a visitor teaches: their drawings are remembered, a job learns them, the panel tells of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
from gradio.events import Dependency

from mnist_core.errors import InvalidInput
from ui.jobs.teaching_job import TeachingJob
from ui.jobs.trainer import Trainer
from ui.jobs.worker import CLOSING, QueueFull
from ui.teach.drawings_server import LOST
from ui.teach.teach_panel import OLD_KEY, result_value, teach_value, teaching_value
from ui.visitor.session import Session
from ui.visitor.sessions import Sessions

_REFRESH_SECONDS = 0.2
_OLD_SECRET = "draw-a-digit"  # by which Gradio encrypted what the first release kept

_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_AT_ONCE: dict[str, Any] = {**_QUIET, "queue": False}


def connect_teaching(
    panel: gr.HTML, state: gr.State, sessions: Sessions, trainer: Trainer, loaded: Dependency
) -> Dependency:
    """Let drawings be remembered, and let Teach teach.

    Args:
        panel: "Teach it my hand".
        state: the visitor's session.
        sessions: knows the visitors.
        trainer: starts teaching jobs.
        loaded: the event after which a visitor's session is there.

    Returns:
        The event that may have changed the visitor's model.
    """
    old = gr.BrowserState(None, storage_key=OLD_KEY, secret=_OLD_SECRET)

    def show(session: Session | None) -> Any:
        return gr.skip() if session is None else teach_value(session)

    def teach(session: Session | None) -> Iterator[Any]:
        if session is None:
            raise gr.Error(LOST, print_exception=False)
        yield from watch_teaching(session, trainer, lambda: sessions.listens(session))

    shown = loaded.then(show, state, panel, **_AT_ONCE)
    # What the first release kept in the visitor's browser, all in one value.
    shown.then(None, old, None, js="(old) => window.digitDrawings?.bringOld(old)", **_AT_ONCE)
    # Who saves drawings may soon teach: TensorFlow, which takes seconds to start, is then there already.
    panel.input(trainer.measure, None, None, trigger_mode="always_last", **_QUIET)
    return panel.submit(teach, state, panel, concurrency_limit=None, **_QUIET)


def watch_teaching(
    session: Session, trainer: Trainer, listens: Callable[[], bool] = lambda: False
) -> Iterator[dict[str, Any]]:
    """A teaching job from its start to its end, as values of the panel.

    When the page goes, the generator is closed, and the job ends, unless another page of the visitor `listens`.
    Only a job that went well changes anything.
    """
    try:
        job = session.begin_teaching_job(lambda: _order(session, trainer))
    except (InvalidInput, QueueFull) as error:
        yield teach_value(session, message=str(error))
        return
    try:
        yield teaching_value(session, job)
        while not job.wait(_REFRESH_SECONDS) and not job.stopped:
            yield teaching_value(session, job)
    finally:
        if not listens():
            job.stop()
    yield _ended(session, job)


def _order(session: Session, trainer: Trainer) -> TeachingJob:
    """Start a teaching job of the visitor's. Raises ValueError or QueueFull, saying why it cannot start."""
    if session.drawings is None:
        raise InvalidInput(LOST)
    base = session.base
    if session.runs.taught_from(base.number) is None:
        session.runs.check_room()
    number = session.runs.next_number()
    return trainer.teach(base, tuple(session.drawings), number, session.address, session.end_teaching_job)


def _ended(session: Session, job: TeachingJob) -> dict[str, Any]:
    if job.stopped == "server":
        return teach_value(session, message=CLOSING)
    if job.error:
        return teach_value(session, message=f"{job.error} Your model is as before.")
    if job.run is None or job.stopped:
        return teach_value(session, message="Stopped. Your model is as before.")
    return result_value(session, job, job.run)
