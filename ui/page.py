"""The page: header, tabs, and what happens when a visitor comes."""

from __future__ import annotations

from typing import Any

import gradio as gr

from mnist_core import Classifier, shipped_card
from ui.api import build_api
from ui.draw_tab import build_draw_tab
from ui.errors import TellingBlocks
from ui.how_it_works import build_how_it_works
from ui.retrain_api import build_retrain_api
from ui.retrain_tab import build_retrain_tab
from ui.server_route import SERVER_ROUTE
from ui.session import Model, Session, Sessions
from ui.sketchpad import KEPT_KEY
from ui.strangers import HANDLERS, MIDDLEWARE, NO_FOREIGN_FILES
from ui.teaching import connect_teaching
from ui.theme import CSS, theme
from ui.trainer import Trainer

_HEADER = """
# Draw a digit
A three-layer network reads it while you draw. Teach it your hand, or retrain it from nothing in seconds.
"""

# What `launch` is given besides the address. Files live a day at most; nothing is sent to anybody.
LAUNCH_OPTIONS: dict[str, Any] = {
    "theme": theme(),
    "css": CSS,
    "footer_links": ["api"],
    "max_file_size": "20mb",
    "state_session_capacity": 500,
    "enable_monitoring": False,
    "run_history": False,
    "ssr_mode": False,
    "app_kwargs": {
        "routes": [SERVER_ROUTE, *NO_FOREIGN_FILES],
        "middleware": MIDDLEWARE,
        "exception_handlers": HANDLERS,
        "openapi_url": None,
    },
}


def build_page() -> gr.Blocks:
    """Build the whole page around the shipped model.

    Raises:
        FileNotFoundError: the shipped weights are not there.
        InvalidWeights: they are damaged.
    """
    sessions, trainer = Sessions(_shipped()), Trainer()
    with TellingBlocks(
        title="Draw a digit", analytics_enabled=False, delete_cache=(3600, 86400), fill_width=True
    ) as page:
        state = gr.State(None)
        gr.Markdown(_HEADER, elem_classes="header")
        with gr.Tabs():
            with gr.Tab("Draw"):
                draw = build_draw_tab(sessions, state)
            with gr.Tab("Retrain") as retrain:
                build_retrain_tab(sessions, trainer, draw, retrain)
            with gr.Tab("How it works"):
                build_how_it_works()
        build_api(sessions.shipped.classifier)
        build_retrain_api(trainer)

        def welcome(key: Any, request: gr.Request) -> tuple[Session, str]:
            session = sessions.open(request.session_hash, key)
            return session, session.key

        def part(request: gr.Request) -> None:
            sessions.leave(request.session_hash)

        page.unload(part)
        loaded = page.load(
            welcome,
            draw.pad,
            [state, draw.pad],
            js=f"() => sessionStorage.getItem({KEPT_KEY!r})",
            show_progress="hidden",
            queue=False,
            api_visibility="private",
        )
        draw.read_again_after(loaded)
        connect_teaching(draw, sessions, trainer, loaded)
    page.queue(max_size=64, default_concurrency_limit=8)
    return page


def _shipped() -> Model:
    accuracy = shipped_card()["accuracy"]["mnist_test"]
    return Model(Classifier.load(), f"Shipped · {100 * accuracy:.1f}%")
