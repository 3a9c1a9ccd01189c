"""The card that says how far a run has come, and why it ended."""

from __future__ import annotations

from typing import Any

import gradio as gr

from mnist_core import Progress
from ui.jobs.job import Job
from ui.jobs.teaching_job import drawings_text
from ui.jobs.worker import CLOSING
from ui.retrain.form.form import duration
from ui.sources import joined

_HTML = """
<div class="run-card" data-state="idle">
  <div role="status" class="run-text"></div>
  <div class="run-track" role="progressbar" aria-label="Progress of the run" aria-valuemin="0" aria-valuemax="100">
    <div class="run-bar"></div>
  </div>
  <div class="run-more"></div>
</div>
"""

READY = "Press Start: the model learns, and you can watch."
_SILENT = "No word from the server for {} s …"
_LOST = (
    "The connection to the server is lost. A run ends when none of your pages is connected any more. Your drawing and "
    "My drawings are safe in your browser; your models and runs are as before, unless the server was started anew. "
    "When it is back, the page loads anew."
)


def build_run_card() -> gr.HTML:
    """Put the card on the page; its value is made by `card_value`."""
    return gr.HTML(
        card_value(READY),
        html_template=_HTML,
        css_template=joined("retrain/run_card.css"),
        js_on_load=joined("retrain/run_card.js"),
        elem_id="run-card",
    )


def card_value(text: str, *, more: str = "", share: float = 0.0, state: str = "idle") -> dict[str, Any]:
    """What the card shows.

    Args:
        text: where the run is.
        more: a second line.
        share: done so far, 0..1.
        state: "idle", "running", "done", "stopped" or "failed".
    """
    return {"text": text, "more": more, "share": share, "state": state, "silent": _SILENT, "lost": _LOST}


def running_value(job: Job) -> dict[str, Any]:
    """What the card shows of a run that has not ended."""
    if job.stage == "waiting" and job.place:
        return card_value(_waiting_text(job), state="running")
    if job.progress is None:
        return card_value(_preparing_text(job), state="running")
    share = job.progress.step / job.progress.total_steps
    return card_value(_progress_text(job.progress, job.config.epochs), share=share, state="running")


def ended_value(job: Job, max_seconds: float) -> dict[str, Any]:
    """What the card shows of a run that has ended."""
    same = "Your model, runs and drawings are as before."
    if job.stopped == "server" and job.run is None:
        return card_value(CLOSING, state="failed")
    if job.error:
        return card_value(job.error, more=same, state="failed")
    share = job.progress.step / job.progress.total_steps if job.progress else 0.0
    if job.run is None:
        return card_value("Stopped before it had learned anything.", more=same, state="stopped")
    read = f"{100 * job.run.accuracy:.2f}% of the test images read right"
    if job.is_complete:
        own = f", {drawings_text(len(job.drawings))} of yours among what it learned from" if job.drawings else ""
        done = f"Done in {job.run.seconds:.1f} s: {read}{own}. The Draw tab uses this model."
        return card_value(done, more=job.run.verdict, share=1.0, state="done")
    why = f"Ended after {duration(max_seconds)}, the longest a run may take" if job.stopped == "time" else "Stopped"
    return card_value(f"{why}: {read} so far.", more=f"{same} Keep the model so far?", share=share, state="stopped")


def _waiting_text(job: Job) -> str:
    before = "1 run before yours" if job.place == 1 else f"{job.place} runs before yours"
    seconds = job.seconds_to_turn
    wait = "" if seconds is None else f", the first one ends in about {duration(seconds)}"
    return f"Number {job.place} in the queue: {before}{wait}."


def _preparing_text(job: Job) -> str:
    if 0 < job.share_prepared < 1:
        return f"Drawing the pen digits, {100 * job.share_prepared:.0f}% …"
    return "Getting ready …"


def _progress_text(progress: Progress, epochs: int) -> str:
    return (
        f"Epoch {progress.epoch} of {epochs} · {progress.samples_per_second:,.0f} images/s · "
        f"{progress.eta_seconds:.0f} s left"
    )
