"""The page: header, tabs, and what happens when a visitor comes."""

from __future__ import annotations

from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from mnist_core import load_shipped
from ui.api import build_api
from ui.draw_tab import build_draw_tab
from ui.how_it_works import build_how_it_works
from ui.retrain_api import build_retrain_api
from ui.retrain_tab import build_retrain_tab
from ui.server_route import SERVER_ROUTE
from ui.session import Model, Session, Sessions
from ui.sketchpad import KEPT_KEY
from ui.teaching import connect_teaching
from ui.theme import CSS, theme
from ui.trainer import Trainer
from ui.uploads import WholeUploads

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
    "app_kwargs": {"routes": [SERVER_ROUTE], "middleware": [Middleware(WholeUploads)]},
}


def build_page(trainer: Trainer | None = None) -> gr.Blocks:
    """Build the whole page around the shipped model.

    Args:
        trainer: runs what visitors start; default: a new one.

    Raises:
        DamagedData: a file that readings need is missing or damaged.
        ValueError: MAX_TRAIN_SECONDS of the environment is no number of seconds.
    """
    sessions = Sessions(_shipped())
    trainer = Trainer() if trainer is None else trainer  # one without runs is false
    with gr.Blocks(title="Draw a digit", analytics_enabled=False, delete_cache=(3600, 86400), fill_width=True) as page:
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
    classifier, accuracy = load_shipped()
    return Model(classifier, f"Shipped · {100 * accuracy:.1f}%")
