"""Builds the optimizer that a config names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_core.config import TrainConfig
from mnist_core.device import tensorflow

if TYPE_CHECKING:
    import keras


def averaged_variables(optimizer: keras.optimizers.Optimizer) -> list[Any]:
    """The weights' moving averages, in the model's order. Keras has no public name for them."""
    return optimizer._model_variables_moving_average


def build_optimizer(config: TrainConfig) -> keras.optimizers.Optimizer:
    """The optimizer of that name; with `ema_decay` it also keeps the weights' moving average.

    With an average it is Keras' own, else the fused one: averages are for long runs, where augmentation takes most of
    the time, and the shipped weights, which were made so, can be made again to the bit.
    """
    tensorflow()
    from keras import Variable
    from keras import optimizers as own

    from mnist_core.training import fused_optimizers

    optimizers = own if config.ema_decay else fused_optimizers

    # As Keras makes it itself, but float32 whatever its floatx is.
    rate = Variable(config.learning_rate, dtype="float32", trainable=False, aggregation="only_first_replica")
    common: dict[str, Any] = {"learning_rate": lambda: rate}
    if config.ema_decay:
        # overwrite off: the training goes on from the weights themselves, not from their average.
        common |= {"use_ema": True, "ema_momentum": config.ema_decay, "ema_overwrite_frequency": None}
    if config.optimizer == "sgd":
        return optimizers.SGD(**common)
    if config.optimizer == "momentum":
        return optimizers.SGD(momentum=config.momentum, **common)
    if config.optimizer == "adam":
        return optimizers.Adam(**common)
    return optimizers.AdamW(weight_decay=config.weight_decay, **common)
