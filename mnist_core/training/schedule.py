"""The learning rate over a run: warm-up, schedule, and what was changed on the way."""

from __future__ import annotations

import numpy as np

from mnist_core.config import TrainConfig


def learning_rates(config: TrainConfig, total_steps: int, first_step: int, steps: int) -> np.ndarray:
    """The learning rate of each of `steps` steps from `first_step` (0-based) on, (steps,) float32.

    Linear from zero over the warm-up; then constant, or half a cosine that reaches zero after the last step. A rate
    change replaces the highest rate; the factor that the schedule gives it goes on.
    Source of the cosine: I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017.
    """
    step = np.arange(first_step, first_step + steps)
    warmup_steps = config.warmup_epochs * total_steps / config.epochs
    factor = np.minimum(1.0, (step + 1) / max(warmup_steps, 1))
    if config.schedule == "cosine":
        share = np.clip((step - warmup_steps) / max(total_steps - warmup_steps, 1), 0, 1)
        factor = factor * 0.5 * (1 + np.cos(np.pi * share))
    highest = np.full(steps, config.learning_rate)
    for change_step, rate in config.rate_changes:
        highest[step >= change_step] = rate
    return (highest * factor).astype(np.float32)
