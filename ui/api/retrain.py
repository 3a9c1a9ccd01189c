"""`/retrain`: the same training for programs, with its progress as it goes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np
from gradio.events import api

from mnist_core import HYPERPARAMETERS, PRESETS, Evaluation, TrainConfig
from mnist_core.errors import InvalidInput
from ui.jobs.job import Job
from ui.jobs.trainer import Trainer
from ui.server.errors import told
from ui.server.gate.clients import place_of

_REFRESH_SECONDS = 0.2
_DEFAULTS = PRESETS["recommended"]
_POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
# Callers may give them by their places: what is new comes last.
_FIRST = (
    "epochs", "batch_size", "learning_rate", "optimizer", "loss", "activation", "hidden_units", "train_size", "augment",
    "include_pen_digits", "schedule", "warmup_epochs", "momentum", "weight_decay", "label_smoothing", "ema_decay",
    "augment_strength", "seed",
)  # fmt: skip
_NAMES = (*_FIRST, *(name for name, each in HYPERPARAMETERS.items() if each.is_chosen and name not in _FIRST))
_SUMMARY = "Train a model from fresh weights and tell how it goes, five times a second."
_RETURNS = """Returns:
    Progress: state ("waiting", "preparing", "training"), place in the queue, step, total_steps, epoch,
    samples_per_second, train_loss, train_accuracy, test_accuracy (null until it was tested), learning_rate,
    eta_seconds. At last state "done", seconds, verdict, and the evaluation on mnist_test and pen_dev: accuracy,
    interval (95%), per_class, confusion."""


def build_retrain_api(trainer: Trainer) -> None:
    """Add `/retrain` to the page's API.

    Args:
        trainer: runs what is started.
    """

    def retrain(request: gr.Request, *values: Any) -> Iterator[dict[str, Any]]:
        with told():
            address = place_of(request.client.host)
            config = TrainConfig(**dict(zip(_NAMES, values, strict=True)))
            job = trainer.start(config, name="API", address=address, is_program=True)
        try:
            while not job.wait(_REFRESH_SECONDS):
                yield _progress(job)
        finally:
            job.stop()
        with told():
            result = _result(job, trainer.max_seconds)
        yield result

    _describe(retrain)
    api(retrain, api_name="retrain", concurrency_limit=None)


def _describe(retrain: Any) -> None:
    """Give the function the signature and the docstring from which Gradio makes the endpoint."""
    parameters = [inspect.Parameter("request", _POSITIONAL, annotation=gr.Request)]
    for name in _NAMES:
        value = getattr(_DEFAULTS, name)
        default, kind = (list(value), list[int]) if isinstance(value, tuple) else (value, type(value))
        parameters.append(inspect.Parameter(name, _POSITIONAL, default=default, annotation=kind))
    returned = Iterator[dict[str, Any]]
    retrain.__signature__ = inspect.Signature(parameters, return_annotation=returned)
    retrain.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": returned}
    said = "\n".join(f"    {name}: {_said_of(name)}" for name in _NAMES)
    retrain.__doc__ = f"{_SUMMARY}\n\nArgs:\n{said}\n\n{_RETURNS}"


def _said_of(name: str) -> str:
    each = HYPERPARAMETERS[name]
    choices = f" One of: {', '.join(each.choices)}." if each.choices else ""
    limits = " From {:g} to {:g}.".format(*each.limits) if each.limits else ""
    return f"{each.help}.{choices}{limits}"


def _progress(job: Job) -> dict[str, Any]:
    answer: dict[str, Any] = {"state": job.stage, "place": job.place}
    if job.progress:
        progress, tested = job.progress, job.history.test.points
        answer |= {
            "step": progress.step,
            "total_steps": progress.total_steps,
            "epoch": progress.epoch,
            "samples_per_second": round(progress.samples_per_second),
            "train_loss": progress.train_loss,
            "train_accuracy": progress.train_accuracy,
            "test_accuracy": tested[-1].accuracy if tested else None,
            "learning_rate": progress.learning_rate,
            "eta_seconds": round(progress.eta_seconds, 1),
        }
    return answer


def _result(job: Job, max_seconds: float) -> dict[str, Any]:
    if job.run is None:
        raise InvalidInput(job.error or f"The run was ended after {max_seconds:g} s, before it had learned anything.")
    evaluation = {name: _evaluation(result) for name, result in job.run.results.items()}
    return {
        **_progress(job),
        "state": "done",
        "complete": job.is_complete,
        "seconds": round(job.run.seconds, 2),
        "verdict": job.run.verdict,
        "evaluation": evaluation,
    }


def _evaluation(result: Evaluation) -> dict[str, Any]:
    return {
        "accuracy": result.accuracy,
        "interval": list(result.interval),
        "per_class": np.round(result.per_class, 4).tolist(),
        "confusion": result.confusion.tolist(),
    }
