"""The named API endpoints: the same reading for programs."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.events import api

from mnist_core import Classifier, open_picture, read_number
from mnist_core.errors import InvalidInput
from ui.api.answers import api_answer, api_number
from ui.limits import READING_SLOTS
from ui.server.errors import told
from ui.server.files.upload_checks import read_upload
from ui.server.gate.clients import address_of
from ui.server.turns import Turns


def build_api(classifier: Classifier, turns: Turns) -> None:
    """Add `/read_strokes`, `/read_number` and `/read_picture` to the page's API; all read with the shipped model.

    Args:
        classifier: the shipped model.
        turns: of pictures that are read.
    """

    def read_strokes(strokes: list[list[list[float]]]) -> dict[str, Any]:
        """Read a digit from pen strokes.

        Args:
            strokes: a list of strokes, each a list of [x, y] in 0..1 of the pad, y down.

        Returns:
            digit (0 to 9), probabilities (ten numbers, of the digits 0 to 9), is_digit (false when it looks like none),
            digit_score (0 to 1, how much it looks like any digit; is_digit from 0.5 on).
        """
        with told():
            return api_answer(classifier.read(strokes))

    def read_whole(strokes: list[list[list[float]]]) -> dict[str, Any]:
        """Read a number of up to 12 digits from pen strokes.

        Args:
            strokes: a list of strokes in any order, each a list of [x, y] in 0..1 of the pad, y down.

        Returns:
            number ("2026", with ? for what looks like no digit) and digits, from left to right, each with digit,
            probabilities, is_digit as of /read_strokes, and box (left, top, right, bottom, 0..1 of the pad).
        """
        with told():
            return api_number(read_number(classifier, strokes))

    async def read_picture(picture: Any, request: gr.Request) -> dict[str, Any]:
        """Read a digit from a picture file: PNG, JPEG, WebP, GIF, BMP or TIFF, dark on light or light on dark.

        Args:
            picture: the picture file.

        Returns:
            digit (0 to 9), probabilities (ten numbers, of the digits 0 to 9), is_digit (false when it looks like none),
            digit_score (0 to 1, how much it looks like any digit; is_digit from 0.5 on).
        """
        with told():
            if picture is None:
                raise InvalidInput("A picture file is needed: PNG, JPEG, WebP, GIF, BMP or TIFF.")
            address = address_of(request.client.host)
            return await turns.do(address, lambda: api_answer(classifier.read(open_picture(read_upload(picture)))))

    # Gradio works off its queue in 40 slots: these endpoints together leave most of them to the page.
    slots: dict[str, Any] = {"concurrency_id": "read", "concurrency_limit": READING_SLOTS}
    api(read_strokes, api_name="read_strokes", **slots)
    api(read_whole, api_name="read_number", **slots)
    # gr.api knows plain values only: a file needs a component to arrive through.
    file = gr.File(label="picture", visible=False)
    answer = gr.JSON(label="reading", visible=False)
    # Not preprocessed: that would leave an empty file behind for each call. `read_upload` decides what is opened.
    file.upload(read_picture, file, answer, api_name="read_picture", concurrency_limit=READING_SLOTS, preprocess=False)
