"""Compare and keep: the visitor's runs as a table and curves, which model is in use, files in and out."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from mnist_core import PRESETS, Classifier, InvalidWeights, NotWritten, evaluate_all, read_weights, write_run
from mnist_core.errors import InvalidInput
from mnist_core.export.archive import MAX_ARCHIVE_BYTES
from mnist_core.export.card import weights_digest
from mnist_core.memory import require_memory
from ui.jobs.teaching_job import drawings_text
from ui.retrain.charts.charts import build_chart, comparison_value
from ui.retrain.runs.evaluation_panel import build_evaluation_panel, evaluation_value
from ui.server.files.upload_checks import read_upload, upload_name
from ui.visitor.drawings import to_file
from ui.visitor.runs import Run, differences
from ui.visitor.session import Session
from ui.visitor.sessions import Sessions

_SPARE_BYTES = 256e6  # a run takes 8 MB; what is being read or trained needs the rest
SHIPPED = 0  # the shipped model's number among the runs
_HEADERS = ["Run", "Model", "Settings", "Test, %", "Pen, %", "Seconds", "In use"]
_GONE = "That run is gone. If this page was closed for more than five minutes, reload it."


@dataclass(frozen=True)
class RunsPanel:
    """The components, and how they are filled.

    Attributes:
        chosen: the number of the run that is looked at.
        shown: what `show` gives new values for.
    """

    chosen: gr.Dropdown
    table: gr.Dataframe
    chart: gr.HTML
    evaluation: gr.HTML

    @property
    def shown(self) -> list[gr.components.Component]:
        """The outputs of `show`, in order."""
        return [self.chosen, self.table, self.chart, self.evaluation]


def build_runs_panel(sessions: Sessions) -> RunsPanel:
    """Put the evaluation and the comparison on the page; nothing listens yet."""
    evaluation = build_evaluation_panel(sessions)
    chart = build_chart("Test accuracy of your runs over their epochs, %", elem_id="comparison")
    table = gr.Dataframe(
        headers=_HEADERS,
        datatype=["number", "str", "str", "number", "number", "number", "str"],
        column_widths=["56px", "124px", "172px", "80px", "76px", "94px", "72px"],
        interactive=False,
        label="Runs: pick one to look at it; a heading's menu sorts them",
        show_label=True,
        wrap=True,
        elem_id="runs",
        buttons=[],
    )
    chosen = gr.Dropdown([("Shipped", SHIPPED)], value=SHIPPED, label="Model", filterable=False, elem_id="chosen")
    return RunsPanel(chosen, table, chart, evaluation)


def show(session: Session, number: int) -> list[Any]:
    """New values of `RunsPanel.shown`, looking at that run."""
    number = number if number in session.runs else SHIPPED
    runs = session.runs.by_accuracy()
    choices = [(run.title if run.teaching else f"{run.title} · {run.name}", run.number) for run in runs] + [
        (session.shipped.name, SHIPPED)
    ]
    return [
        gr.update(choices=choices, value=number),
        _rows(session, runs),
        comparison_value(sorted(runs, key=lambda run: run.number)),
        evaluation_value(session, number),
    ]


def _rows(session: Session, runs: list[Run]) -> list[list[Any]]:
    shipped = session.shipped.results
    rows: list[list[Any]] = [
        [run.number, run.name, _settings(run), _percent(run.results["mnist_test"].accuracy),
         _percent(run.results["pen_dev"].accuracy), round(run.seconds, 1), _mark(session.in_use == run.number)]
        for run in runs
    ]  # fmt: skip
    rows.append(
        [SHIPPED, "Shipped", "shipped recipe", _percent(shipped["mnist_test"].accuracy),
         _percent(shipped["pen_dev"].accuracy), None, _mark(session.in_use is None)]
    )  # fmt: skip
    return sorted(rows, key=lambda row: -row[3])


def _settings(run: Run) -> str:
    if run.teaching:
        return f"{drawings_text(len(run.drawings))}, from {run.teaching.base_title}"
    if run.config is None:
        return "uploaded"
    settings = differences(run.config, PRESETS["recommended"]) or "as recommended"
    return settings + (f", with {drawings_text(len(run.drawings))}" if run.drawings else "")


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _mark(is_in_use: bool) -> str:
    return "in use" if is_in_use else ""


def use(session: Session, number: int) -> None:
    """Let that model read for the visitor. Raises ValueError when it is gone."""
    if number != SHIPPED and number not in session.runs:
        raise InvalidInput(_GONE)
    session.in_use = number or None


def upload(session: Session, file: Any) -> int:
    """Add the weights in a file as a run and use them; returns its number.

    Args:
        session: the visitor's.
        file: what the browser says of it, which may be anything.

    Raises:
        ValueError: it cannot be used; says why.
        MemoryError: the machine has no room for it.
    """
    if file is None:
        raise InvalidInput("Choose a file: an .npz of weights, or the .zip of a run.")
    session.runs.check_room()
    require_memory(_SPARE_BYTES, "One more run")
    name, content = upload_name(file), read_upload(file, MAX_ARCHIVE_BYTES)
    try:
        classifier = Classifier(read_weights(io.BytesIO(content)))
    except InvalidWeights as error:
        raise InvalidInput(f"{name} cannot be used: {error}") from None
    run = Run(session.runs.next_number(), name, classifier, evaluate_all(classifier))
    session.keep(run)
    return run.number


def archive(session: Session, number: int, folder: Path) -> Path:
    """Write a run's archive, unless it is there already; returns its path, which nobody can guess.

    Raises:
        ValueError: it is no run of theirs.
        NotWritten: the system refused; what was there before is as it was.
    """
    if number == SHIPPED:
        raise InvalidInput("The shipped model is in the project's repository; pick a run of yours to download it.")
    if number not in session.runs:
        raise InvalidInput(_GONE)
    run = session.runs[number]
    # The same place each time, or whoever presses Download again and again fills the disk.
    named = f"{session.key} {number} {weights_digest(run.classifier.weights)}"
    path = folder / hashlib.sha256(named.encode()).hexdigest()[:32] / f"run-{number}.zip"
    if path.exists():
        path.touch()  # as if it were new, or it might be swept away before it is fetched
        return path
    accuracy = {name: result.accuracy for name, result in run.results.items()}
    drawings = to_file(list(run.drawings)) if run.drawings else None
    try:
        write_run(
            path,
            run.classifier.weights,
            run.config,
            history=run.history,
            accuracy=accuracy,
            init=run.init,
            drawings=drawings,
        )
    except NotWritten:
        with suppress(OSError):
            path.parent.rmdir()
        raise
    return path
