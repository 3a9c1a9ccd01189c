"""Under the reading: say what a drawing is, and teach the model in use what was said."""

from __future__ import annotations

from itertools import count
from typing import Any

import gradio as gr

from ui.jobs.teaching_job import TeachingJob, drawings_text
from ui.limits import DRAWINGS_OF_REQUEST, MAX_DRAWINGS
from ui.server.server_route import quick_where
from ui.sources import joined
from ui.teach.drawings_server import drawings_function
from ui.visitor.runs import Run
from ui.visitor.session import Session
from ui.visitor.sessions import Sessions

OLD_KEY = "draw-a-digit-drawings"  # where the browsers of the first release's visitors keep their drawings

_DIGITS = "".join(
    f'<button type="button" data-label="{digit}" aria-label="It is {name}" disabled>{digit}</button>'
    for digit, name in enumerate("an 8" if digit == 8 else f"a {digit}" for digit in range(10))
)

_HTML = f"""
<section class="teach" aria-label="Teach it my hand">
  <div class="teach-ask" id="teach-ask">Wrong? It is a</div>
  <div class="teach-digits" role="group" aria-labelledby="teach-ask">{_DIGITS}</div>
  <p class="teach-said"><span role="status" data-testid="said"></span>
    <button type="button" class="teach-link" data-do="undo" aria-label="Undo saving" hidden>Undo</button></p>
  <div class="teach-foot">
    <span class="teach-note" data-testid="drawings-count"></span>
    <button type="button" data-do="teach" class="teach-main" disabled>Teach</button>
    <button type="button" data-do="stop" hidden>Stop teaching</button>
    <button type="button" data-do="guide">Write each digit three times</button>
  </div>
  <p class="teach-keeping" role="status" data-testid="keeping"></p>
  <div class="teach-under-way" hidden>
    <div role="status" data-testid="teaching"></div>
    <div class="teach-track" role="progressbar" aria-label="Teaching" aria-valuemin="0" aria-valuemax="100">
      <div class="teach-bar"></div>
    </div>
  </div>
  <div class="teach-result" data-testid="teaching-result" hidden>
    <table>
      <thead><tr><th scope="col">Read right</th><th scope="col">before</th><th scope="col">after</th></tr></thead>
      <tbody></tbody>
    </table>
    <p class="teach-note"></p>
  </div>
</section>
"""

_TOO_FEW = "Too few of your drawings to hold some out and measure on them: write each digit three times."

_numbers = count()


def build_teach_panel(sessions: Sessions) -> gr.HTML:
    """Put the panel on the page.

    It saves what the last `digit-reading` or `digit-chosen` event of the document was about (`detail.strokes`),
    unless a `digit-picture-read` came after it, and what a `digit-save` event holds, `{"strokes", "label"}`; a
    `digit-unsave` event takes it back. A `digit-saved` event tells how saving went, and then `input` is triggered.
    Teach triggers `submit`.

    Drawings are kept by the browser; other panels see and change them by `window.digitDrawings` of `drawings_sync.js`.
    Every change, of another tab too, is told by a `digit-drawings` event, and when a `digit-drawings-wanted` asks.

    Args:
        sessions: where a visitor's drawings are found.

    Returns:
        The panel; its value, set from Python, is made by `teach_value`.
    """

    @quick_where(lambda _: True)
    def stop_teaching(request: Any) -> None:
        """End the teaching job of the session with that key."""
        session = sessions.find(request)
        if session and session.teaching_job:
            session.teaching_job.stop()

    return gr.HTML(
        None,
        html_template=_HTML,
        css_template=joined("teach/teach_panel.css"),
        js_on_load=joined("visitor/drawings_store.js", "visitor/drawings_sync.js", "teach/teach_panel.js")
        .replace("{old_key}", OLD_KEY)
        .replace("{most}", str(MAX_DRAWINGS))
        .replace("{at_once}", str(DRAWINGS_OF_REQUEST)),
        server_functions=[drawings_function(sessions), stop_teaching],
    )


def teach_value(session: Session, *, message: str = "", **more: Any) -> dict[str, Any]:
    """What the panel shows.

    Args:
        session: the visitor's.
        message: said to them.
        more: "teaching" or "result", as made below.
    """
    return {"session": session.key, "message": message, "number": next(_numbers), **more}


def teaching_value(session: Session, job: TeachingJob) -> dict[str, Any]:
    """What the panel shows while a teaching job goes on."""
    if job.place:
        text = f"Number {job.place} in the queue …"
    elif not job.share:
        text = "Getting ready …"
    else:
        text = f"Learning from {drawings_text(len(job.drawings))} …"
    return teach_value(session, teaching={"text": text, "share": job.share})


def result_value(session: Session, job: TeachingJob, run: Run) -> dict[str, Any]:
    """What the panel shows of a teaching job that went well."""
    teaching = run.teaching
    rows = []
    if teaching and teaching.held_out:
        name = f"Your drawings that it had not learned from ({teaching.held_out})"
        rows.append([name, str(teaching.right_before), str(teaching.right_after)])
    for name, key in (("MNIST test", "mnist_test"), ("Pen digits of other people", "pen_dev")):
        rows.append([name, _percent(job.base.results[key].accuracy), _percent(run.results[key].accuracy)])
    note = f"Taught {drawings_text(len(run.drawings))} in {run.seconds:.1f} s. {run.title} reads now."
    if teaching and not teaching.held_out:
        note += f" {_TOO_FEW}"
    return teach_value(session, result={"rows": rows, "note": note})


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"
