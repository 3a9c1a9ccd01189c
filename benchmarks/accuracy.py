"""Accuracy on pictures of the pen digits' dev writers, drawn in many ways. `python -m benchmarks.accuracy`"""

from __future__ import annotations

import numpy as np

from mnist_core import Classifier, evaluate, load_pen_digits, preprocess
from tests.support.pictures import picture


def main() -> None:
    classifier = Classifier.load()
    digits = load_pen_digits("dev")
    print("| pictures of pen digits, dev writers | read right, % |\n|---|---:|")
    for title, upscaled in (("as drawn, 280 px", False), ("upscaled to 1000 px", True)):
        random = np.random.default_rng(0)
        images = np.array([preprocess(picture(strokes, random, upscaled)) for strokes in digits.strokes])
        print(f"| {title} | {100 * evaluate(classifier, images, digits.labels).accuracy:.2f} |")


if __name__ == "__main__":
    main()
