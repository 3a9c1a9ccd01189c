"""Hyperparameters out of their range by a little and by a lot, of the wrong type, and of no type at all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from bounded import anything, check_cost, hostile, nested, numbers, refuses
from hypothesis import given
from hypothesis import strategies as st

from mnist_core import CHOICES, LIMITS, TrainConfig
from ui.api.retrain import _NAMES

NAMES = sorted({*LIMITS, *CHOICES, "augment", "include_pen_digits", "rate_changes"})
WHOLE = ("hidden_units", "batch_size", "epochs", "train_size", "max_steps", "seed")
ODD: list[Any] = [
    None, True, "", "1", "adam\0", b"adam", [], {}, (), [1], {"a": 1}, 1j, float("nan"), float("inf"), -float("inf"),
    10**400, -(10**400), 10**5000, 1e308, -1e308, 2**63, np.float32(0.1), np.int64(3), np.array([1, 2]),
    np.array(["x"]), "x" * 10**6, [0] * 10**6, nested(900), object(), range(10**9), len,
]  # fmt: skip


def configure(**values: Any) -> TrainConfig:
    return TrainConfig(**{"epochs": 2000, **values})


def beyond(name: str) -> list[Any]:
    """Values out of a hyperparameter's range, by the least that can be told, by one, and by a lot."""
    low, high = LIMITS[name]
    if name in WHOLE:
        values: list[Any] = [low - 1, high + 1, low - 10**12, high + 10**12, int(low) - 10**400, int(high) + 10**400]
        return [(int(value), 5) if name == "hidden_units" else int(value) for value in values]
    return [math.nextafter(low, -math.inf), math.nextafter(high, math.inf), low - 1, high + 1, -1e12, 1e12, 10**400]


@pytest.mark.quick
@pytest.mark.parametrize("name", LIMITS)
def test_what_is_out_of_range_is_named_with_its_range(name: str) -> None:
    for value in beyond(name):
        with pytest.raises(ValueError, match=f"`{name}`.*from"):
            configure(**{name: value})
        assert refuses(lambda value=value: configure(**{name: value}))


@pytest.mark.parametrize("name", NAMES)
def test_values_of_odd_types_are_taken_or_refused_in_words(name: str) -> None:
    for value in ODD:
        refuses(lambda value=value: configure(**{name: value}))


@pytest.mark.quick
@pytest.mark.parametrize("name", [name for name in NAMES if name in WHOLE])
def test_what_is_no_whole_number_is_refused(name: str) -> None:
    for value in (True, 1.0, 1.5, "1", None, float("nan"), np.float64(2)):
        odd = (value, 5) if name == "hidden_units" else value
        assert refuses(lambda odd=odd: configure(**{name: odd}))


@hostile
@given(st.sampled_from(NAMES), st.one_of(anything, numbers, st.lists(numbers, max_size=3)))
def test_anything_is_taken_or_refused_in_words(name: str, value: Any) -> None:
    refuses(lambda: configure(**{name: value}))


@hostile
@given(st.one_of(anything, st.dictionaries(st.sampled_from(NAMES), anything, max_size=3)))
def test_anything_read_from_json_is_taken_or_refused_in_words(values: Any) -> None:
    refuses(TrainConfig.from_dict, values)


def test_keys_that_are_no_names_are_refused() -> None:
    assert refuses(TrainConfig.from_dict, {1: 2, None: 3, "epochs": 4})


def many_changes(count: int) -> list[Any]:
    return [(step, 0.1) for step in range(count)]


def change(changes: list[Any]) -> None:
    TrainConfig(rate_changes=changes)  # type: ignore[arg-type]


def test_a_million_changes_of_the_rate_are_refused_at_once() -> None:
    assert "at most 10,000 pairs" in check_cost(change, many_changes, 1_000_000)
    assert check_cost(change, many_changes, 10_000) == ""


def test_a_change_of_the_rate_has_a_step_that_a_run_may_have() -> None:
    for step in (10**9 + 1, 10**400, -1):
        assert refuses(lambda step=step: TrainConfig(rate_changes=((step, 0.1),)))


def test_every_hyperparameter_of_the_endpoint_is_tried() -> None:
    assert set(NAMES) >= set(_NAMES)
