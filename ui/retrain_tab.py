"""The Retrain tab: choose hyperparameters, watch the model learn, draw against the result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from mnist_core import PRESETS, Classifier, DamagedData, Progress, TrainConfig, TrainingDiverged, load_mnist, train
from ui.draw_tab import DrawTab
from ui.session import Model, Session, Sessions

_DEFAULTS = PRESETS["recommended"]
_READY = "Press Start: the model learns from nothing, on the 60,000 MNIST training pictures."
_WAITING = "Waiting for the run before this one to end …"
_STOPPED = "Stopped. The Draw tab reads with the same model as before."
_FAILED = "The run failed. The Draw tab reads with the same model as before."
_LOST = "The page has lost its connection: reload it."
_SHIPPED_AGAIN = "The Draw tab reads with the shipped model again."

# Nothing here is an endpoint for programs.
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def build_retrain_tab(sessions: Sessions, draw: DrawTab) -> None:
    """Put the tab's content on the page.

    Args:
        sessions: knows the shipped model.
        draw: reads again when a run has changed the visitor's model.
    """
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=280):
            hyperparameters = _build_hyperparameters()
            start = gr.Button("Start", variant="primary")
        with gr.Column(scale=2, min_width=300):
            status = gr.HTML(_card(0, _READY))
            with gr.Row():
                stop = gr.Button("Stop", interactive=False)
                shipped = gr.Button("Use the shipped model again")

    def run(epochs: Any, batch_size: Any, learning_rate: Any, session: Session | None) -> Iterator[Any]:
        try:
            config = replace(_DEFAULTS, epochs=int(epochs), batch_size=batch_size, learning_rate=learning_rate)
            yield _card(0, "Getting ready …"), *_buttons(True)
            if session is None:
                raise ValueError(_LOST)
            for shown in _train(config, session):
                yield shown, *_buttons(True)
            yield shown, *_buttons(False)
        except (ValueError, TypeError, TrainingDiverged, DamagedData) as error:
            # Not the event's failure(): Gradio counts a run that was stopped as failed too.
            yield _card(0, _FAILED), *_buttons(False)
            raise gr.Error(str(error), print_exception=False) from None

    def use_shipped(session: Session | None) -> str:
        if session is None:
            raise gr.Error(_LOST, print_exception=False)
        session.model = sessions.shipped
        return _card(0, _SHIPPED_AGAIN)

    buttons = [start, stop]
    begun = start.click(lambda: (_card(0, _WAITING), *_buttons(True)), None, [status, *buttons], queue=False, **_QUIET)
    running = begun.then(
        run, [*hyperparameters, draw.state], [status, *buttons], concurrency_id="train", concurrency_limit=1, **_QUIET
    )
    draw.read_again_after(running)
    stop.click(
        lambda: (_card(0, _STOPPED), *_buttons(False)),
        None,
        [status, *buttons],
        cancels=running,
        queue=False,
        **_QUIET,
    )
    draw.read_again_after(shipped.click(use_shipped, draw.state, status, queue=False, **_QUIET))


def _buttons(is_running: bool) -> tuple[Any, Any]:
    """Start and Stop: one of them can be pressed."""
    return gr.update(interactive=not is_running), gr.update(interactive=is_running)


def _build_hyperparameters() -> list[gr.components.Component]:
    return [
        gr.Slider(1, 50, _DEFAULTS.epochs, step=1, label="Epochs", info="Passes over the pictures"),
        gr.Dropdown(
            [16, 32, 64, 128, 256, 512], value=_DEFAULTS.batch_size, label="Batch size", info="Pictures per step"
        ),
        gr.Number(_DEFAULTS.learning_rate, label="Learning rate", info="Size of a step; 0.0005 to 0.01 works well"),
    ]


def _train(config: TrainConfig, session: Session) -> Iterator[str]:
    """Train and render each progress; only a run that ends well changes the visitor's model."""
    tested = 0.0
    for progress in train(config, load_mnist()):
        tested = tested if progress.test_accuracy is None else progress.test_accuracy
        if progress.weights is None:
            yield _card(progress.step / progress.total_steps, _line(progress, config, tested))
            continue
        session.model = Model(Classifier(progress.weights), f"Yours · {100 * tested:.1f}%")
        yield _card(1, f"Done: {100 * tested:.2f}% of the test pictures read right. The Draw tab uses this model.")


def _line(progress: Progress, config: TrainConfig, tested: float) -> str:
    test = f" · test {100 * tested:.1f}%" if tested else ""
    return (
        f"Epoch {progress.epoch} of {config.epochs} · {progress.samples_per_second:,.0f} pictures/s · "
        f"{progress.eta_seconds:.0f} s left · train {100 * progress.train_accuracy:.1f}%{test}"
    )


def _card(share: float, text: str) -> str:
    return (
        f'<div class="run-card"><div role="status">{text}</div>'
        f'<div class="run-track"><div class="run-bar" style="width:{100 * share:.1f}%"></div></div></div>'
    )
