"""Why: the ink that speaks for the answer and against it, what another digit would need, and the layers at work."""

from __future__ import annotations

import gradio as gr

from ui.sources import joined

KEPT_KEY = "draw-a-digit-why"  # where the tab keeps what is switched on

_BUTTONS = "".join(
    f'<button type="button" data-digit="{digit}" aria-pressed="false" aria-label="Why not {digit}?">{digit}</button>'
    for digit in range(10)
)
_LOGITS = "".join(f"<li>{digit}</li>" for digit in range(10))

_HTML = f"""
<section class="why" aria-label="Why">
  <button type="button" class="why-switch" role="switch" aria-checked="false" aria-controls="why-body">Show why</button>
  <div class="why-body" id="why-body" hidden>
    <div class="why-ink">
      <canvas class="why-picture" role="img"></canvas>
      <div class="why-side">
        <p class="why-words" data-testid="why-words"></p>
        <ul class="why-legend">
          <li><canvas class="why-key" data-key="above"></canvas><span data-testid="why-above"></span></li>
          <li><canvas class="why-key" data-key="below"></canvas><span data-testid="why-below"></span></li>
        </ul>
        <div class="why-not" role="group" aria-label="Why not another digit?">
          <span class="why-label">Why not …</span>{_BUTTONS}
        </div>
        <figure class="why-typical">
          <canvas width="28" height="28" role="img"></canvas>
          <figcaption class="why-label"></figcaption>
        </figure>
      </div>
    </div>
    <div class="why-layers">
      <figure><figcaption class="why-label"></figcaption><canvas role="img"></canvas></figure>
      <figure><figcaption class="why-label"></figcaption><canvas role="img"></canvas></figure>
      <figure><figcaption class="why-label"></figcaption><ol>{_LOGITS}</ol></figure>
      <p class="why-label">Stronger colour: more active.
        <span class="why-negative"><span class="why-orange">Orange</span>: below zero.</span></p>
    </div>
  </div>
  <div class="why-spoken" aria-live="polite"></div>
</section>
"""


def build_why_panel() -> gr.HTML:
    """Put the switch and what it shows on the page.

    It explains what `digit-shown` events on the document tell, by their `why`, as `why_answer` makes it. What it wants
    explained it tells the pad by `digit-options` events, also when a `digit-options-wanted` event asks.
    """
    return gr.HTML(
        html_template=_HTML,
        css_template=joined("draw/why/why_panel.css"),
        js_on_load=joined("draw/why/why_panel.js").replace("{kept_key}", KEPT_KEY),
    )
