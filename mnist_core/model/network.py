"""The three-layer model, as Keras layers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.config import TrainConfig
from mnist_core.device import check_settings, tensorflow
from mnist_core.errors import InvalidInput
from mnist_core.model.weights import CLASSES, INPUTS, Weights

if TYPE_CHECKING:
    import keras


def build_model(config: TrainConfig, outputs: int = CLASSES) -> keras.Sequential:
    """Build the model: [b, 784] float32 -> Dense(h1) -> Dense(h2) -> Dense(10), logits out.

    Args:
        config: gives the hidden widths, the activation and the seed of the initial weights (Glorot uniform).
        outputs: units of the last layer.

    Returns:
        keras.Sequential, built, so that it has its weights; float32 throughout, whatever Keras is set to.

    Raises:
        ValueError: as `device.check_settings`, but for graphs.
    """
    check_settings(in_graphs=False)
    import keras

    activation = None if config.activation == "linear" else config.activation

    def dense(units: int, layer: int, activation: str | None) -> keras.layers.Dense:
        initializer = _initializer(config, layer)
        return keras.layers.Dense(units, activation=activation, kernel_initializer=initializer, dtype="float32")

    first, second = config.hidden_units
    model = keras.Sequential(
        [
            keras.Input((INPUTS,), dtype="float32"),
            dense(first, 1, activation),
            dense(second, 2, activation),
            dense(outputs, 3, None),
        ]
    )
    model.dtype_policy = "float32"  # which it cannot be told before; it casts what it is called with
    return model


def initial_weights(config: TrainConfig) -> list[np.ndarray]:
    """What `build_model(config).get_weights()` gives, without a model, of each of which Keras keeps 0.3 MB for good."""
    tensorflow()
    widths = (INPUTS, *config.hidden_units, CLASSES)
    arrays = []
    for layer, (inputs, units) in enumerate(pairwise(widths), 1):
        kernel = np.asarray(_initializer(config, layer)((inputs, units), "float32"))
        arrays += [kernel, np.zeros(units, np.float32)]
    return arrays


def _initializer(config: TrainConfig, layer: int) -> keras.initializers.Initializer:
    """Of a layer's kernel, by a seed of its own: equal seeds would draw equal numbers."""
    import keras

    return keras.initializers.GlorotUniform(seed=3 * config.seed + layer)


def layer_table(config: TrainConfig) -> list[tuple[str, tuple[int, int], int]]:
    """Name, shape of the weights (inputs, outputs) and parameters of each layer: what `model.summary()` tells.

    The names say what a layer does, as "Dense, relu". Reckoned without TensorFlow, which takes seconds to import.
    """
    widths = (INPUTS, *config.hidden_units, CLASSES)
    activations = (config.activation, config.activation, "logits")
    return [
        (f"Dense, {activation}", (inputs, outputs), (inputs + 1) * outputs)
        for inputs, outputs, activation in zip(widths, widths[1:], activations)
    ]


def parameter_count(config: TrainConfig) -> int:
    """Weights and biases of the whole model."""
    return sum(parameters for _, _, parameters in layer_table(config))


def get_weights(model: keras.Sequential, activation: str) -> Weights:
    """Copy a model's weights out."""
    return Weights.from_arrays(model.get_weights(), activation)


def set_weights(model: keras.Sequential, weights: Weights) -> None:
    """Copy weights into a model.

    Raises:
        ValueError: the model has other hidden widths.
    """
    widths = tuple(layer.units for layer in model.layers[:2])
    if widths != weights.hidden_units:
        raise InvalidInput(f"The weights have hidden layers of {weights.hidden_units}, the model of {widths}.")
    model.set_weights(weights.arrays)
