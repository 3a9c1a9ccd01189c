"""The page: header, tabs, and what happens when a visitor comes."""

from __future__ import annotations

import os
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from mnist_core import load_shipped
from ui.api.reading import build_api
from ui.api.retrain import build_retrain_api
from ui.draw.sketchpad import KEPT_KEY
from ui.draw.tab import build_draw_tab
from ui.jobs.trainer import Trainer
from ui.learn.how_it_works import build_how_it_works
from ui.limits import FILE_SECONDS, MAX_EVENTS, PICTURES_AT_ONCE, SWEEP_SECONDS, Limits
from ui.retrain.tab import build_retrain_tab
from ui.server.compressed_once import CompressedOnce
from ui.server.errors import TellingBlocks
from ui.server.files.whole_uploads import WholeUploads
from ui.server.gate.clients import place_of
from ui.server.gate.gate import Gate
from ui.server.gradio_state.states import holding
from ui.server.server_route import server_routes
from ui.server.strangers import HANDLERS, NO_FOREIGN_FILES
from ui.server.turns import Turns
from ui.sources import joined
from ui.teach.teach_events import connect_teaching
from ui.theme import CSS, theme
from ui.visitor.session import Model, Session
from ui.visitor.sessions import AppFull, Sessions

_HEADER = """
# Draw a digit
A three-layer network reads it while you draw. Teach it your hand, or retrain it from scratch in seconds.
"""

_NOTHING_KEPT = (
    "Your browser blocks storage for this page: everything works, but a reload starts anew. Opened in a tab of its "
    "own, it may keep your drawings and models."
)

# What `launch` is given besides the address and what the limits need. Nothing is sent to anybody.
_LAUNCH_OPTIONS: dict[str, Any] = {
    "theme": theme(),
    "css": CSS,
    "head": f"<script>{joined('visitor/storage.js', 'server/refusals.js', 'server/address.js')}</script>",
    "footer_links": ["api"],
    "enable_monitoring": False,
    "run_history": False,
    "ssr_mode": False,
}


def build_page(limits: Limits | None = None, trainer: Trainer | None = None) -> tuple[gr.Blocks, dict[str, Any]]:
    """Build the whole page around the shipped model.

    Args:
        limits: that the host has set.
        trainer: runs what visitors start; default: a new one.

    Returns:
        The page, and what its `launch` is to be given besides the address.

    Raises:
        DamagedData: a file that readings need is missing or damaged.
    """
    limits = limits or Limits()
    trainer = trainer or Trainer(limits)
    _count_no_events()
    sessions, turns = Sessions(_shipped(), limits=limits), Turns(PICTURES_AT_ONCE)
    kept = (SWEEP_SECONDS, FILE_SECONDS)
    with TellingBlocks(title="Draw a digit", analytics_enabled=False, delete_cache=kept, fill_width=True) as page:
        state = gr.State(None)
        gr.Markdown(_HEADER, elem_classes="header")
        gr.Markdown(_NOTHING_KEPT, elem_classes="nothing-kept")
        notice = gr.Markdown(visible=False, elem_id="notice")
        with gr.Tabs():
            with gr.Tab("Draw"):
                draw = build_draw_tab(sessions, state, turns)
            with gr.Tab("Retrain") as retrain:
                build_retrain_tab(sessions, trainer, draw, retrain)
            with gr.Tab("How it works"):
                build_how_it_works()
        build_api(sessions.shipped.classifier, turns)
        build_retrain_api(trainer)

        def welcome(key: Any, request: gr.Request) -> tuple[Session | None, str, Any]:
            try:
                session = sessions.open(request.session_hash, key, place_of(request.client.host))
            except AppFull as full:
                return None, "", gr.update(value=str(full), visible=True)
            return session, session.key, gr.skip()

        loaded = page.load(
            welcome,
            draw.pad,
            [state, draw.pad, notice],
            js=f"() => tabKeeps.get({KEPT_KEY!r})",
            show_progress="hidden",
            queue=False,
            api_visibility="private",
        )
        draw.read_again_after(loaded)
        draw.read_again_after(connect_teaching(draw.teach, state, sessions, trainer, loaded))
    page.queue(max_size=MAX_EVENTS, default_concurrency_limit=8, api_open=False)
    return page, {**_LAUNCH_OPTIONS, "max_file_size": limits.upload_bytes, "app_kwargs": _app_options(limits, sessions)}


def _count_no_events() -> None:
    """Keep Gradio from making a table of the last 10,000 events after each event: nobody looks at it here."""
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")


def _app_options(limits: Limits, sessions: Sessions) -> dict[str, Any]:
    return {
        "routes": [*server_routes(), *NO_FOREIGN_FILES],
        "middleware": [
            Middleware(Gate, limits=limits, sessions=sessions),
            Middleware(WholeUploads),
            Middleware(CompressedOnce),
        ],
        "exception_handlers": HANDLERS,
        "openapi_url": None,
        "lifespan": holding(sessions, limits.sessions),
    }


def _shipped() -> Model:
    classifier, accuracy = load_shipped()
    return Model(classifier, f"Shipped · {100 * accuracy:.1f}%")
