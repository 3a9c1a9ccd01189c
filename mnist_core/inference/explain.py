"""Why an image is read as it is: the ink that speaks for a digit and against it, and what another digit would need.

Integrated gradients: M. Sundararajan, A. Taly, Q. Yan, "Axiomatic Attribution for Deep Networks", ICML 2017. The chain
rule is written out here for the model's three layers, instead of asking a tape for it: reading a drawing must not wait
for TensorFlow, which takes 3 seconds and 400 MB to import, and this takes half a millisecond. A test holds the two
against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_core.data.typical import by_likeness
from mnist_core.errors import InvalidInput
from mnist_core.inference.classifier import Classifier, softmax
from mnist_core.model.weights import CLASSES, INPUTS

# On the way between the two images. Of the pen digits' dev writers, the parts add up to the whole to within 1% in the
# median, 4% for 95 of 100; twice as many steps halve that, and nobody would see it.
STEPS = 64

# Multiplications in one matrix product up to which OpenBLAS keeps to one core. With more it waits for all cores, which
# takes 12 ms in place of 0.07 when something else is at work on them, as a training run is.
_ONE_CORE = 64**3

# Something that grows with the evidence for an answer, by its gradient: (n, 10) logits -> (n, 10).
_Contrast = Callable[[np.ndarray], np.ndarray]

# The slope of each activation function, by what it puts out.
_SLOPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda outputs: (outputs > 0).astype(np.float32),
    "sigmoid": lambda outputs: outputs * (1 - outputs),
    "tanh": lambda outputs: 1 - outputs**2,
    "linear": np.ones_like,
}


@dataclass(frozen=True, eq=False)
class Change:
    """What would have to change in an image for it to be read as another digit.

    Attributes:
        digit: that digit, 0..9.
        missing: (28, 28) float32, 0 and above: by how much ink that has to be added raises the logit of `digit` above
            that of the answer. A pixel speaks either here or in `excess`.
        excess: (28, 28) float32, 0 and above: the same of ink that has to go.
        typical: (28, 28) float32 [0, 1]: the image of that digit which this one is compared with.
    """

    digit: int
    missing: np.ndarray
    excess: np.ndarray
    typical: np.ndarray


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why an image is read as a digit.

    Attributes:
        digit: the digit that is explained, 0..9.
        attribution: (28, 28) float32: what each pixel's ink adds to the log-odds of `digit`, the natural logarithm of
            p / (1 - p) that the softmax of the logits gives it, over those of blank paper. Above 0 it speaks for the
            digit, below 0 against it; where there is no ink it is 0.
        change: what another digit would need; None unless one was asked about.
    """

    digit: int
    attribution: np.ndarray
    change: Change | None


def explain(
    classifier: Classifier, image: np.ndarray, digit: int | None = None, against: int | None = None
) -> Explanation:
    """Explain a reading.

    Args:
        classifier: the model that reads.
        image: (28, 28) float [0, 1] or uint8 [0, 255], ink high: the image that the model sees.
        digit: the answer to explain, 0..9; without one, the most likely digit.
        against: "why not this one?", 0..9, another than `digit`.

    Raises:
        ValueError: the image has another shape or type, or a digit is none or is compared with itself.
    """
    logits = classifier.layers(np.asarray(image)[None])[2][0]
    digit = int(logits.argmax()) if digit is None else check_digit("digit", digit)
    image = np.asarray(image, np.float32) / (255 if np.asarray(image).dtype == np.uint8 else 1)
    attribution = integrated_gradients(classifier, np.zeros_like(image), image, log_odds(digit))
    change = None if against is None else explain_change(classifier, image, digit, check_digit("against", against))
    return Explanation(digit, attribution, change)


def explain_change(classifier: Classifier, image: np.ndarray, digit: int, against: int) -> Change:
    """What would have to change for an image to be read as `against` and no longer as `digit`.

    The image is compared with the typical image of `against` that is most like it among those that this model
    reads so: a mean of all images would ask for ink everywhere a little, and the most similar of all training
    images is often an odd one.

    Args:
        classifier: the model that reads.
        image: (28, 28) float32 [0, 1], ink 1.
        digit: what it is read as, 0..9.
        against: another digit, 0..9.

    Raises:
        ValueError: the two digits are the same.
    """
    if digit == against:
        raise InvalidInput(f"Invalid value for argument `against`. Expected another digit than the answer: {digit}")
    typical = _target(classifier, image, against)
    gain = integrated_gradients(classifier, image, typical, lead(against, digit))
    helpful = np.maximum(gain, 0)
    added = typical > image
    return Change(against, np.where(added, helpful, 0), np.where(added, 0, helpful), typical)


