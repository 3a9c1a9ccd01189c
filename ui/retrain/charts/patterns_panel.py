"""The first layer's patterns as a small image that sharpens while the model learns."""

from __future__ import annotations

import base64

import gradio as gr
import numpy as np

from ui.sources import joined

_HTML = """
<figure class="patterns">
  <figcaption>What the first layer looks for</figcaption>
  <canvas width="238" height="238" role="img"
    aria-label="Weights of the first layer's 64 most used units: blue where ink activates, orange where it inhibits"
  ></canvas>
  <p><span class="patterns-plus"></span> ink activates <span class="patterns-minus"></span> ink inhibits</p>
</figure>
"""


def build_patterns_panel() -> gr.HTML:
    """Put the image on the page; its value is made by `patterns_value`."""
    return gr.HTML(
        "",
        html_template=_HTML,
        css_template=joined("retrain/charts/patterns_panel.css"),
        js_on_load=joined("retrain/charts/patterns_panel.js"),
        elem_id="patterns",
    )


def patterns_value(patterns: np.ndarray | None) -> str:
    """(k, 28, 28) float [-1, 1] -> k times 784 bytes, 128 for 0, base64."""
    if patterns is None:
        return ""
    return base64.b64encode(np.round(patterns * 127 + 128).astype(np.uint8).tobytes()).decode()
