"""The form of hyperparameters: presets, fields, and what a run with them would mean."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import gradio as gr

from mnist_core import (
    CHOICES,
    HYPERPARAMETERS,
    LIMITS,
    PRESETS,
    TrainConfig,
    layer_table,
    parameter_count,
    picture_count,
)
from mnist_core.errors import InvalidInput
from mnist_core.shown import shown
from ui.retrain.form.log_slider import build_log_slider

PRESET_NAMES = {
    "recommended": "Recommended",
    "seed": "Seed recipe",
    "linear": "Linear model",
    "sigmoid": "Sigmoid",
    "squared_error": "Squared error vs cross-entropy",
    "few_pictures": "Few images",
    "shipped": "Shipped recipe",
}
_PRESET_NOTES = {
    "recommended": "The best accuracy in a few seconds.",
    "seed": "Plain SGD on the squared error, as this project began: slow and steady.",
    "linear": "Without an activation, three layers can do no more than one: it stays under 93%.",
    "sigmoid": "The older activation: it saturates, its gradients are small, and it learns more slowly than ReLU.",
    "squared_error": "Recommended, but with the squared error: compare it with a run of Recommended.",
    "few_pictures": "1,000 images, seen 60 times: it learns them by heart and reads new ones worse.",
    "shipped": "What the shipped model was trained with: minutes, not seconds.",
}
FROM_SCRATCH, FROM_MODEL = "scratch", "model in use"

_WORDS = {
    "cross_entropy": "Cross-entropy",
    "squared_error": "Squared error",
    "sgd": "SGD",
    "momentum": "SGD with momentum",
    "adam": "Adam",
    "adamw": "AdamW",
    "constant": "Constant",
    "cosine": "Cosine, down to zero",
    "relu": "ReLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "linear": "Linear (none)",
}
_NO_DRAWINGS = "Draw digits and say what they are: then a run can learn from them, too"
_LAYERS = {"hidden_1": ("First hidden layer", "Units"), "hidden_2": ("Second hidden layer", "Units")}


@dataclass(frozen=True)
class Form:
    """The form's components.

    Attributes:
        preset: its value is a key of PRESETS.
        fields: by hyperparameter; "hidden_1" and "hidden_2" stand for `hidden_units`.
        start_from: FROM_SCRATCH or FROM_MODEL.
        include_drawings: whether the visitor's own drawings are mixed in.
        summary: what a run with these settings means.
        layers: the table of layers.
    """

    preset: gr.Dropdown
    fields: dict[str, Any]
    start_from: gr.Radio
    include_drawings: gr.Checkbox
    summary: gr.HTML
    layers: gr.HTML

    @property
    def inputs(self) -> list[Any]:
        """What `config_of` needs the values of, in order."""
        return list(self.fields.values())


def build_form() -> Form:
    """Put the form on the page."""
    preset = gr.Dropdown(
        [(title, name) for name, title in PRESET_NAMES.items()],
        value="recommended",
        label="Preset",
        info=_PRESET_NOTES["recommended"],
        elem_id="preset",
    )
    fields: dict[str, Any] = {}
    with gr.Group():
        _row(fields, "epochs", "batch_size")
        rate = HYPERPARAMETERS["learning_rate"]
        fields["learning_rate"] = build_log_slider(
            _values(PRESETS["recommended"])["learning_rate"],
            *LIMITS["learning_rate"],
            label=rate.label,
            info=rate.help,
            elem_id="learning-rate",
        )
        _row(fields, "optimizer", "loss")
        with gr.Row():
            fields["activation"] = _field("activation")
            start_from = gr.Radio(
                [("Scratch", FROM_SCRATCH), ("Model in use", FROM_MODEL)],
                value=FROM_SCRATCH,
                label="Start from",
                info="Fresh weights, or go on learning",
                min_width=130,
            )
    include_drawings = gr.Checkbox(
        False, label="Include my drawings (0)", info=_NO_DRAWINGS, interactive=False, elem_id="include-drawings"
    )
    with gr.Accordion("More settings", open=False):
        _build_rare_fields(fields)
    layers = gr.Accordion("Layers", open=False)
    with layers:
        table = gr.HTML(layers_html(PRESETS["recommended"]))
    summary = gr.HTML(elem_id="summary")
    return Form(preset, fields, start_from, include_drawings, summary, table)


def _build_rare_fields(fields: dict[str, Any]) -> None:
    with gr.Group():
        _row(fields, "hidden_1", "hidden_2")
        _row(fields, "train_size", "include_pen_digits")
        _row(fields, "augment", "augment_strength")
        _row(fields, "schedule", "warmup_epochs")
        _row(fields, "momentum", "weight_decay")
        _row(fields, "label_smoothing", "ema_decay")
        for name, each in HYPERPARAMETERS.items():  # whatever has no place of its own
            if each.is_chosen and name not in (*fields, "hidden_units"):
                _row(fields, name)


def _row(fields: dict[str, Any], *names: str) -> None:
    with gr.Row():
        fields.update({name: _field(name) for name in names})


def _field(name: str) -> Any:
    """The component of a hyperparameter."""
    value = _values(PRESETS["recommended"])[name]
    label, info = _LAYERS.get(name) or (HYPERPARAMETERS[name].label, HYPERPARAMETERS[name].help)
    more: dict[str, Any] = {"label": label, "info": info, "min_width": 130}
    if isinstance(value, bool):
        return gr.Checkbox(value, **more)
    if isinstance(value, str):
        return gr.Dropdown([(_WORDS[each], each) for each in CHOICES[name]], value=value, filterable=False, **more)
    return gr.Number(value, precision=0 if isinstance(value, int) else None, **more)


def _values(config: TrainConfig) -> dict[str, Any]:
    """What the fields show for a config."""
    first, second = config.hidden_units
    return {**asdict(config), "hidden_1": first, "hidden_2": second}


def preset_named(name: Any) -> TrainConfig:
    """The preset that a browser names. Raises InvalidInput where there is none of that name."""
    if not isinstance(name, str) or name not in PRESETS:
        raise InvalidInput(f"A preset must be one of: {', '.join(PRESETS)}. Received: {shown(name)}")
    return PRESETS[name]


def preset_values(form: Form, name: Any) -> list[Any]:
    """An update of the preset's note, and the value of every field. Raises InvalidInput."""
    values = _values(preset_named(name))
    return [gr.update(info=_PRESET_NOTES[name]), *(values[field] for field in form.fields)]


