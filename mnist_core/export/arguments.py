"""Hyperparameters as arguments of the shell, both ways: read from them, and written as the command of a run."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import fields
from typing import Any

from mnist_core.config import CHOICES, HYPERPARAMETERS, TrainConfig


def add_hyperparameters(parser: argparse.ArgumentParser) -> None:
    """Give the parser a flag for each field of TrainConfig; only what is given becomes an attribute of the result."""
    for field in fields(TrainConfig):
        # No default: what is not given comes from the preset.
        kwargs: dict[str, Any] = {"dest": field.name, "default": argparse.SUPPRESS, "help": _help(field.name)}
        if field.name == "rate_changes":
            parser.add_argument("--rate-change", action=_RateChange, nargs=2, metavar=("STEP", "RATE"), **kwargs)
        elif isinstance(field.default, bool):
            parser.add_argument(_flag(field.name), action=argparse.BooleanOptionalAction, **kwargs)
        elif field.name in CHOICES:
            parser.add_argument(_flag(field.name), choices=CHOICES[field.name], **kwargs)
        elif isinstance(field.default, tuple):
            parser.add_argument(_flag(field.name), type=int, nargs=len(field.default), metavar="N", **kwargs)
        else:
            parser.add_argument(_flag(field.name), type=type(field.default), metavar="N", **kwargs)


def hyperparameters(options: argparse.Namespace) -> dict[str, Any]:
    """The hyperparameters that were given, by name."""
    names = {field.name for field in fields(TrainConfig)}
    return {name: value for name, value in vars(options).items() if name in names}


def train_command(config: TrainConfig, *, init: str | None = None, out: str = "weights.npz") -> str:
    """The shell command that trains with this config, whatever the presets come to be.

    Args:
        config: every field of it is written out.
        init: the weights file that the run starts from, if any.
        out: the weights file to write.
    """
    words = ["python", "-m", "mnist_core", "train"]
    for field in fields(TrainConfig):
        words += _written(field.name, getattr(config, field.name))
    if init:
        words += ["--init", init]
    return shlex.join([*words, "--out", out])


def _help(name: str) -> str:
    each = HYPERPARAMETERS[name]
    limits = "; {:g} to {:g}".format(*each.limits) if each.limits else ""
    return f"{each.label}: {each.help}{limits}"


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _written(name: str, value: Any) -> list[str]:
    if name == "rate_changes":
        return [word for step, rate in value for word in ("--rate-change", str(step), repr(rate))]
    if isinstance(value, bool):
        return [_flag(name) if value else _flag("no_" + name)]
    if isinstance(value, tuple):
        return [_flag(name), *map(str, value)]
    return [_flag(name), str(value)]


class _RateChange(argparse.Action):
    """Collects pairs of a whole number and a number."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        try:
            change = (int(values[0]), float(values[1]))
        except ValueError:
            raise argparse.ArgumentError(self, f"expected a step and a rate: {' '.join(values)}") from None
        setattr(namespace, self.dest, (*getattr(namespace, self.dest, ()), change))
