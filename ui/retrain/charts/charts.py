"""Small line charts, drawn in the browser, and the curves of runs as their values.

Not gr.LinePlot: at five updates a second it took the browser more than twice the processor time, and at home that is
taken from the training on the same machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr
import numpy as np

from mnist_core import Curve, History
from ui.sources import joined
from ui.visitor.runs import Run

_BLUE, _ORANGE = "#2f55d4", "#d97c21"
# Ten colours that can be told apart, also by most of the colour-blind: Tableau 10.
_TEN = ("#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f", "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#8c8c8c")
_NAMED = 3  # of a drawing's ten curves: the most likely digits

_HTML = """
<figure class="chart">
  <figcaption class="chart-title">{title}</figcaption>
  <svg role="img" aria-label="{title}"></svg>
  <p class="chart-legend"></p>
  <p class="chart-empty">{empty}</p>
</figure>
"""


def build_chart(title: str, *, elem_id: str, empty: str = "") -> gr.HTML:
    """Put a chart on the page.

    Args:
        title: above the chart.
        elem_id: of the component, unique on the page.
        empty: what it says as long as there are no curves.

    Returns:
        The chart; the functions below make its values. The x axis is epochs.
    """
    return gr.HTML(
        _value([]),
        html_template=_HTML.format(title=title, empty=empty),
        css_template=joined("retrain/charts/charts.css"),
        js_on_load=joined("retrain/charts/charts.js"),
        elem_id=elem_id,
    )


def accuracy_value(history: History) -> dict[str, Any]:
    """Accuracy on training and test images, in per cent."""
    curves = [
        _curve("training", _BLUE, [(p.epochs, 100 * p.accuracy) for p in history.train.points], "%"),
        _curve("test", _ORANGE, [(p.epochs, 100 * p.accuracy) for p in history.test.points], "%"),
    ]
    return _value(curves)


def loss_value(history: History) -> dict[str, Any]:
    """Loss on training and test images, and the learning rate in the legend."""
    curves = [
        _curve("training", _BLUE, [(p.epochs, p.loss) for p in history.train.points]),
        _curve("test", _ORANGE, [(p.epochs, p.loss) for p in history.test.points]),
    ]
    points = history.train.points
    return _value(curves, note=f"rate {points[-1].learning_rate:.2g}" if points else "")


def drawing_value(drawing: Curve[tuple[float, np.ndarray]]) -> dict[str, Any]:
    """The ten probabilities of what is on the pad, in per cent; the most likely digits are named."""
    points = drawing.points
    if not points:
        return _value([])
    last = points[-1][1]
    best = np.argsort(-last)[:_NAMED]
    curves = [
        _curve(str(digit), _TEN[digit], [(epochs, 100 * float(shares[digit])) for epochs, shares in points], "%")
        for digit in range(len(last))
    ]
    for digit, curve in enumerate(curves):
        curve["named"] = digit in best
    return _value(curves, bounds=[0, 100])


def comparison_value(runs: Iterable[Run]) -> dict[str, Any]:
    """Test accuracy of several runs, in per cent."""
    curves = [
        _curve(
            f"{run.number} {run.name}",
            _TEN[(run.number - 1) % len(_TEN)],
            [(point.epochs, 100 * point.accuracy) for point in run.history.test.points],
            "%",
        )
        for run in runs
    ]
    # Logarithmic: a run of 7 epochs and one of 60 are to be seen side by side.
    return {**_value(curves), "log": True}


def _curve(name: str, color: str, points: list[tuple[float, float]], unit: str = "") -> dict[str, Any]:
    return {"name": name, "color": color, "unit": unit, "points": [(round(x, 3), float(f"{y:.4g}")) for x, y in points]}


def _value(curves: list[dict[str, Any]], *, bounds: list[float] | None = None, note: str = "") -> dict[str, Any]:
    """Args: bounds: of the y axis; None where the curves are to fill it, but for their steep beginning."""
    return {"curves": [curve for curve in curves if curve["points"]], "bounds": bounds, "note": note}
