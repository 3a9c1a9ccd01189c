"""The Draw tab: the pad, the reading beside it, and pictures read by the same model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import Dependency

from mnist_core import Classifier, DamagedData, ReadingBox, open_picture, read_number
from mnist_core.errors import InvalidInput
from ui.api.answers import last_drawn, number_answer
from ui.draw.reading.reading_panel import build_reading_panel, panel_value
from ui.draw.sketchpad import build_sketchpad
from ui.draw.why.why import explained
from ui.draw.why.why_panel import build_why_panel
from ui.server.files.upload_checks import read_upload
from ui.server.gate.clients import address_of
from ui.server.turns import Turns
from ui.teach.gallery_panel import build_gallery_panel
from ui.teach.guide_panel import build_guide_panel
from ui.teach.teach_panel import build_teach_panel
from ui.visitor.session import Model, Session
from ui.visitor.sessions import Sessions


@dataclass(frozen=True)
class DrawTab:
    """The tab's components that others speak to.

    Attributes:
        pad: its value is the key of the visitor's session.
        panel: its value is made by `panel_value`.
        picture: the visitor's picture, if any.
        state: holds the visitor's `Session`.
        teach: its value is made by `teach_value`.
        turns: of pictures that are read.
    """

    pad: gr.HTML
    panel: gr.HTML
    picture: gr.Image
    state: gr.State
    teach: gr.HTML
    turns: Turns

    def read_again_after(self, event: Dependency) -> None:
        """When this event has changed the visitor's model, let the new one read what is on the pad, or the picture."""

        async def read_again(picture: Any, session: Session | None, request: gr.Request) -> Any:
            if session is None:
                return gr.skip()
            address = address_of(request.client.host)
            return await _picture_value(picture, session, session.model, self.turns, address, again=True)

        event.then(read_again, [self.picture, self.state], self.panel, **_QUIET)


# A reading is quick: it waits in no queue, shows no progress and is no endpoint for programs; ui/api.py has those.
# The picture arrives as the browser describes it, and `read_upload` alone decides what is opened: gr.Image's own
# preprocessing would answer a file that is no picture with a bare "Error", and convert others.
_QUIET: dict[str, Any] = {"show_progress": "hidden", "queue": False, "api_visibility": "private", "preprocess": False}


def build_draw_tab(sessions: Sessions, state: gr.State, turns: Turns) -> DrawTab:
    """Put the tab's content on the page.

    Args:
        sessions: finds a visitor's model for the pad.
        state: holds the visitor's `Session`.
        turns: of pictures that are read.
    """
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=300):
            build_guide_panel()
            pad = build_sketchpad(sessions)
            with gr.Column(elem_id="picture"):  # hidden by the style sheet until the pad's button opens it
                picture = gr.Image(
                    label="Upload, paste or photograph a digit or a number",
                    sources=["upload", "clipboard", "webcam"],
                    height=260,
                )
        with gr.Column(scale=3, min_width=300):
            panel = build_reading_panel(sessions.shipped)
            teach = build_teach_panel(sessions)
            build_why_panel()
    build_gallery_panel()

    async def read(picture: Any, session: Session | None, request: gr.Request) -> dict[str, Any]:
        model = session.model if session else sessions.shipped
        return await _picture_value(picture, session, model, turns, address_of(request.client.host))

    picture.change(read, [picture, state], panel, **_QUIET)
    return DrawTab(pad, panel, picture, state, teach, turns)


async def _picture_value(  # noqa: PLR0917
    picture: Any, session: Session | None, model: Model, turns: Turns, address: str, again: bool = False
) -> dict[str, Any]:
    """The panel's value for an uploaded picture, or for none.

    Args:
        picture: what the browser says of it, which may be anything.
        session: the visitor's.
        model: that reads it.
        turns: of pictures that are read.
        address: whose turn it takes.
        again: whether it is read only because the model has changed.
    """
    if picture is None or picture == {}:
        return panel_value(model)
    try:
        digits, why = await turns.do(address, _read, picture, model.classifier)
    except (InvalidInput, DamagedData) as error:
        return panel_value(model, {"error": str(error)}, again=again)
    if session and not again:
        session.drawing = digits[last_drawn(digits)].image
    return panel_value(model, {**number_answer(digits, model.name), **why}, again=again)


def _read(picture: Any, classifier: Classifier) -> tuple[Sequence[ReadingBox], dict[str, Any]]:
    digits = read_number(classifier, open_picture(read_upload(picture)))
    # All there is to explain, in one go: a picture is read once, not ten times a second.
    return digits, explained(classifier, digits[last_drawn(digits)])
