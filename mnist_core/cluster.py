"""Several processes that train one model, on one machine or more: who they are, how they meet, and how one is missed.

Each process, a worker in TensorFlow's words, runs the same command with an environment variable TF_CONFIG of its own.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mnist_core.errors import InvalidInput

if TYPE_CHECKING:
    import tensorflow as tf

VARIABLE = "TF_CONFIG"
START_SECONDS = 60  # for all workers to come up
STEP_SECONDS = 60  # for all workers to take part in a step
_CHECK_SECONDS = 5  # between two checks that all workers are alive, and for each answer

_EXAMPLE = '{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, "task": {"type": "worker", "index": 0}}'


class WorkerLost(RuntimeError):
    """Another worker ended, does not answer, or never came up; the training cannot go on without it."""


@dataclass(frozen=True)
class Cluster:
    """The workers, as TF_CONFIG names them.

    Attributes:
        workers: host:port of each, two or more.
        index: which of them this process is, from 0.
    """

    workers: tuple[str, ...]
    index: int


def cluster_of(text: str | None) -> Cluster | None:
    """Read what TF_CONFIG says.

    Args:
        text: the variable's value; None where it is not set.

    Returns:
        The workers; None where this process is alone: nothing is set, there is no cluster, or it has one worker.

    Raises:
        ValueError: it is not as TensorFlow wants it, or has tasks other than workers; the message says what is wrong.
    """
    try:
        config = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise _invalid(f"it is not JSON ({error})") from error
    if not isinstance(config, dict):
        raise _invalid("it is not a JSON object")
    if not config.get("cluster"):
        return None
    workers = _workers(config["cluster"])
    index = _index(config.get("task"), len(workers))
    return Cluster(workers, index) if len(workers) > 1 else None


def cluster() -> Cluster | None:
    """The workers that this process is one of; None where it is alone. Raises ValueError as `cluster_of`."""
    return cluster_of(os.environ.get(VARIABLE))


def is_chief() -> bool:
    """Whether this process writes the files and shows the progress: worker 0, or one that is alone."""
    found = cluster()
    return found is None or found.index == 0


def connect(tf: ModuleType, found: Cluster) -> tf.distribute.Strategy:
    """Meet the other workers; returns when all are there.

    Args:
        tf: TensorFlow, which must not have computed anything yet.
        found: the workers, as TF_CONFIG has them now.

    Raises:
        WorkerLost: not all of them came up within START_SECONDS.
        ValueError: this worker's port cannot be listened at.
        RuntimeError: TensorFlow has computed something before.
    """
    # TensorFlow has no public names for these two. By default a coordination service watches the workers, which waits
    # without end for a worker that never comes up and takes SIGTERM away; without it, TensorFlow checks their health.
    from tensorflow.python.distribute.collective_all_reduce_strategy import CollectiveAllReduceExtended
    from tensorflow.python.eager import context

    context.context().configure_coordination_service(service_type="")
    CollectiveAllReduceExtended._check_health_initial_timeout = START_SECONDS
    CollectiveAllReduceExtended._check_health_interval = _CHECK_SECONDS
    CollectiveAllReduceExtended._check_health_timeout = _CHECK_SECONDS
    options = tf.distribute.experimental.CommunicationOptions(timeout_seconds=STEP_SECONDS)
    with lost_worker_named(tf):
        try:
            return tf.distribute.MultiWorkerMirroredStrategy(communication_options=options)
        except RuntimeError as error:
            if "Timeout waiting for the cluster" not in str(error):
                raise
            raise WorkerLost(
                f"Not all {len(found.workers)} workers came up within {START_SECONDS} s. This is worker {found.index}, "
                f"and {VARIABLE} names {', '.join(found.workers)}."
            ) from error
        except tf.errors.UnknownError as error:
            raise InvalidInput(
                f"Worker {found.index} cannot listen at {found.workers[found.index]}: is the port in use?"
            ) from error


@contextmanager
def lost_worker_named(tf: ModuleType) -> Iterator[None]:
    """Raise WorkerLost for what TensorFlow raises when the workers cannot go on together."""
    errors = tf.errors
    try:
        yield
    except (
        errors.UnavailableError,
        errors.DeadlineExceededError,
        errors.FailedPreconditionError,
        errors.AbortedError,
        errors.CancelledError,
    ) as error:
        raise WorkerLost(
            f"A worker was lost, and the training cannot go on without it. Start all workers again. ({_reason(error)})"
        ) from error


def _reason(error: Exception) -> str:
    """The line of TensorFlow's long message that says what happened, and which worker it was noticed at."""
    _, is_known, cause = str(error).partition("aborted by: ")
    if not is_known:
        return str(error).partition("\n")[0]
    worker = re.search(r"/task:(\d+)", cause)
    return (f"Noticed at worker {worker[1]}: " if worker else "") + cause.partition("\n")[0]


def check_agreement(tf: ModuleType, strategy: tf.distribute.Strategy, *parts: bytes) -> None:
    """See that all workers are about to do the same.

    Args:
        tf: TensorFlow.
        strategy: over the workers.
        parts: what has to be the same everywhere.

    Raises:
        ValueError: this worker's parts are not the others'.
    """
    digest = 0
    for part in parts:
        digest = zlib.crc32(part, digest)

    def total() -> Any:
        return tf.distribute.get_replica_context().all_reduce("SUM", tf.constant(digest, tf.int64))

    # Only where all are the same is the sum each one's multiple.
    found = int(strategy.experimental_local_results(strategy.run(total))[0])
    if found != digest * strategy.num_replicas_in_sync:
        raise InvalidInput("The workers do not train the same: give each the same hyperparameters, data and weights.")


def _invalid(what: str) -> InvalidInput:
    return InvalidInput(
        f"Invalid value for environment variable `{VARIABLE}`: {what}. Expected, for example, {_EXAMPLE}"
    )


def _workers(jobs: Any) -> tuple[str, ...]:
    if not isinstance(jobs, dict) or set(jobs) != {"worker"}:
        received = sorted(jobs) if isinstance(jobs, dict) else jobs
        raise _invalid(f'"cluster" must have workers, and nothing else, but is {received!r}')
    workers = jobs["worker"]
    if not isinstance(workers, list) or not workers or not all(_is_address(worker) for worker in workers):
        raise _invalid(f'"worker" must list host:port of each worker, but is {workers!r}')
    if len(set(workers)) < len(workers):
        raise _invalid(f"two workers have the same address in {workers!r}")
    return tuple(workers)


def _is_address(worker: Any) -> bool:
    host, colon, port = worker.rpartition(":") if isinstance(worker, str) else ("", "", "")
    return bool(host and colon) and port.isdecimal() and 0 < int(port) < 65536


def _index(task: Any, count: int) -> int:
    if not isinstance(task, dict) or task.get("type") != "worker":
        raise _invalid(f'"task" must be of the type "worker", but is {task!r}')
    index = task.get("index")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < count:
        raise _invalid(f'"index" must be a whole number from 0 to {count - 1}, but is {index!r}')
    return index
