"""The Retrain tab: choose hyperparameters, watch the model learn, see how it does, compare it, keep it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from mnist_core import TrainConfig, Weights, check_init
from mnist_core.errors import InvalidInput
from ui.draw.tab import DrawTab
from ui.jobs.job import Job
from ui.jobs.trainer import Trainer
from ui.jobs.worker import QueueFull
from ui.limits import PAGES_OF_RUN
from ui.retrain.form.form import (
    FROM_MODEL,
    PRESET_NAMES,
    Form,
    build_form,
    config_of,
    drawings_update,
    layers_html,
    preset_named,
    preset_values,
    refusal_html,
    summary_html,
)
from ui.retrain.run_card import card_value
from ui.retrain.runs import runs_panel
from ui.retrain.runs.runs_panel import RunsPanel, build_runs_panel
from ui.retrain.watch_panel import Watch, build_watch, updates, watch_job
from ui.server.errors import told
from ui.visitor.session import Busy, Session
from ui.visitor.sessions import NO_SESSION, Sessions

# Nothing here is an endpoint for programs; ui/api.py has those.
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_AT_ONCE: dict[str, Any] = {**_QUIET, "queue": False}
# Through the queue, since Gradio shows no message of what is refused at once; two at a time, since some take a second.
_IN_TURN: dict[str, Any] = {**_QUIET, "concurrency_id": "runs", "concurrency_limit": 2}
# What takes long keeps nobody waiting who only looks.
_FILES_IN_TURN: dict[str, Any] = {**_QUIET, "concurrency_id": "files", "concurrency_limit": 2}

Show = Callable[[Session, Job | None, gr.Request], Iterator[list[Any]]]  # shows a run on a page, until it ends


def build_retrain_tab(sessions: Sessions, trainer: Trainer, draw: DrawTab, tab: gr.Tab) -> None:
    """Put the tab's content on the page.

    Args:
        sessions: knows the visitors and the shipped model.
        trainer: runs what they start.
        draw: reads again when the visitor's model has changed.
        tab: that this is in; when it is opened, the machine's speed is measured.
    """
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=300):
            form = build_form()
            start = gr.Button("Start", variant="primary")
        with gr.Column(scale=4, min_width=300):
            watch = build_watch()
            panel = build_runs_panel(sessions)
            with gr.Row(elem_id="run-buttons"):
                use = gr.Button("Use on the Draw tab", min_width=140)
                download = gr.Button("Download", min_width=100)
                delete = gr.Button("Delete", min_width=100)
                upload = gr.UploadButton("Upload weights", file_types=[".npz", ".zip"], min_width=140)
            file = gr.DownloadButton("Run", visible="hidden", elem_id="run-file")

    def show(session: Session, job: Job | None, request: gr.Request) -> Iterator[list[Any]]:
        page = str(request.session_hash)
        if job is None or page in job.pages:
            yield updates(watch, {})
        elif len(job.pages) >= PAGES_OF_RUN:
            yield updates(watch, {watch.card: card_value("Your run is shown in other tabs, as many as can show it.")})
        else:
            yield from watch_job(sessions, session, job, watch, trainer.max_seconds, page)

    def show_again(session: Session | None, request: gr.Request) -> Iterator[list[Any]]:
        owner = _open(session)
        yield from show(owner, owner.job, request)

    # What is quick comes first: a visitor's requests are worked off one after another.
    tab.select(_count_drawings, draw.state, form.include_drawings, **_AT_ONCE)
    _connect_form(form, trainer, draw.state, tab)
    started = _connect_start(form, start, watch, trainer, draw.state, show)
    shown = tab.select(show_again, draw.state, watch.outputs, concurrency_limit=None, **_QUIET)
    kept = _connect_watch(form, watch, draw.state)
    for event in (started, shown, kept):
        draw.read_again_after(event)
        event.then(_show_newest, draw.state, panel.shown, **_IN_TURN)
    tab.select(_show_newest, draw.state, panel.shown, **_IN_TURN)
    _connect_panel(panel, draw, {"use": use, "delete": delete, "upload": upload})

    def write(session: Session | None, number: int) -> str:
        with told():
            return str(runs_panel.archive(_open(session), number, Path(file.GRADIO_CACHE)))

    written = download.click(write, [draw.state, panel.chosen], file, **_FILES_IN_TURN)
    written.success(None, None, None, js="() => document.querySelector('#run-file').click()")


def _connect_form(form: Form, trainer: Trainer, state: gr.State, tab: gr.Tab) -> None:
    def describe(session: Session | None, start_from: str, *values: Any) -> tuple[str, Any]:
        try:
            config = config_of(form, values)
            check_init(config, _start_weights(session, start_from))
        except InvalidInput as error:
            return refusal_html(str(error)), gr.skip()
        return summary_html(config, trainer.seconds(config), trainer.max_seconds), layers_html(config)

    def fill_in(name: Any) -> list[Any]:
        with told():
            return preset_values(form, name)

    settings = [state, form.start_from, *form.inputs]
    shown = [form.summary, form.layers]
    described: dict[str, Any] = {"fn": describe, "inputs": settings, "outputs": shown}
    fill = form.preset.input(fill_in, form.preset, [form.preset, *form.inputs], **_AT_ONCE)
    fill.then(**described, **_AT_ONCE)
    changed = [field.input for field in (*form.inputs, form.start_from)]
    gr.on(changed, **described, trigger_mode="always_last", **_AT_ONCE)
    opened = tab.select(**described, trigger_mode="always_last", **_AT_ONCE)
    opened.then(trainer.measure, None, None, **_QUIET).then(**described, **_AT_ONCE)


def _connect_start(  # noqa: PLR0917
    form: Form, start: gr.Button, watch: Watch, trainer: Trainer, state: gr.State, show: Show
) -> Dependency:
    def run(
        request: gr.Request,
        session: Session | None,
        preset: str,
        start_from: str,
        with_drawings: bool,
        *values: Any,
    ) -> Iterator[list[Any]]:
        owner = _open(session)

        def start() -> Job:
            return _order(trainer, owner, preset, config_of(form, values), start_from, with_drawings=with_drawings)

        job: Job | None
        try:
            job = owner.begin_job(start)
        except Busy as busy:
            gr.Warning(str(busy))
            job = owner.job
        except (InvalidInput, QueueFull) as error:
            yield updates(watch, {watch.card: card_value(str(error), state="failed")})
            return
        yield from show(owner, job, request)

    settings = [state, form.preset, form.start_from, form.include_drawings, *form.inputs]
    # "multiple": a second press is answered, not swallowed.
    return start.click(run, settings, watch.outputs, concurrency_limit=None, trigger_mode="multiple", **_QUIET)


def _connect_watch(form: Form, watch: Watch, state: gr.State) -> Dependency:
    def stop(session: Session | None) -> None:
        if session and session.job:
            session.job.stop()

    def change_rate(session: Session | None, rate: Any) -> None:
        if session and session.job:
            with told():
                session.job.change_rate(rate)

    def keep(session: Session | None) -> list[Any]:
        with told():
            owner = _open(session)
            if owner.stopped_run is None:
                raise InvalidInput("There is no stopped run to keep.")
            owner.keep(owner.stopped_run)
            kept, owner.stopped_run = owner.stopped_run, None
        card = card_value(f"Kept as {kept.title}. The Draw tab uses this model.", more=kept.verdict, state="stopped")
        return [card, gr.update(visible=False)]

    watch.stop.click(stop, state, None, **_AT_ONCE)
    form.fields["learning_rate"].input(change_rate, [state, form.fields["learning_rate"]], None, **_AT_ONCE)
    return watch.keep.click(keep, state, [watch.card, watch.keep], **_IN_TURN)


def _connect_panel(panel: RunsPanel, draw: DrawTab, buttons: dict[str, Any]) -> None:
    def look(session: Session | None, number: Any) -> list[Any]:
        with told():
            return runs_panel.show(_open(session), number)

    # Not gr.SelectData, which fails on what no table sends.
    def pick(session: Session | None, event: gr.EventData) -> list[Any]:
        row = event._data.get("row_value") if isinstance(event._data, dict) else None
        return look(session, row[0] if isinstance(row, list) and row else runs_panel.SHIPPED)

    def use(session: Session | None, number: int) -> list[Any]:
        with told():
            runs_panel.use(_open(session), number)
        return look(session, number)

    def delete(session: Session | None, number: int) -> list[Any]:
        with told():
            if number == runs_panel.SHIPPED:
                raise InvalidInput("The shipped model cannot be deleted.")
            _open(session).delete(number)
        return look(session, runs_panel.SHIPPED)

    def upload(session: Session | None, file: Any) -> list[Any]:
        with told():
            return look(session, runs_panel.upload(_open(session), file))

    chosen = [draw.state, panel.chosen]
    panel.chosen.input(look, chosen, panel.shown, **_IN_TURN)
    panel.table.select(pick, draw.state, panel.shown, **_IN_TURN)
    for event in (
        buttons["use"].click(use, chosen, panel.shown, **_IN_TURN),
        buttons["delete"].click(delete, chosen, panel.shown, **_IN_TURN),
        # Not preprocessed: `read_upload` alone decides what is opened.
        buttons["upload"].upload(
            upload, [draw.state, buttons["upload"]], panel.shown, preprocess=False, **_FILES_IN_TURN
        ),
    ):
        draw.read_again_after(event)


def _show_newest(session: Session | None) -> list[Any]:
    """Look at the run whose model is in use."""
    with told():
        return runs_panel.show(_open(session), _open(session).in_use or runs_panel.SHIPPED)


def _count_drawings(session: Session | None) -> Any:
    return drawings_update(len(session.drawings) if session and session.drawings is not None else 0)


def _order(
    trainer: Trainer, session: Session, preset: str, config: TrainConfig, start_from: str, *, with_drawings: bool
) -> Job:
    """Start a run of the visitor's. Raises ValueError or QueueFull, saying why it cannot start."""
    session.runs.check_room()
    standard = preset_named(preset)
    return trainer.start(
        config,
        number=session.runs.next_number(),
        name=PRESET_NAMES[preset] + ("" if config == standard else ", changed"),
        init=_start_weights(session, start_from),
        drawings=tuple(session.drawings) if with_drawings and session.drawings is not None else (),
        look_at=lambda: session.drawing,
        on_end=session.end_job,
        address=session.address,
    )


def _start_weights(session: Session | None, start_from: str) -> Weights | None:
    return session.model.classifier.weights if session and start_from == FROM_MODEL else None


def _open(session: Session | None) -> Session:
    """The visitor's session, which has just been used."""
    if session is None or session.is_gone:
        raise gr.Error(NO_SESSION, print_exception=False)
    session.seen = time.monotonic()
    return session
