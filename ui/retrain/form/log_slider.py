"""A slider on a logarithmic scale, with a field for the exact number; Gradio's own slider is linear."""

from __future__ import annotations

import gradio as gr

from ui.sources import joined

_HTML = """
<div class="log-slider">
  <label for="{id}-number">{label}</label>
  <input id="{id}-number" type="text" inputmode="decimal" autocomplete="off">
  <p>{info}</p>
  <input type="range" min="{low}" max="{high}" step="any" aria-label="{label}, logarithmic slider">
</div>
"""


def build_log_slider(value: float, low: float, high: float, *, label: str, info: str, elem_id: str) -> gr.HTML:
    """Put the slider on the page.

    Args:
        value: shown at first.
        low: of the slider's range; the field takes any text, for the handler to judge.
        high: of the slider's range.
        label: its name.
        info: one line of help.
        elem_id: of the component, unique on the page.

    Returns:
        The component. Its value is a number, or the text in the field when that is none. An `input` event tells that
        the visitor has changed it and let go.
    """
    html = _HTML.format(id=elem_id, label=label, info=info, low=low, high=high)
    return gr.HTML(
        value,
        html_template=html,
        css_template=joined("retrain/form/log_slider.css"),
        js_on_load=joined("retrain/form/log_slider.js"),
        elem_id=elem_id,
        label=label,
    )
