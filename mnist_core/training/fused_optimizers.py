"""Keras' optimizers with one operation for each variable's update, where Keras writes each term to memory first.

Imports TensorFlow: to be imported only where a model is trained.
"""

from __future__ import annotations

import keras
import tensorflow as tf


class SGD(keras.optimizers.SGD):  # type: ignore[misc]
    """Stochastic gradient descent, with momentum or without; the same numbers as Keras' own, to the bit."""

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        """Change one variable by its gradient."""
        if not self.momentum:
            tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=learning_rate, delta=gradient)
            return
        momentum = self.momentums[self._get_variable_index(variable)]
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=variable.handle,
            accum=momentum.value.handle,
            lr=learning_rate,
            grad=gradient,
            momentum=self.momentum,
            use_nesterov=self.nesterov,
        )


class Adam(keras.optimizers.Adam):  # type: ignore[misc]
    """Adam; the same as Keras' own but for rounding."""

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        """Change one variable by its gradient and its moments."""
        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations.value + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


class AdamW(keras.optimizers.AdamW):  # type: ignore[misc]
    """Adam with decoupled weight decay; the same as Keras' own but for rounding."""

    update_step = Adam.update_step
