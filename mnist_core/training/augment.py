"""Augmentation inside the graph: every time an image is seen it is shifted, turned, scaled, sheared, bent, thickened.

Source of the elastic distortion: P. Simard, D. Steinkraus, J. Platt, "Best Practices for Convolutional Neural Networks
Applied to Visual Document Analysis", ICDAR 2003.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_core.device import tensorflow
from mnist_core.preprocessing.mnist_frame import CENTRE, SIZE

if TYPE_CHECKING:
    import tensorflow as tf

# Ranges at strength 1, chosen on held-out training images and the pen digits' dev writers.
SHIFT = 1.0  # pixels, either way
ROTATION = 0.2  # radians, either way
SCALE = 0.12  # share of the size, either way, each axis on its own
SHEAR = 0.3  # pixels sideways per pixel of height, either way
BEND = 1.0  # pixels: standard deviation of the elastic displacement
THICKNESS = 0.5  # share of the way to the image dilated, or eroded, by one pixel

_SHARED_BY = 8  # images that get the same bend: gathering rows of 8 is 3 times as fast as single values
_KNOTS = 8  # the elastic field is random at 8 x 8 places and smooth in between
_SMOOTHNESS = 4.0  # pixels: Gaussian standard deviation, as in the source


def augment(images: tf.Tensor, seed: tf.Tensor, strength: float) -> tf.Tensor:
    """Distort a batch of images.

    Args:
        images: (b, 28, 28) float32 [0, 1].
        seed: (2,) int32; the same seed gives the same distortions.
        strength: multiplies every range.

    Returns:
        (b, 28, 28) float32 [0, 1].
    """
    tf = tensorflow()
    count = tf.shape(images)[0]
    groups = (count + _SHARED_BY - 1) // _SHARED_BY
    padded = tf.pad(images, [[0, groups * _SHARED_BY - count], [0, 0], [0, 0]])
    seeds = tf.random.split(seed, 3)
    x, y = _source_points(groups, seeds[0], seeds[1], strength)
    warped = _sample(padded, x, y, groups)[:count]
    return _thicken(warped, seeds[2], strength)


def _source_points(groups: tf.Tensor, affine_seed: tf.Tensor, bend_seed: tf.Tensor, strength: float):  # type: ignore[no-untyped-def]
    """Where each pixel of the result comes from: x, y, each (groups, 28, 28), in pixel-centre coordinates."""
    tf = tensorflow()
    random = strength * tf.random.stateless_uniform([6, groups, 1, 1], affine_seed, -1.0, 1.0)
    angle, shear = ROTATION * random[0], SHEAR * random[1]
    across, down = 1 + SCALE * random[2], 1 + SCALE * random[3]
    offset = np.arange(SIZE, dtype=np.float32) + 0.5 - CENTRE
    column, row = offset[None, None, :], offset[None, :, None]
    bend = _bend(groups, bend_seed, strength)
    x = across * tf.cos(angle) * column + (shear - tf.sin(angle)) * row + SHIFT * random[4] + bend[:, 0]
    y = tf.sin(angle) * column + down * tf.cos(angle) * row + SHIFT * random[5] + bend[:, 1]
    return x + (CENTRE - 0.5), y + (CENTRE - 0.5)


def _bend(groups: tf.Tensor, seed: tf.Tensor, strength: float) -> tf.Tensor:
    """Smooth random displacements, (groups, 2, 28, 28), of standard deviation BEND x strength pixels."""
    tf = tensorflow()
    knots = (np.arange(_KNOTS) + 0.5) * SIZE / _KNOTS - 0.5
    spread = np.exp(-((np.arange(SIZE)[:, None] - knots) ** 2) / (2 * _SMOOTHNESS**2))
    spread = (spread / np.linalg.norm(spread, axis=1, keepdims=True)).astype(np.float32)
    noise = tf.random.stateless_normal([groups, 2, _KNOTS, _KNOTS], seed, stddev=BEND * strength)
    return tf.einsum("ik,gckl,jl->gcij", spread, noise, spread)


def _sample(images: tf.Tensor, x: tf.Tensor, y: tf.Tensor, groups: tf.Tensor) -> tf.Tensor:
    """Bilinear sampling; the images of a group share its points. Points outside take the nearest edge's value."""
    tf = tensorflow()
    pixels = SIZE * SIZE
    # Pixels first, images last: what is gathered together lies together.
    rows = tf.transpose(tf.reshape(images, [groups, _SHARED_BY, pixels]), [0, 2, 1])
    rows = tf.reshape(rows, [groups * pixels, _SHARED_BY])
    x = tf.clip_by_value(x, 0.0, SIZE - 1.001)
    y = tf.clip_by_value(y, 0.0, SIZE - 1.001)
    left, top = tf.floor(x), tf.floor(y)
    right_share, bottom_share = (x - left)[..., None], (y - top)[..., None]
    corner = tf.cast(top * SIZE + left, tf.int32) + tf.range(groups)[:, None, None] * pixels
    upper = tf.gather(rows, corner) * (1 - right_share) + tf.gather(rows, corner + 1) * right_share
    lower = tf.gather(rows, corner + SIZE) * (1 - right_share) + tf.gather(rows, corner + SIZE + 1) * right_share
    mixed = tf.reshape(upper * (1 - bottom_share) + lower * bottom_share, [groups, pixels, _SHARED_BY])
    return tf.reshape(tf.transpose(mixed, [0, 2, 1]), [groups * _SHARED_BY, SIZE, SIZE])


def _thicken(images: tf.Tensor, seed: tf.Tensor, strength: float) -> tf.Tensor:
    """Move each image part of the way to itself dilated, or eroded, by one pixel."""
    tf = tensorflow()
    amount = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1], seed, -1.0, 1.0) * (THICKNESS * strength)
    dilated = _dilate(images)
    eroded = 1 - _dilate(1 - images)
    change = tf.maximum(amount, 0.0) * (dilated - images) + tf.maximum(-amount, 0.0) * (eroded - images)
    return tf.clip_by_value(images + change, 0.0, 1.0)


def _dilate(images: tf.Tensor) -> tf.Tensor:
    """The highest of each pixel and its four neighbours. Shifts and maxima: max_pool is slower on a CPU."""
    tf = tensorflow()
    around = tf.pad(images, [[0, 0], [1, 1], [1, 1]])
    sideways = tf.maximum(around[:, 1:-1, :-2], around[:, 1:-1, 2:])
    upright = tf.maximum(around[:, :-2, 1:-1], around[:, 2:, 1:-1])
    return tf.maximum(images, tf.maximum(sideways, upright))
