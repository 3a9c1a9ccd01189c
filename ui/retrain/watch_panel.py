"""Watching a run: its card, its curves, the visitor's drawing and the first layer as it learns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ui.jobs.job import Job
from ui.retrain.charts import charts
from ui.retrain.charts.patterns_panel import build_patterns_panel, patterns_value
from ui.retrain.run_card import build_run_card, ended_value, running_value
from ui.visitor.session import Session
from ui.visitor.sessions import Sessions

_REFRESH_SECONDS = 0.2
_CHART_WIDTH = 260  # px, at least
_NO_DRAWING = "Nothing is on the pad. What you draw there is read again and again while the model learns."


@dataclass(frozen=True)
class Watch:
    """What is seen of a run."""

    card: gr.HTML
    stop: gr.Button
    keep: gr.Button
    curves: gr.Column
    accuracy: gr.HTML
    loss: gr.HTML
    drawing: gr.HTML
    patterns: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """What `updates` gives values for, in order."""
        return [
            self.card, self.stop, self.keep, self.curves,
            self.accuracy, self.loss, self.drawing, self.patterns,
        ]  # fmt: skip


def build_watch() -> Watch:
    """Put it on the page; nothing listens yet."""
    with gr.Row():
        with gr.Column(scale=6, min_width=220):
            card = build_run_card()
        with gr.Column(scale=1, min_width=90):
            stop = gr.Button("Stop", interactive=False, min_width=90)
            keep = gr.Button("Keep this model", visible=False, variant="primary", min_width=90)
    with gr.Column(visible=False) as curves:
        with gr.Row():
            with gr.Column(min_width=_CHART_WIDTH):
                accuracy = charts.build_chart("Accuracy, %", elem_id="accuracy")
            with gr.Column(min_width=_CHART_WIDTH):
                loss = charts.build_chart("Loss", elem_id="loss")
        with gr.Row():
            with gr.Column(min_width=_CHART_WIDTH):
                drawing = charts.build_chart("Your drawing, as it learns, %", elem_id="drawing", empty=_NO_DRAWING)
            with gr.Column(min_width=_CHART_WIDTH):
                patterns = build_patterns_panel()
    return Watch(card, stop, keep, curves, accuracy, loss, drawing, patterns)


def watch_job(  # noqa: PLR0917
    sessions: Sessions, session: Session, job: Job, watch: Watch, max_seconds: float, page: str
) -> Iterator[list[Any]]:
    """Show a run until it ends, or until the page goes; the run itself goes on as long as a page of theirs listens.

    Args:
        sessions: knows who listens.
        session: whose run it is.
        job: the run.
        watch: where it is shown.
        max_seconds: that a run may take.
        page: Gradio's name for the page.
    """
    job.pages.add(page)
    try:
        yield updates(watch, _running(watch, job))
        while not job.wait(_REFRESH_SECONDS) and not job.is_given_up:
            yield updates(watch, _running(watch, job))
    finally:
        job.pages.discard(page)
        if not sessions.listens(session):
            job.stop()
    yield updates(watch, {**_curves(watch, job), **_ended(watch, job, session, max_seconds)})


def _running(watch: Watch, job: Job) -> dict[Any, Any]:
    # The curves are shown with every update: one that comes while the tab is still being drawn may be lost.
    buttons = {
        watch.stop: gr.update(interactive=True),
        watch.keep: gr.update(visible=False),
        watch.curves: gr.update(visible=True),
    }
    return {watch.card: running_value(job), **buttons, **_curves(watch, job)}


def _ended(watch: Watch, job: Job, session: Session, max_seconds: float) -> dict[Any, Any]:
    return {
        watch.card: ended_value(job, max_seconds),
        watch.stop: gr.update(interactive=False),
        watch.keep: gr.update(visible=session.stopped_run is not None),
    }


def _curves(watch: Watch, job: Job) -> dict[Any, Any]:
    return {
        watch.accuracy: charts.accuracy_value(job.history),
        watch.loss: charts.loss_value(job.history),
        watch.drawing: charts.drawing_value(job.drawing),
        watch.patterns: patterns_value(job.patterns),
    }


def updates(watch: Watch, values: dict[Any, Any]) -> list[Any]:
    """One value for each output: what is not named stays as it is."""
    return [values.get(output, gr.skip()) for output in watch.outputs]
