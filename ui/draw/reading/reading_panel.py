"""The reading: the digit, how sure the model is, what it saw, and the probabilities of all ten digits."""

from __future__ import annotations

from itertools import count
from typing import Any

import gradio as gr

from ui.sources import joined
from ui.visitor.session import Model

_BARS = "".join(
    f'<li data-digit="{digit}"><span class="bar-digit">{digit}</span>'
    '<span class="bar-track"><span class="bar"></span></span><span class="bar-share"></span></li>'
    for digit in range(10)
)

_HTML = f"""
<section class="reading" data-state="empty" aria-label="Reading">
  <div class="reading-top">
    <div class="reading-answer">
      <div class="reading-label">Reading</div>
      <div class="reading-digit" data-testid="reading"></div>
      <div class="reading-words" data-testid="words"></div>
    </div>
    <figure class="reading-saw">
      <figcaption class="reading-label">What the network sees</figcaption>
      <canvas width="28" height="28" role="img" aria-label="The 28 by 28 picture that the network sees"></canvas>
      <div class="digit-row" role="group" aria-label="What the network sees of each digit"></div>
      <div class="reading-note">28 &times; 28, centred by mass</div>
    </figure>
    <div class="reading-model">
      <div class="reading-label">Model</div>
      <div data-testid="model"></div>
    </div>
  </div>
  <p class="reading-gone" role="status" data-testid="gone"></p>
  <div class="reading-bars">
    <ol class="bars" aria-label="Probability of each digit">{_BARS}</ol>
    <p class="reading-message" data-testid="message"></p>
  </div>
  <div class="reading-spoken" aria-live="polite"></div>
</section>
"""

_KEPT_KEY = "draw-a-digit-model"  # where the tab keeps the name of the visitor's own model, while that reads
_numbers = count()


def build_reading_panel(model: Model) -> gr.HTML:
    """Put the panel on the page. It shows what `digit-reading` events on the document tell, and its value.

    A value that it shows, the reading of a picture, it tells to the page as a `digit-picture-read` event.
    A `digit-session-lost` event, or an answer with `lost`, makes it say that the visitor's own model is gone, if one
    read.

    Args:
        model: named as the one in use until another is told.

    Returns:
        The panel; its value, set from Python, is made by `panel_value`.
    """
    return gr.HTML(
        panel_value(model),
        html_template=_HTML,
        css_template=joined("draw/reading/reading_panel.css", "draw/reading/number_panel.css"),
        js_on_load=joined("draw/reading/number_panel.js", "draw/reading/reading_panel.js")
        .replace("{kept_key}", _KEPT_KEY)
        .replace("{shipped}", model.name),
    )


def panel_value(model: Model, answer: dict[str, Any] | None = None, *, again: bool = False) -> dict[str, Any]:
    """What the panel is told by an event handler.

    Args:
        model: in use now.
        answer: the reading of a picture, as `page_answer` gives it, or `{"error": message}`. Without one, the panel
            shows what is on the pad.
        again: the picture was read again only because the model changed: what is on the pad goes before it.
    """
    # The number makes each value a new one: the browser does not see a value that equals the one before.
    return {**(answer or {}), "model": model.name, "again": again, "number": next(_numbers)}
