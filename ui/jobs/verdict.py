"""What a visitor is told of how a run went."""

from __future__ import annotations

from mnist_core import History, TrainConfig

_CHANCE = 0.2
_GOOD = 0.97  # what the plain model reaches with most settings
_GAP = 0.02  # between training and test accuracy: more is learning by heart


def diagnose(config: TrainConfig, history: History) -> str:
    """Say in words how a run went, and what to change where it went wrong.

    Args:
        config: of the run.
        history: of the run, with at least one point of each curve.
    """
    tested = history.test.points[-1].accuracy
    last = history.train.points[-5:]
    trained = sum(point.accuracy for point in last) / len(last)
    if tested < _CHANCE:
        return _nothing_learned(config)
    both = f"{trained:.1%} of its own images, {tested:.1%} of new ones"
    if trained - tested > _GAP and trained > _GOOD:
        return (
            f"It overfits: {both}. It has learned images by heart. "
            + ("More training images help most" if config.train_size < 60_000 else "Fewer epochs help")
            + ("." if config.augment else ", or augmentation, which shows every image anew each time.")
        )
    if tested >= _GOOD:
        return f"It learned well: {both}."
    return f"It underfits: it reads only {trained:.1%} even of its own images. {_underfitting(config, history)}"


def _nothing_learned(config: TrainConfig) -> str:
    change = "too high: lower" if config.learning_rate >= 0.01 else "too low: raise"
    return (
        "It learned nothing: chance alone would read 10%. "
        f"The learning rate of {config.learning_rate:g} is {change} it tenfold."
    )


def _underfitting(config: TrainConfig, history: History) -> str:
    if config.activation == "linear":
        return "Without an activation three layers are one linear map, and no linear map separates the digits better."
    if min(config.hidden_units) < 32:
        return f"Hidden layers of {config.hidden_units[0]} and {config.hidden_units[1]} are narrow: widen them."
    points = history.test.points
    if len(points) > 1 and points[-1].loss < points[len(points) // 2].loss * 0.95:
        return "Its loss was still falling: give it more epochs, or a higher learning rate."
    if config.augment:
        return "Augmentation makes its images harder than the test's: give it more epochs."
    return "Give it more epochs, another learning rate, or Adam as the optimizer."