def integrated_gradients(
    classifier: Classifier, start: np.ndarray, end: np.ndarray, contrast: _Contrast, steps: int = STEPS
) -> np.ndarray:
    """How much each pixel's change from `start` to `end` moves something that depends on the logits.

    The gradient is averaged over the middles of `steps` equal parts of the straight line between the two. On a line,
    the first layer's inputs change evenly: its kernel, the largest, is needed for the two ends only.

    Args:
        classifier: the model that reads.
        start: (28, 28) float32 [0, 1].
        end: (28, 28) float32 [0, 1].
        contrast: the gradient of what is explained: (n, 10) logits -> (n, 10).
        steps: 1 and above.

    Returns:
        (28, 28) float32; the sum approaches the difference of what is explained between `end` and `start`.
    """
    weights = classifier.weights
    # Two products of a vector: one of two rows would wait for all cores.
    first, change = (picture.reshape(INPUTS) @ weights.kernel_1 for picture in (start, end - start))
    along = ((np.arange(steps, dtype=np.float32) + 0.5) / steps)[:, None]
    slopes = _first_layer_gradient(classifier, first + weights.bias_1 + along * change, contrast)
    return (end - start) * (slopes.mean(axis=0) @ weights.kernel_1.T).reshape(28, 28)


def gradient(classifier: Classifier, images: np.ndarray, contrast: _Contrast) -> np.ndarray:
    """The gradient with respect to the pixels, by the chain rule.

    Args:
        classifier: the model that reads.
        images: (n, 28, 28) float32 [0, 1].
        contrast: the gradient with respect to the logits: (n, 10) logits -> (n, 10).

    Returns:
        (n, 28, 28) float32.
    """
    weights = classifier.weights
    inputs = images.reshape(-1, INPUTS) @ weights.kernel_1 + weights.bias_1
    return (_first_layer_gradient(classifier, inputs, contrast) @ weights.kernel_1.T).reshape(-1, 28, 28)


def log_odds(digit: int) -> _Contrast:
    """The gradient of ln(p / (1 - p)) of a digit: its logit against the others, the strongest of them most."""

    def contrast(logits: np.ndarray) -> np.ndarray:
        others = logits.copy()
        others[:, digit] = -np.inf
        slopes = -softmax(others)
        slopes[:, digit] = 1
        return slopes

    return contrast


def lead(digit: int, other: int) -> _Contrast:
    """The gradient of the logit of one digit minus that of another."""
    slopes = np.zeros((1, CLASSES), np.float32)
    slopes[0, digit], slopes[0, other] = 1, -1
    return lambda logits: np.broadcast_to(slopes, logits.shape)


def check_digit(name: str, value: object) -> int:
    """Return `value` when it is a whole number 0..9. Raises ValueError, naming the argument, for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not 0 <= value < CLASSES:
        raise InvalidInput(f"Invalid value for argument `{name}`. Expected a digit, 0..9. Received: {value!r}")
    return int(value)


def _first_layer_gradient(classifier: Classifier, inputs: np.ndarray, contrast: _Contrast) -> np.ndarray:
    """The gradient with respect to what the first layer's activation function is given, (n, h1) -> (n, h1)."""
    rows = _ONE_CORE // classifier.weights.kernel_2.size
    if rows < 2:
        return _backward(classifier, inputs, contrast)
    return np.concatenate([_backward(classifier, inputs[k : k + rows], contrast) for k in range(0, len(inputs), rows)])


def _backward(classifier: Classifier, inputs: np.ndarray, contrast: _Contrast) -> np.ndarray:
    weights, slope = classifier.weights, _SLOPES[classifier.weights.activation]
    first = classifier.activate(inputs)
    second = classifier.activate(first @ weights.kernel_2 + weights.bias_2)
    logits = second @ weights.kernel_3 + weights.bias_3
    back = contrast(logits) @ weights.kernel_3.T * slope(second)
    return np.asarray(back @ weights.kernel_2.T * slope(first))


def _target(classifier: Classifier, image: np.ndarray, digit: int) -> np.ndarray:
    """The typical image of a digit that an image is compared with, (28, 28) float32 [0, 1]."""
    pictures = by_likeness(image, digit)
    # One by one: the first is nearly always read so. Of a model that reads none of them so, the most similar one.
    read_so = (k for k in range(len(pictures)) if classifier.logits(pictures[k][None]).argmax() == digit)
    return pictures[next(read_so, 0)].astype(np.float32) / 255
