"""Every hyperparameter that a person chooses is in the form and in `/retrain`, as `mnist_core.config` describes it."""

from __future__ import annotations

from inspect import signature

import gradio as gr
import pytest

from mnist_core import HYPERPARAMETERS, LIMITS, PRESETS, TrainConfig
from ui.api.retrain import build_retrain_api
from ui.jobs.trainer import Trainer
from ui.retrain.form.form import Form, build_form, config_of

CHOSEN = {name for name, each in HYPERPARAMETERS.items() if each.is_chosen}


@pytest.fixture(scope="module")
def form() -> Form:
    with gr.Blocks():
        return build_form()


def test_the_form_has_a_field_for_each(form: Form) -> None:
    assert {*form.fields} - {"hidden_1", "hidden_2"} == CHOSEN - {"hidden_units"}
    assert form.fields["loss"].label == HYPERPARAMETERS["loss"].label
    assert form.fields["loss"].info == HYPERPARAMETERS["loss"].help


def test_the_fields_make_the_recommended_config(form: Form) -> None:
    assert config_of(form, tuple(field.value for field in form.inputs)) == PRESETS["recommended"]


def test_the_endpoint_has_a_parameter_for_each() -> None:
    with gr.Blocks() as page:
        build_retrain_api(Trainer())
    (retrain,) = (each.fn for each in page.fns.values() if each.api_name == "retrain")
    parameters = signature(retrain).parameters
    assert {*parameters} - {"request"} == CHOSEN
    low, high = LIMITS["epochs"]
    assert f"epochs: Passes over the images. From {low:g} to {high:g}." in (retrain.__doc__ or "")
    assert parameters["hidden_units"].default == list(TrainConfig().hidden_units)
