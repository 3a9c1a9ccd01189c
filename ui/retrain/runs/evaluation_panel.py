"""How one model does: accuracy, confusion matrix, the images behind its cells, the worst mistakes."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from mnist_core import Evaluation, evaluation_sets
from ui.api.answers import encode_picture
from ui.sources import joined
from ui.visitor.runs import Run
from ui.visitor.session import Session
from ui.visitor.sessions import Sessions

_MOST_MISTAKES, _MOST_PICTURES = 12, 24

_HTML = """
<section class="evaluation" aria-label="Evaluation">
  <p class="evaluation-figures" data-testid="figures"></p>
  <p class="evaluation-verdict" data-testid="verdict"></p>
  <div class="evaluation-parts">
    <div class="evaluation-confusion">
      <h4>Confusion matrix</h4>
      <table class="confusion" data-testid="confusion"></table>
      <p class="evaluation-note">Rows: the digit; columns: what it was read as. Pick a cell to see its images.</p>
    </div>
    <div class="evaluation-images">
      <h4 data-testid="images-title"></h4>
      <div class="images" data-testid="images"></div>
      <p class="evaluation-note">Pick an image to send it to the pad.</p>
    </div>
  </div>
</section>
"""


def build_evaluation_panel(sessions: Sessions) -> gr.HTML:
    """Put the panel on the page; its value is made by `evaluation_value`.

    Args:
        sessions: where a visitor's runs are found.
    """

    def cell_images(request: Any) -> list[dict[str, Any]]:
        """The images of `{"session": key, "run": number, "label": digit, "read": digit}`; none for a bad request."""
        try:
            session = sessions.find(request["session"])
            if session is None or not all(request[name] in range(10) for name in ("label", "read")):
                return []
            results = results_of(session, request["run"])["mnist_test"]
            labels = evaluation_sets()["mnist_test"][1]
            return _pictures(results, results.cell(labels, request["label"], request["read"]))
        except (TypeError, KeyError):
            return []

    return gr.HTML(
        None,
        html_template=_HTML,
        css_template=joined("retrain/runs/evaluation_panel.css"),
        js_on_load=joined("retrain/runs/evaluation_panel.js"),
        server_functions=[cell_images],
        elem_id="evaluation",
    )


def results_of(session: Session, number: int) -> dict[str, Evaluation]:
    """The evaluations of a run, or of the shipped model where the number is 0. Raises KeyError for no such run."""
    return session.runs[number].results if number else session.shipped.results


def evaluation_value(session: Session, number: int) -> dict[str, Any]:
    """What the panel shows of a run, or of the shipped model where the number is 0. Raises KeyError for no such run."""
    results = results_of(session, number)
    test, pen = results["mnist_test"], results["pen_dev"]
    run: Run | None = session.runs[number] if number else None
    name = run.short_title if run else "Shipped"
    low, high = test.interval
    return {
        "session": session.key,
        "run": number,
        "figures": (
            f"{name}: {_percent(test.accuracy)} of {len(test.predicted):,} test images read right (95% interval "
            f"{_percent(low)} to {_percent(high)}), {_percent(pen.accuracy)} of {len(pen.predicted):,} pen digits of "
            "other writers"
        ),
        "verdict": run.verdict if run else "",
        "confusion": test.confusion.tolist(),
        "per_class": [round(float(share), 4) for share in test.per_class],
        "mistakes": _pictures(test, test.mistakes[:_MOST_MISTAKES]),
    }


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"


def _pictures(results: Evaluation, indices: np.ndarray) -> list[dict[str, Any]]:
    images, labels = evaluation_sets()["mnist_test"]
    return [
        {
            "pixels": encode_picture(images[i]),
            "label": int(labels[i]),
            "read": int(results.predicted[i]),
            "sure": float(results.confidence[i]),
        }
        for i in indices[:_MOST_PICTURES]
    ]
