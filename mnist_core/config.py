"""What a training run can be told: hyperparameters, their limits, and the presets. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from mnist_core.errors import InvalidInput
from mnist_core.shown import shown

ACTIVATIONS = ("relu", "sigmoid", "tanh", "linear")
LOSSES = ("cross_entropy", "squared_error")
OPTIMIZERS = ("sgd", "momentum", "adam", "adamw")
SCHEDULES = ("constant", "cosine")


@dataclass(frozen=True)
class Hyperparameter:
    """What is said of a hyperparameter wherever it is: on the page, in the shell, in the API and in the docs.

    Attributes:
        label: its name in words.
        help: what it is, in a few words.
        limits: the lowest and the highest value; None for what is no number.
        choices: the values that it may have; () where these are not listed.
        is_in_graph: whether a training graph that is built with one value is of no use for another.
        is_chosen: whether a person chooses it; else it is how a run is written down that was changed or stopped.
    """

    label: str
    help: str
    limits: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    is_in_graph: bool = True
    is_chosen: bool = True


MAX_RATE_CHANGES = 10_000


def _setting(default: Any, label: str, text: str, **more: Any) -> Any:
    return field(default=default, metadata={"hyperparameter": Hyperparameter(label, text, **more)})


@dataclass(frozen=True)
class TrainConfig:
    """Hyperparameters of one training run. Same config, same device: same weights, bit for bit on a CPU.

    Attributes:
        hidden_units: widths of the two hidden layers, each 1..1024.
        activation: of the hidden layers, one of ACTIVATIONS; "linear" makes the whole model linear.
        loss: "cross_entropy" (mean over the batch), or "squared_error": the sum of (logits - one-hot)^2 over the
            batch and the ten outputs, divided by the batch size.
        optimizer: one of OPTIMIZERS. `momentum` is used by "momentum" only, `weight_decay` by "adamw" only.
        learning_rate: the highest rate of the schedule.
        schedule: "constant", or "cosine" down to zero at the end; both rise linearly from zero over `warmup_epochs`.
        ema_decay: decay per step of the exponential moving average of the weights, which is then what the run
            returns; 0 turns averaging off. Source: P. Izmailov et al., "Averaging Weights Leads to Wider Optima and
            Better Generalization", UAI 2018.
        label_smoothing: share of the target spread evenly over the ten digits; used by "cross_entropy" only. Source:
            C. Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016.
        batch_size: images per step.
        epochs: passes over the training images.
        train_size: how many MNIST training images are used: the first ones, in MNIST's order.
        augment: whether images are shifted, rotated, scaled, sheared, bent and thickened anew each time.
        augment_strength: multiplies every augmentation range.
        include_pen_digits: whether the pen digits' `train` writers are mixed in.
        seed: of the initial weights, the shuffling and the augmentation.
        rate_changes: pairs of (step, learning rate) in the order of the steps: once that many steps are done, the rate
            takes the place of `learning_rate`. How a run is written down whose rate was changed while it ran.
        max_steps: the run ends after that many steps, on the schedule of the whole; 0 for all. How a run is written
            down that was stopped.

    Raises:
        ValueError: names the argument, what is accepted and what was received.
    """

    hidden_units: tuple[int, int] = _setting((256, 128), "Hidden layers", "Units of each", limits=(1, 1024))
    activation: str = _setting("relu", "Activation", "Of the hidden layers", choices=ACTIVATIONS)
    loss: str = _setting("cross_entropy", "Loss", "What training minimises", choices=LOSSES)
    optimizer: str = _setting("adam", "Optimizer", "How the weights are updated", choices=OPTIMIZERS)
    learning_rate: float = _setting(
        0.002, "Learning rate", "Size of a step; can be changed while it runs", limits=(1e-6, 10.0), is_in_graph=False
    )
    momentum: float = _setting(0.9, "Momentum", "Of SGD with momentum", limits=(0.0, 0.999))
    weight_decay: float = _setting(0.0, "Weight decay", "Of AdamW", limits=(0.0, 1.0))
    schedule: str = _setting(
        "cosine", "Schedule", "How the learning rate goes on", choices=SCHEDULES, is_in_graph=False
    )
    warmup_epochs: float = _setting(
        0.0, "Warm-up epochs", "The learning rate rises from zero", limits=(0.0, 50.0), is_in_graph=False
    )
    ema_decay: float = _setting(0.0, "Weight average", "Its decay per step; 0 for none", limits=(0.0, 0.99999))
    label_smoothing: float = _setting(0.0, "Label smoothing", "Of cross-entropy", limits=(0.0, 0.5))
    batch_size: int = _setting(128, "Batch size", "Images per step", limits=(1, 4096), is_in_graph=False)
    epochs: int = _setting(10, "Epochs", "Passes over the images", limits=(1, 2000), is_in_graph=False)
    train_size: int = _setting(
        60_000, "Training images", "Of MNIST, 10 to 60,000", limits=(10, 60_000), is_in_graph=False
    )
    augment: bool = _setting(False, "Augmentation", "Shift, rotate and bend each image anew")
    augment_strength: float = _setting(1.0, "Augmentation strength", "1 is usual", limits=(0.0, 3.0))
    include_pen_digits: bool = _setting(False, "Pen digits", "Mix in digits drawn with a pen", is_in_graph=False)
    seed: int = _setting(0, "Seed", "The same seed gives the same model", limits=(0, 2**31 - 1), is_in_graph=False)
    rate_changes: tuple[tuple[int, float], ...] = _setting(
        (), "Changed learning rates", "The learning rate from a step on", is_in_graph=False, is_chosen=False
    )
    max_steps: int = _setting(
        0, "Most steps", "The run ends there; 0 for all", limits=(0, 10**9), is_in_graph=False, is_chosen=False
    )

    def __post_init__(self) -> None:
        _check_hidden_units(self.hidden_units)
        object.__setattr__(self, "hidden_units", tuple(int(units) for units in self.hidden_units))
        for name, choices in CHOICES.items():
            _check_choice(name, getattr(self, name), choices)
        for each in fields(self):
            default: Any = each.default
            kind, value = type(default), getattr(self, each.name)
            if kind is bool:
                _check_flag(each.name, value)
            elif kind in (int, float):
                _check_number(each.name, value, whole=kind is int)
                object.__setattr__(self, each.name, kind(value))
        object.__setattr__(self, "rate_changes", _checked_rate_changes(self.rate_changes))
        if self.warmup_epochs > self.epochs:
            raise _invalid("warmup_epochs", f"at most `epochs` ({self.epochs})", self.warmup_epochs)

    def with_rate(self, step: int, rate: float) -> TrainConfig:
        """The same run, with its learning rate changed once `step` steps are done. Raises ValueError for a bad rate."""
        earlier = tuple(change for change in self.rate_changes if change[0] < step)
        return replace(self, rate_changes=(*earlier, (step, rate)))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainConfig:
        """Build a config from plain values, as read from JSON. Raises ValueError for a name that does not exist."""
        known = set(HYPERPARAMETERS)
        if not isinstance(values, dict):
            raise _invalid("values", "hyperparameters by name", values)
        unknown = [name for name in values if name not in known]
        if unknown:
            raise InvalidInput(
                f"Unknown hyperparameter {shown(unknown[0])}. Expected one of: {', '.join(sorted(known))}"
            )
        return cls(**values)


HYPERPARAMETERS: dict[str, Hyperparameter] = {
    each.name: each.metadata["hyperparameter"] for each in fields(TrainConfig)
}
CHOICES = {name: each.choices for name, each in HYPERPARAMETERS.items() if each.choices}
LIMITS = {name: each.limits for name, each in HYPERPARAMETERS.items() if each.limits}  # inclusive


def _invalid(name: str, expected: str, received: object) -> InvalidInput:
    return InvalidInput(f"Invalid value for argument `{name}`. Expected {expected}. Received: {shown(received)}")


def _check_hidden_units(value: object) -> None:
    low, high = (int(bound) for bound in LIMITS["hidden_units"])
    expected = f"two whole numbers from {low} to {high}"
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise _invalid("hidden_units", expected, value)
    if not all(_is_whole(units) and low <= units <= high for units in value):
        raise _invalid("hidden_units", expected, value)


def _checked_rate_changes(value: object) -> tuple[tuple[int, float], ...]:
    expected = f"at most {MAX_RATE_CHANGES:,} pairs of (step, learning rate) with rising steps"
    if not isinstance(value, (tuple, list)) or len(value) > MAX_RATE_CHANGES:
        raise _invalid("rate_changes", expected, value)
    last_step = -1
    for change in value:
        if not isinstance(change, (tuple, list)) or len(change) != 2 or not _is_whole(change[0]):
            raise _invalid("rate_changes", expected, value)
        if not last_step < change[0] <= LIMITS["max_steps"][1]:
            raise _invalid("rate_changes", expected, value)
        _check_number("learning_rate", change[1], whole=False)
        last_step = change[0]
    return tuple((step, float(rate)) for step, rate in value)


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise _invalid(name, "one of: " + ", ".join(choices), value)


def _check_flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise _invalid(name, "True or False", value)


def _check_number(name: str, value: object, whole: bool) -> None:
    low, high = LIMITS[name]
    expected = f"a {'whole ' if whole else ''}number from {low:g} to {high:g}"
    if whole and not _is_whole(value):
        raise _invalid(name, expected, value)
    # Of NaN and of what is infinite, too, the comparison is false.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise _invalid(name, expected, value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_SEED_RECIPE = TrainConfig(
    loss="squared_error", optimizer="sgd", learning_rate=0.01, schedule="constant", batch_size=32, epochs=30
)
# About the best that a few seconds on two cores give. Smoothed targets keep so short a run from learning by heart.
_RECOMMENDED = TrainConfig(learning_rate=0.008, warmup_epochs=0.5, label_smoothing=0.05, batch_size=256, epochs=7)

PRESETS: dict[str, TrainConfig] = {
    "seed": _SEED_RECIPE,
    "recommended": _RECOMMENDED,
    "linear": replace(_RECOMMENDED, activation="linear"),
    "sigmoid": replace(_RECOMMENDED, activation="sigmoid"),
    "squared_error": replace(_RECOMMENDED, loss="squared_error"),
    "few_pictures": replace(_RECOMMENDED, train_size=1_000, batch_size=64, learning_rate=0.002, epochs=60),
    # A constant rate keeps the weights moving; their long average then does what the average of many models would.
    "shipped": TrainConfig(
        learning_rate=0.002,
        schedule="constant",
        warmup_epochs=1.0,
        ema_decay=0.9999,
        batch_size=256,
        epochs=80,
        augment=True,
        augment_strength=0.9,
        include_pen_digits=True,
    ),
}
