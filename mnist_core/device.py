"""Which devices training will use: one, all GPUs of this machine, or those of several workers.

GPUs are found and set to memory growth before first use.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from mnist_core.cluster import cluster, connect
from mnist_core.errors import InvalidInput
from mnist_core.heap import suit_training
from mnist_core.memory import require_memory

if TYPE_CHECKING:
    import tensorflow as tf

_log = logging.getLogger(__name__)

_IMPORT_BYTES = 600e6


@cache
def tensorflow() -> ModuleType:
    """Import TensorFlow, once, with its GPUs set to grow; every room that trains gets it from here.

    The import takes seconds and reading a drawing does without it, so nothing imports it at the top of a file.

    Raises:
        MemoryError: there is too little for it.
        ValueError: the program has imported Keras with another backend.
    """
    require_memory(_IMPORT_BYTES, "Training")
    # On a machine with no GPU, the normal case, it would log that as an error.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    suit_training()
    with _keras_on_tensorflow():
        import keras
        import tensorflow as tf

    if keras.config.backend() != "tensorflow":
        raise InvalidInput(
            f"Keras was imported with the backend {keras.config.backend()}, and this model is trained by TensorFlow. "
            "Set KERAS_BACKEND=tensorflow, or train before Keras is imported."
        )
    _grow_memory(tf)
    _set_threads(tf)
    return tf


@contextmanager
def _keras_on_tensorflow() -> Iterator[None]:
    """Keras, when it is imported inside, takes TensorFlow, whatever KERAS_BACKEND or its keras.json name."""
    named = os.environ.get("KERAS_BACKEND")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        yield
    finally:
        del os.environ["KERAS_BACKEND"]
        if named is not None:
            os.environ["KERAS_BACKEND"] = named


def check_settings(*, in_graphs: bool = True) -> None:
    """See that TensorFlow works as it does by itself; a program that uses this package may have set it otherwise.

    Args:
        in_graphs: whether a tf.function has to become a graph, as in training.

    Raises:
        ValueError: it does not; names the setting, and what to do.
    """
    tf = tensorflow()
    if not tf.executing_eagerly():
        raise InvalidInput(
            "TensorFlow's eager execution is off, by tf.compat.v1.disable_eager_execution or disable_v2_behavior, or "
            "inside a tf.function. Models are built and trained with it on: take the call away, or use another process."
        )
    if in_graphs and tf.config.functions_run_eagerly():
        raise InvalidInput(
            "TensorFlow runs functions eagerly, by tf.config.run_functions_eagerly(True). Training would take many "
            "times as long and give other weights: call tf.config.run_functions_eagerly(False) first."
        )


@contextmanager
def out_of_memory_named() -> Iterator[None]:
    """What TensorFlow says inside when memory runs out becomes a MemoryError, as NumPy raises it."""
    try:
        yield
    except tensorflow().errors.ResourceExhaustedError as error:
        raise MemoryError(error.message) from None


def _grow_memory(tf: ModuleType) -> None:
    """Let each GPU take memory as it needs it, not all at once. A failure is reported and training goes on."""
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except (RuntimeError, ValueError) as error:
            _log.warning("%s: memory growth could not be set (%s); it will take all its memory.", gpu.name, error)


def training_cores() -> int:
    """How many cores a batch is divided among: all that this process may use; 1 where a GPU does the work."""
    if tensorflow().config.list_physical_devices("GPU"):
        return 1
    return usable_cores()


def usable_cores() -> int:
    """The cores that this process may use; `taskset`, for one, allows it only some."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _set_threads(tf: ModuleType) -> None:
    """One thread for each operation, one operation for each core: steps are too small to divide operations.

    On two cores at batch 128 that is 1.7 times as fast as TensorFlow's own choice.
    """
    if "TF_CONFIG" in os.environ:
        return  # workers wait for each other, for which TensorFlow knows how many threads it needs
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(usable_cores())
    except RuntimeError:
        _log.info("TensorFlow was in use before: its threads stay as they are.")


@cache
def training_strategy() -> tf.distribute.Strategy:
    """Choose, once, how training is divided among devices.

    Returns:
        With TF_CONFIG naming two or more workers, a MultiWorkerMirroredStrategy, as soon as all of them are there.
        With two or more GPUs, or a CPU that the program has divided into logical devices, a MirroredStrategy over all
        of them. Else TensorFlow's default strategy: one device, chosen by TensorFlow.

    Raises:
        ValueError, WorkerLost, RuntimeError: as `cluster.cluster` and `cluster.connect`.
    """
    tf = tensorflow()
    workers = cluster()
    if workers:
        return connect(tf, workers)
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()


def describe_device() -> str:
    """Say in one line what training will use, as "CPU, 2 cores", "2 GPUs: NVIDIA T4, NVIDIA T4" or "CPU, 2 workers".

    Raises:
        ValueError: TF_CONFIG is not as `cluster.cluster_of` wants it.
    """
    tf = tensorflow()
    workers = cluster()
    suffix = f", {len(workers.workers)} workers" if workers else ""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
        return f"{f'{len(gpus)} GPUs' if len(gpus) > 1 else 'GPU'}: {', '.join(names)}{suffix}"
    cores = usable_cores()
    return f"CPU{suffix}" if workers else f"CPU, {cores} core{'s' if cores > 1 else ''}"
