"""Which run is looked at: a select, whose value carries its choices.

Not gr.Dropdown: for each change of its choices, Gradio makes a component anew and keeps something of each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

_FOLDER = Path(__file__).parent

_HTML = """
<label class="run-choice"><span>Model</span><select></select></label>
"""


def build_run_choice(choices: list[tuple[str, int]], number: int) -> gr.HTML:
    """Put it on the page; its value is made by `choice_value`, and an `input` event tells that another was chosen."""
    return gr.HTML(
        choice_value(choices, number),
        html_template=_HTML,
        css_template=(_FOLDER / "run_choice.css").read_text(encoding="utf-8"),
        js_on_load=(_FOLDER / "run_choice.js").read_text(encoding="utf-8"),
        elem_id="chosen",
    )


def choice_value(choices: list[tuple[str, int]], number: int) -> dict[str, Any]:
    """What it shows.

    Args:
        choices: titles of runs, and their numbers.
        number: of the one that is looked at.
    """
    return {"choices": choices, "number": number}


def chosen_number(value: Any) -> int:
    """The number in the value that a page sends, which may be anything. Raises ValueError when there is none."""
    number = value.get("number") if isinstance(value, dict) else None
    if type(number) is not int:
        raise ValueError("No model is chosen. Reload the page.")
    return number
