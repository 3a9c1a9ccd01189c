"""Which device training will use: GPUs found and set to memory growth before first use."""

from __future__ import annotations

import logging
import os
from functools import cache
from types import ModuleType

_log = logging.getLogger(__name__)


@cache
def tensorflow() -> ModuleType:
    """Import TensorFlow, once, with its GPUs set to grow; every room that trains gets it from here.

    The import takes seconds and reading a drawing does without it, so nothing imports it at the top of a file.
    """
    # On a machine with no GPU, the normal case, it would log that as an error.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    _grow_memory(tf)
    return tf


def _grow_memory(tf: ModuleType) -> None:
    """Let each GPU take memory as it needs it, not all at once. A failure is reported and training goes on."""
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except (RuntimeError, ValueError) as error:
            _log.warning("%s: memory growth could not be set (%s); it will take all its memory.", gpu.name, error)


def describe_device() -> str:
    """Say in one line what training will use, as "CPU, 2 cores" or "GPU: NVIDIA T4"."""
    tf = tensorflow()
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        cores = os.cpu_count() or 1
        return f"CPU, {cores} core{'s' if cores > 1 else ''}"
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
    return "GPU: " + ", ".join(names)