def drawings_update(count: int) -> Any:
    """An update of `include_drawings` for a visitor who has that many."""
    info = "Mixed into the training images, each in several variants" if count else _NO_DRAWINGS
    more: dict[str, Any] = {} if count else {"value": False}
    return gr.update(label=f"Include my drawings ({count})", info=info, interactive=count > 0, **more)


def config_of(form: Form, values: tuple[Any, ...]) -> TrainConfig:
    """The config that the fields' values make. Raises ValueError, naming the hyperparameter."""
    named = dict(zip(form.fields, values, strict=True))
    hidden_units = named.pop("hidden_1"), named.pop("hidden_2")
    return TrainConfig(hidden_units=hidden_units, **named)


def summary_html(config: TrainConfig, seconds: float | None, max_seconds: float) -> str:
    """Parameters, images and time of a run."""
    images = config.epochs * picture_count(config)
    time = "" if seconds is None else f" · about {duration(seconds)} here"
    late = ""
    if seconds is not None and seconds > max_seconds:
        late = f"<br>Longer than a run may take here: it will be ended after {duration(max_seconds)}."
    return f'<p class="summary">{parameter_count(config):,} parameters · {images:,} images{time}{late}</p>'


def refusal_html(message: str) -> str:
    """Why a run with these settings cannot start."""
    return f'<p class="summary refusal" role="alert">{escape(message)}</p>'


def layers_html(config: TrainConfig) -> str:
    """The layers as a table, as `model.summary()` tells them."""
    rows = "".join(
        f"<tr><td>{name}</td><td>{inputs:,} &times; {outputs:,}</td><td>{parameters:,}</td></tr>"
        for name, (inputs, outputs), parameters in layer_table(config)
    )
    total = f"<tr><td>Total</td><td></td><td>{parameter_count(config):,}</td></tr>"
    head = "<tr><th>Layer</th><th>Weights</th><th>Parameters</th></tr>"
    return f'<table class="layer-table"><thead>{head}</thead><tbody>{rows}{total}</tbody></table>'


def duration(seconds: float) -> str:
    """Seconds in words: "8 s", "3 min"."""
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{seconds / 60:.0f} min"
