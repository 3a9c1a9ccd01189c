"""Read handwritten digits with a small network, and train it: data, preprocessing, model, tape loop, inference.

Reading a drawing needs NumPy, Pillow and SciPy only; what needs TensorFlow imports it when it is first used.
"""

from mnist_core.card import shipped_card
from mnist_core.config import PRESETS, TrainConfig
from mnist_core.data import DamagedData, Mnist, PenDigits, load_mnist, load_pen_digits
from mnist_core.device import describe_device
from mnist_core.evaluation import Evaluation, evaluate
from mnist_core.inference import Classifier, Reading
from mnist_core.model import build_model
from mnist_core.preprocessing import BlankDrawing, open_picture, preprocess, preprocess_strokes, render_strokes
from mnist_core.training import Progress, TrainingDiverged, train
from mnist_core.weights import InvalidWeights, Weights

__all__ = [
    "PRESETS",
    "BlankDrawing",
    "Classifier",
    "DamagedData",
    "Evaluation",
    "InvalidWeights",
    "Mnist",
    "PenDigits",
    "Progress",
    "Reading",
    "TrainConfig",
    "TrainingDiverged",
    "Weights",
    "build_model",
    "describe_device",
    "evaluate",
    "load_mnist",
    "load_pen_digits",
    "open_picture",
    "preprocess",
    "preprocess_strokes",
    "render_strokes",
    "shipped_card",
    "train",
]
