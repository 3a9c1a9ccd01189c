"""Read handwritten digits with a small network, and train it: data, preprocessing, model, tape loop, inference.

Reading a drawing needs NumPy, Pillow and SciPy only; what needs TensorFlow imports it when it is first used.
"""

from mnist_core.cluster import WorkerLost
from mnist_core.config import CHOICES, HYPERPARAMETERS, LIMITS, PRESETS, Hyperparameter, TrainConfig
from mnist_core.data.datasets import DamagedData, Mnist, PenDigits, load_mnist, load_pen_digits, load_pen_letters
from mnist_core.data.pen_images import draw_pen_digits
from mnist_core.device import describe_device
from mnist_core.errors import InvalidInput
from mnist_core.export.archive import read_weights, write_run
from mnist_core.export.card import evaluate_all, evaluation_sets, load_shipped, shipped_card
from mnist_core.files import NotWritten
from mnist_core.inference.classifier import Classifier, Reading
from mnist_core.inference.evaluation import Evaluation, evaluate, figures
from mnist_core.inference.explain import Change, Explanation, explain, explain_change
from mnist_core.inference.numbers import ReadingBox, read_number
from mnist_core.inference.patterns import most_used_units, unit_pictures
from mnist_core.model.network import build_model, layer_table, parameter_count
from mnist_core.model.weights import InvalidWeights, Weights
from mnist_core.preprocessing.drawing import (
    BlankDrawing,
    check_strokes,
    open_picture,
    preprocess,
    preprocess_strokes,
    render_strokes,
)
from mnist_core.training.history import Curve, History, epochs_done
from mnist_core.training.speed import Speed, measure_speed, picture_count
from mnist_core.training.teaching import drawing_images, hold_out, teach, variants_of
from mnist_core.training.trainer import Progress, TrainingDiverged, check_init, train

__all__ = [
    "CHOICES",
    "HYPERPARAMETERS",
    "LIMITS",
    "PRESETS",
    "BlankDrawing",
    "Change",
    "Classifier",
    "Curve",
    "DamagedData",
    "Evaluation",
    "Explanation",
    "History",
    "Hyperparameter",
    "InvalidInput",
    "InvalidWeights",
    "Mnist",
    "NotWritten",
    "PenDigits",
    "Progress",
    "Reading",
    "ReadingBox",
    "Speed",
    "TrainConfig",
    "TrainingDiverged",
    "Weights",
    "WorkerLost",
    "build_model",
    "check_init",
    "check_strokes",
    "describe_device",
    "draw_pen_digits",
    "drawing_images",
    "epochs_done",
    "evaluate",
    "evaluate_all",
    "evaluation_sets",
    "explain",
    "explain_change",
    "figures",
    "hold_out",
    "layer_table",
    "load_mnist",
    "load_pen_digits",
    "load_pen_letters",
    "load_shipped",
    "measure_speed",
    "most_used_units",
    "open_picture",
    "parameter_count",
    "picture_count",
    "preprocess",
    "preprocess_strokes",
    "read_number",
    "read_weights",
    "render_strokes",
    "shipped_card",
    "teach",
    "train",
    "unit_pictures",
    "variants_of",
    "write_run",
]
