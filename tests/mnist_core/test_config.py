from __future__ import annotations

from dataclasses import asdict, fields

import pytest

from mnist_core import PRESETS, TrainConfig
from mnist_core.config import CHOICES, LIMITS


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("hidden_units", (256,), "two whole numbers"),
        ("hidden_units", (0, 10), "from 1 to 1024"),
        ("hidden_units", (10.5, 10), "two whole numbers"),
        ("activation", "gelu", "relu, sigmoid, tanh, linear"),
        ("loss", "hinge", "cross_entropy, squared_error"),
        ("optimizer", "Adam", "sgd, momentum, adam, adamw"),
        ("schedule", None, "constant, cosine"),
        ("learning_rate", 0, "from 1e-06 to 10"),
        ("learning_rate", 10.1, "from 1e-06 to 10"),
        ("learning_rate", float("nan"), "a number"),
        ("learning_rate", "0.1", "a number"),
        ("momentum", 1.0, "from 0 to 0.999"),
        ("batch_size", 0, "a whole number from 1 to 4096"),
        ("batch_size", 32.0, "a whole number"),
        ("batch_size", True, "a whole number"),
        ("epochs", 2001, "from 1 to 2000"),
        ("train_size", 60_001, "from 10 to 60000"),
        ("augment", 1, "True or False"),
        ("include_pen_digits", "yes", "True or False"),
        ("seed", -1, "from 0"),
        ("ema_decay", 1.0, "from 0 to 0.99999"),
        ("warmup_epochs", 11.0, "at most `epochs`"),
        ("max_steps", -1, "from 0"),
        ("rate_changes", 0.1, "pairs of (step, learning rate)"),
        ("rate_changes", ((0.5, 0.1),), "pairs of (step, learning rate)"),
        ("rate_changes", ((5, 0.1), (5, 0.2)), "rising steps"),
    ],
)
def test_a_bad_hyperparameter_is_named_with_what_is_accepted(name: str, value: object, accepted: str) -> None:
    with pytest.raises(ValueError) as error:
        TrainConfig(**{name: value})  # type: ignore[arg-type]
    message = str(error.value)
    assert f"`{name}`" in message
    assert accepted in message
    assert repr(value) in message


def test_limits_and_choices_cover_every_field_but_the_flags() -> None:
    names = {field.name for field in fields(TrainConfig)}
    assert names == set(LIMITS) | set(CHOICES) | {"augment", "include_pen_digits", "rate_changes"}


def test_a_changed_rate_has_the_rates_limits() -> None:
    with pytest.raises(ValueError, match="`learning_rate`"):
        TrainConfig(rate_changes=((5, 11.0),))


def test_a_whole_number_will_do_for_a_number() -> None:
    config = TrainConfig(learning_rate=1)
    assert isinstance(config.learning_rate, float)
    assert config == TrainConfig(learning_rate=1.0)


def test_a_rate_changed_again_at_the_same_step_counts_once() -> None:
    config = TrainConfig().with_rate(5, 0.1).with_rate(9, 0.2).with_rate(9, 0.3)
    assert config.rate_changes == ((5, 0.1), (9, 0.3))


def test_both_ends_of_every_limit_are_accepted() -> None:
    for name, (low, high) in LIMITS.items():
        for bound in (low, high):
            value = (bound, bound) if name == "hidden_units" else bound
            assert getattr(TrainConfig(**{"epochs": 2000, name: value}), name) == value  # type: ignore[arg-type]


def test_the_seed_preset_is_the_seed_recipe() -> None:
    seed = PRESETS["seed"]
    assert (seed.hidden_units, seed.activation, seed.loss) == ((256, 128), "relu", "squared_error")
    assert (seed.optimizer, seed.learning_rate, seed.schedule) == ("sgd", 0.01, "constant")
    assert (seed.batch_size, seed.epochs, seed.train_size) == (32, 30, 60_000)
    assert not seed.augment
    assert not seed.include_pen_digits


def test_a_config_survives_plain_values() -> None:
    shipped = PRESETS["shipped"]
    assert TrainConfig.from_dict(asdict(shipped)) == shipped
    assert TrainConfig.from_dict({"hidden_units": [5, 6]}).hidden_units == (5, 6)


def test_an_unknown_name_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'learning_rte'"):
        TrainConfig.from_dict({"learning_rte": 0.1})
