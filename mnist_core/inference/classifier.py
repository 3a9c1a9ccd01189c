"""Reading drawings with trained weights: a forward pass on NumPy arrays, 0.03 ms where `model.predict` takes 54 ms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.errors import InvalidInput
from mnist_core.inference.digit_detector import DIGIT_SCORE, SIMILAR, directions, has_ink, shipped_detector
from mnist_core.model.weights import INPUTS, SHIPPED_PATH, Weights
from mnist_core.preprocessing.drawing import preprocess, preprocess_strokes

_ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 0.5 * (1 + np.tanh(0.5 * x)),  # the same function, without the overflow of exp(-x)
    "tanh": np.tanh,
    "linear": lambda x: x,
}


@dataclass(frozen=True, eq=False)
class Reading:
    """What a model makes of one drawing.

    Attributes:
        digit: the most likely digit, 0..9.
        probabilities: (10,) float32, of the digits 0 to 9; they sum to 1.
        image: (28, 28) float32 [0, 1], ink 1: the picture that the model saw.
        is_digit: False when the drawing is probably no digit at all.
        digit_score: 0..1, how much it looks like a digit, whichever; from DIGIT_SCORE on, `is_digit` is True. The same
            for every model: a network of its own says so (digit_detector.py).
        layers: (h1,), (h2,) and (10,) float32, what the three layers put out on the way to the probabilities.
    """

    digit: int
    probabilities: np.ndarray
    image: np.ndarray
    is_digit: bool
    digit_score: float
    layers: tuple[np.ndarray, ...] = field(default=(), kw_only=True)


class Classifier:
    """A trained model that reads drawings. Holds no state but its read-only weights: threads may share one.

    Args:
        weights: of the model.
        known: (n, 28, 28) float [0, 1] or uint8 [0, 255], pictures that their writer called digits; what is much like
            one of them is taken for a digit, whatever the detector says.
    """

    def __init__(self, weights: Weights, known: np.ndarray | None = None) -> None:
        self.weights = weights
        self._known = None if known is None else directions(_flatten(known))

    @classmethod
    def load(cls, path: str | Path = SHIPPED_PATH) -> Classifier:
        """Load weights saved by `Weights.save`; without a path, the shipped ones.

        Raises:
            FileNotFoundError: there is no such file.
            InvalidWeights: the file does not hold the weights of such a model.
        """
        return cls(Weights.load(path))

    def activate(self, inputs: np.ndarray) -> np.ndarray:
        """The hidden layers' activation function, of each number by itself."""
        return _ACTIVATIONS[self.weights.activation](inputs)

    def first_layer(self, images: np.ndarray) -> np.ndarray:
        """The activations of the first hidden layer.

        Args:
            images: (n, 28, 28) float [0, 1] or uint8 [0, 255], ink high.

        Returns:
            (n, h1) float32.

        Raises:
            ValueError: the array has another shape or type.
        """
        return self.activate(_flatten(images) @ self.weights.kernel_1 + self.weights.bias_1)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """The network's outputs before softmax.

        Args:
            images: (n, 28, 28) float [0, 1] or uint8 [0, 255], ink high.

        Returns:
            (n, 10) float32.

        Raises:
            ValueError: the array has another shape or type.
        """
        return self.layers(images)[2]

    def layers(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What each of the three layers puts out, in one forward pass.

        Args:
            images: (n, 28, 28) float [0, 1] or uint8 [0, 255], ink high.

        Returns:
            The activations of the hidden layers, (n, h1) and (n, h2) float32, and the logits, (n, 10) float32.

        Raises:
            ValueError: the array has another shape or type.
        """
        first = self.first_layer(images)
        second = self.activate(first @ self.weights.kernel_2 + self.weights.bias_2)
        return first, second, np.asarray(second @ self.weights.kernel_3 + self.weights.bias_3)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Probabilities of the ten digits.

        Args:
            images: (n, 28, 28) float [0, 1] or uint8 [0, 255], ink high.

        Returns:
            (n, 10) float32; each row sums to 1.

        Raises:
            ValueError: the array has another shape or type.
        """
        return softmax(self.logits(images))

    def digit_scores(self, images: np.ndarray) -> np.ndarray:
        """How much images look like digits at all; less ink than a digit has scores 0.

        Args:
            images: (n, 28, 28) float [0, 1] or uint8 [0, 255], ink high.

        Returns:
            (n,) float32 [0, 1].

        Raises:
            ValueError: the array has another shape or type.
        """
        pixels = _flatten(images)
        scores = shipped_detector().digit_scores(pixels)
        if self._known is not None:
            is_known = (directions(pixels) @ self._known.T).max(axis=1, initial=0) >= SIMILAR
            scores = np.where(is_known & has_ink(pixels), np.float32(1), scores)
        return scores

    def read(self, drawing: Any) -> Reading:
        """Read one drawing.

        Args:
            drawing: strokes, as a list of strokes, each a list of [x, y] in 0..1 of the pad, y down; or a picture,
                (h, w), (h, w, 3) or (h, w, 4) uint8.

        Raises:
            BlankDrawing: there is no ink.
            ValueError: the drawing is neither of these; the message says what is wrong.
        """
        return self.read_image(preprocess(drawing) if isinstance(drawing, np.ndarray) else preprocess_strokes(drawing))

    def read_image(self, image: np.ndarray) -> Reading:
        """Read a picture as it is, without preprocessing: one of a data set, or one that `preprocess` has made.

        Args:
            image: (28, 28) float [0, 1] or uint8 [0, 255], ink high.

        Raises:
            ValueError: the array has another shape or type.
        """
        image = _flatten(np.asarray(image)[None]).reshape(28, 28)
        layers = tuple(layer[0] for layer in self.layers(image[None]))
        probabilities = softmax(layers[2])
        digit = int(probabilities.argmax())
        score = float(self.digit_scores(image[None])[0])
        return Reading(digit, probabilities, image, score >= DIGIT_SCORE, score, layers=layers)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, shifted by the maximum so that nothing overflows."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def _flatten(images: np.ndarray) -> np.ndarray:
    """(n, 28, 28) uint8 [0, 255] or float [0, 1] -> (n, 784) float32 [0, 1]."""
    images = np.asarray(images)
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        raise InvalidInput(f"Invalid value for argument `images`. Expected shape (n, 28, 28). Received: {images.shape}")
    if images.dtype == np.uint8:
        return images.reshape(-1, INPUTS).astype(np.float32) / 255
    if images.dtype.kind != "f":
        raise InvalidInput(f"Invalid value for argument `images`. Expected uint8 or float. Received: {images.dtype}")
    return images.reshape(-1, INPUTS).astype(np.float32)
