"""My drawings: each with its label and what the model in use reads; counts, files in and out, deleting."""

from __future__ import annotations

import gradio as gr

from ui.limits import MAX_DRAWINGS, MAX_DRAWINGS_CHARACTERS
from ui.sources import joined
from ui.visitor.drawings import FORMAT

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


def build_gallery_panel() -> None:
    """Put the panel on the page.

    It shows the drawings that `window.digitDrawings` has when it is open and a `digit-drawings` event of the document
    tells that they have changed, or a `digit-reading-wanted` event that the model has.
    """
    gr.HTML(
        None,
        html_template=_HTML,
        css_template=joined("teach/gallery_panel.css"),
        js_on_load=joined("teach/gallery_panel.js")
        .replace("{format}", FORMAT)
        .replace("{max_drawings}", str(MAX_DRAWINGS))
        .replace("{max_characters}", str(MAX_DRAWINGS_CHARACTERS)),
        elem_id="my-drawings",
    )
