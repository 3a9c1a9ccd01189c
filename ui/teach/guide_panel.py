"""Guided writing: asks for each digit three times, and saves what is written."""

from __future__ import annotations

import gradio as gr

from ui.sources import joined

_HTML = """
<section class="guide" aria-label="Write each digit three times" hidden>
  <div class="guide-top">
    <div role="status" class="guide-ask" data-testid="guide"></div>
    <div class="guide-done" data-testid="guide-done"></div>
  </div>
  <div class="guide-track"><div class="guide-bar"></div></div>
  <div class="guide-said" data-testid="guide-said"></div>
  <div class="guide-tools">
    <button type="button" data-do="next" title="Enter" aria-keyshortcuts="Enter">Next</button>
    <button type="button" data-do="back">Undo last</button>
    <button type="button" data-do="skip">Skip</button>
    <button type="button" data-do="leave" title="Escape" aria-keyshortcuts="Escape">Leave</button>
  </div>
</section>
"""


def build_guide_panel() -> gr.HTML:
    """Put the panel on the page, hidden until a `digit-guide` event of the document.

    It saves by `digit-save` events, and learns from the `digit-saved` events that answer them how that went.
    """
    return gr.HTML(
        None,
        html_template=_HTML,
        css_template=joined("teach/guide_panel.css"),
        js_on_load=joined("teach/guide_panel.js"),
        elem_id="guide",
    )
