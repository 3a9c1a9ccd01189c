"""My drawings: each with its label and what the model in use reads; counts, files in and out, deleting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ui.drawings_server import drawings_function
from ui.limits import MAX_DRAWINGS_CHARACTERS
from ui.session import Session, Sessions

_FOLDER = Path(__file__).parent

_HTML = """
<details class="gallery">
  <summary>My drawings <span data-testid="gallery-total"></span></summary>
  <p class="gallery-empty">Nothing yet. Draw a digit and say what it is, or write each digit three times.</p>
  <div class="gallery-full" hidden>
    <ol class="gallery-counts" aria-label="Drawings of each digit"></ol>
    <p class="gallery-note" data-testid="gallery-note"></p>
    <ul class="gallery-items" aria-label="My drawings"></ul>
  </div>
  <div class="gallery-tools">
    <button type="button" data-do="download" title="As a JSON file">Download</button>
    <button type="button" data-do="upload" title="A JSON file of drawings">Upload…</button>
    <button type="button" data-do="clear" title="Delete all drawings">Delete all…</button>
    <span class="gallery-confirm" hidden>
      <span data-testid="confirm"></span>
      <button type="button" data-do="really" class="gallery-danger">Delete</button>
      <button type="button" data-do="keep">Keep them</button>
    </span>
    <input type="file" accept=".json,application/json" aria-label="A JSON file of drawings" hidden>
  </div>
  <p class="gallery-said" role="status" data-testid="gallery-said"></p>
</details>
"""


def build_gallery_panel(sessions: Sessions) -> gr.HTML:
    """Put the panel on the page.

    It asks for the drawings when it is open and a `digit-drawings` event of the document tells that they have changed,
    or a `digit-reading-wanted` event that the model has; what it changes itself it tells by a `digit-drawings` event.

    Args:
        sessions: where a visitor's drawings are found.

    Returns:
        The panel; its value, set from Python, is made by `gallery_value`.
    """
    script = (_FOLDER / "gallery_panel.js").read_text(encoding="utf-8")
    return gr.HTML(
        None,
        html_template=_HTML,
        css_template=(_FOLDER / "gallery_panel.css").read_text(encoding="utf-8"),
        js_on_load=script.replace("{max_characters}", str(MAX_DRAWINGS_CHARACTERS)),
        server_functions=[drawings_function(sessions)],
        elem_id="my-drawings",
    )


def gallery_value(session: Session) -> dict[str, Any]:
    """What the panel is told when the page has been loaded."""
    counts = session.drawings.counts() if session.drawings is not None else [0] * 10
    return {"session": session.key, "counts": counts}
