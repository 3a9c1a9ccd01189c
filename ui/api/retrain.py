"""`/retrain`: the same training for programs, with its progress as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np
from gradio.events import api

from mnist_core import PRESETS, Evaluation, TrainConfig
from mnist_core.errors import InvalidInput
from ui.jobs.job import Job
from ui.jobs.trainer import Trainer
from ui.server.errors import told
from ui.server.gate.clients import place_of

_REFRESH_SECONDS = 0.2
_DEFAULTS = PRESETS["recommended"]


def build_retrain_api(trainer: Trainer) -> None:
    """Add `/retrain` to the page's API.

    Args:
        trainer: runs what is started.
    """

    def retrain(  # noqa: PLR0917
        request: gr.Request,
        epochs: int = _DEFAULTS.epochs,
        batch_size: int = _DEFAULTS.batch_size,
        learning_rate: float = _DEFAULTS.learning_rate,
        optimizer: str = _DEFAULTS.optimizer,
        loss: str = _DEFAULTS.loss,
        activation: str = _DEFAULTS.activation,
        hidden_units: list[int] = list(_DEFAULTS.hidden_units),  # noqa: B006
        train_size: int = _DEFAULTS.train_size,
        augment: bool = _DEFAULTS.augment,
        include_pen_digits: bool = _DEFAULTS.include_pen_digits,
        schedule: str = _DEFAULTS.schedule,
        warmup_epochs: float = _DEFAULTS.warmup_epochs,
        momentum: float = _DEFAULTS.momentum,
        weight_decay: float = _DEFAULTS.weight_decay,
        label_smoothing: float = _DEFAULTS.label_smoothing,
        ema_decay: float = _DEFAULTS.ema_decay,
        augment_strength: float = _DEFAULTS.augment_strength,
        seed: int = _DEFAULTS.seed,
    ) -> Iterator[dict[str, Any]]:
        """Train a model from fresh weights and tell how it goes, five times a second.

        Args:
            epochs: passes over the training pictures.
            batch_size: pictures per step.
            learning_rate: the highest rate of the schedule.
            optimizer: sgd, momentum, adam or adamw.
            loss: cross_entropy or squared_error.
            activation: relu, sigmoid, tanh or linear.
            hidden_units: widths of the two hidden layers.
            train_size: how many MNIST training pictures.
            augment: whether pictures are shifted, turned and bent anew each time.
            include_pen_digits: whether digits drawn with a pen are mixed in.
            schedule: constant or cosine.
            warmup_epochs: epochs over which the rate rises from zero.
            momentum: of the optimizer momentum.
            weight_decay: of the optimizer adamw.
            label_smoothing: of cross_entropy.
            ema_decay: of the weights' average; 0 for none.
            augment_strength: multiplies the augmentation's ranges.
            seed: the same seed gives the same model.

        Returns:
            Progress: state ("waiting", "preparing", "training"), place in the queue, step, total_steps, epoch,
            samples_per_second, train_loss, train_accuracy, test_accuracy (null until it was tested), learning_rate,
            eta_seconds. At last state "done", seconds, verdict, and the evaluation on mnist_test and pen_dev: accuracy,
            interval (95%), per_class, confusion.
        """
        named = {name: value for name, value in locals().items() if name in _HYPERPARAMETERS}
        with told():
            address = place_of(request.client.host)
            job = trainer.start(TrainConfig(**named), name="API", address=address, is_program=True)
        try:
            while not job.wait(_REFRESH_SECONDS):
                yield _progress(job)
        finally:
            job.stop()
        with told():
            result = _result(job, trainer.max_seconds)
        yield result

    api(retrain, api_name="retrain", concurrency_limit=None)


_HYPERPARAMETERS = {name for name in TrainConfig.__dataclass_fields__ if name not in ("rate_changes", "max_steps")}


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
