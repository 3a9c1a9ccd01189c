"""Jobs in their line: turns, Stop, the end of time, failures, and what is left of a run."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from mnist_core import PRESETS, Classifier, Speed, TrainConfig, Weights, drawing_images, train, variants_of
from tests.support.waiting import PATIENCE, wait_until
from ui.jobs.job import Job, mnist
from ui.jobs.trainer import Trainer
from ui.jobs.worker import QueueFull
from ui.visitor.drawings import Drawing

LONG = TrainConfig((16, 12), epochs=2000, batch_size=32)
SHORT = TrainConfig((16, 12), epochs=2, batch_size=64, train_size=2000)


def learning(trainer: Trainer, config: TrainConfig = LONG, **options: object) -> Job:
    """A job that has begun to learn."""
    job = trainer.start(config, **options)  # type: ignore[arg-type]
    wait_until(lambda: job.progress is not None)
    return job


def end(job: Job) -> None:
    job.stop()
    assert job.wait(PATIENCE)


def test_a_complete_run_has_a_model_curves_and_a_verdict(trainer: Trainer) -> None:
    job = trainer.start(SHORT, number=3, name="Mine")
    assert job.wait(PATIENCE)
    assert job.run is not None
    assert job.is_complete
    assert (job.run.number, job.run.name, job.stopped, job.error) == (3, "Mine", "", "")
    assert job.run.config == SHORT
    assert set(job.run.results) == {"mnist_test", "pen_dev"}
    assert job.history.test.points[-1].accuracy == job.run.accuracy
    assert job.run.verdict
    assert job.run.seconds > 0


def test_a_job_learns_what_train_learns(trainer: Trainer) -> None:
    job = trainer.start(SHORT)
    assert job.wait(PATIENCE)
    *_, last = train(SHORT, mnist())
    assert job.run is not None
    assert last.weights is not None
    assert all(np.array_equal(a, b) for a, b in zip(job.run.classifier.weights.arrays, last.weights.arrays))


def test_a_job_learns_from_the_visitors_drawings_too(trainer: Trainer) -> None:
    seven = Drawing.checked([[[0.1, 0.1], [0.4, 0.1], [0.2, 0.6]]], 7)
    job = trainer.start(SHORT, drawings=(seven,))
    assert job.wait(PATIENCE)
    extra = drawing_images([(seven.strokes, 7)], SHORT.seed, variants_of(1))
    *_, last = train(SHORT, mnist(), extra=extra)
    assert job.run is not None
    assert job.run.drawings == (seven,)
    assert last.weights is not None
    assert all(np.array_equal(a, b) for a, b in zip(job.run.classifier.weights.arrays, last.weights.arrays))


def test_a_stopped_run_has_the_model_so_far_and_its_config_makes_it_again(trainer: Trainer) -> None:
    job = learning(trainer)
    end(job)
    assert job.stopped == "stop"
    assert not job.is_complete
    assert job.run is not None
    assert job.run.config is not None
    assert job.run.config.max_steps == job.history.test.points[-1].step > 0
    *_, last = train(job.run.config, mnist())
    assert last.weights is not None
    assert all(np.array_equal(a, b) for a, b in zip(job.run.classifier.weights.arrays, last.weights.arrays))


def test_runs_have_their_turns_one_at_a_time_in_order(trainer: Trainer) -> None:
    first = learning(trainer)
    second, third = trainer.start(SHORT), trainer.start(SHORT)
    assert (first.place, second.place, third.place) == (0, 1, 2)
    assert second.stage == "waiting"
    assert second.seconds_to_turn is not None
    end(first)
    assert third.wait(PATIENCE)
    assert second.run is not None
    assert third.run is not None


def test_who_stops_waiting_leaves_the_line(trainer: Trainer) -> None:
    first = learning(trainer)
    second, third = trainer.start(LONG), trainer.start(LONG)
    end(second)
    assert second.run is None
    assert third.place == 1
    end(third)
    end(first)


def test_who_stops_waiting_has_ended_at_once_and_behind_nobody(trainer: Trainer) -> None:
    """Though the machine is not free: the run before learns all the while."""
    told: list[Job] = []
    first = learning(trainer)
    second = trainer.start(LONG, on_end=told.append)
    second.stop()
    assert second.wait(0)
    assert told == [second]
    assert (first.stopped, trainer.job_count) == ("", 1)
    end(first)


def test_all_runs_have_one_thread_of_a_low_priority(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of each one's own would keep what is freed in a part of the heap of its own."""
    seen: list[tuple[int, int]] = []

    def note() -> np.ndarray | None:
        thread = threading.get_native_id()
        seen.append((thread, os.getpriority(os.PRIO_PROCESS, thread)))
        return None

    for _ in range(2):
        assert trainer.start(SHORT, look_at=note).wait(PATIENCE)
    monkeypatch.setattr("ui.jobs.trainer.measure_speed", note)
    trainer.measure()
    assert len(seen) >= 3
    assert len(set(seen)) == 1
    assert seen[0][1] == 10


def test_closing_ends_what_runs_and_what_waits_and_takes_no_more(trainer: Trainer) -> None:
    first = learning(trainer)
    second = trainer.start(LONG)
    assert trainer.close(PATIENCE)
    for job in (first, second):
        assert job.wait(0)
        assert job.error.startswith("The server is being stopped")
    with pytest.raises(QueueFull, match="The server is being stopped"):
        trainer.start(LONG)
    assert not trainer.close(PATIENCE)


def test_a_failure_at_the_end_of_a_run_does_not_stop_the_next(trainer: Trainer) -> None:
    def fail(job: Job) -> None:
        raise RuntimeError("at the end")

    assert trainer.start(SHORT, on_end=fail).wait(PATIENCE)
    job = trainer.start(SHORT)
    assert job.wait(PATIENCE)
    assert job.run is not None


def test_a_full_queue_is_said(make_trainer: Callable[..., Trainer]) -> None:
    trainer = make_trainer(waiting_runs=1)
    first = learning(trainer)
    second = trainer.start(LONG)
    with pytest.raises(QueueFull, match="The queue is full: 1 runs? "):
        trainer.start(LONG)
    end(first)
    end(second)


def test_a_program_cannot_fill_the_queue(trainer: Trainer) -> None:
    jobs = [trainer.start(LONG, address="192.0.2.1", is_program=True) for _ in range(2)]
    with pytest.raises(QueueFull, match="take 2 places in the queue, as many as one address may have"):
        trainer.start(LONG, address="192.0.2.1", is_program=True)
    jobs.append(trainer.start(LONG, address="192.0.2.1"))  # a person there may
    jobs.append(trainer.start(LONG, address="192.0.2.2", is_program=True))
    end(jobs[0])
    jobs.append(trainer.start(LONG, address="192.0.2.1", is_program=True))
    for job in jobs[1:]:
        end(job)


def test_one_address_leaves_places_in_the_queue_to_others(make_trainer: Callable[..., Trainer]) -> None:
    trainer = make_trainer(waiting_runs=4)
    jobs = [trainer.start(LONG, address="192.0.2.1") for _ in range(4)]
    with pytest.raises(QueueFull, match="take 4 places"):
        trainer.start(LONG, address="192.0.2.1")
    jobs.append(trainer.start(LONG, address="192.0.2.2"))
    for job in jobs:
        end(job)


def test_a_run_ends_when_its_time_is_up(make_trainer: Callable[..., Trainer]) -> None:
    trainer = make_trainer(train_seconds=1.0)
    job = trainer.start(LONG)
    assert job.wait(PATIENCE)
    assert job.stopped == "time"
    assert not job.is_complete


def test_a_diverging_run_says_so_and_frees_the_machine(trainer: Trainer) -> None:
    config = TrainConfig(loss="squared_error", optimizer="sgd", learning_rate=10.0, schedule="constant")
    job = trainer.start(config)
    assert job.wait(PATIENCE)
    assert "diverged" in job.error
    assert job.run is None


def test_the_learning_rate_changes_while_it_runs(trainer: Trainer) -> None:
    constant = TrainConfig((16, 12), epochs=2000, batch_size=32, schedule="constant", learning_rate=0.001)
    job = learning(trainer, constant)
    job.change_rate(0.0005)
    wait_until(lambda: job.history.train.points[-1].learning_rate == pytest.approx(0.0005))
    with pytest.raises(ValueError, match="`learning_rate`"):
        job.change_rate(11)
    end(job)
    assert job.run is not None
    assert job.run.config is not None
    ((step, rate),) = job.run.config.rate_changes
    assert rate == 0.0005
    assert 0 < step < job.run.config.max_steps


def test_the_drawing_is_read_again_and_again(trainer: Trainer) -> None:
    drawing: list[np.ndarray | None] = [None]
    job = learning(trainer, look_at=lambda: drawing[0])
    assert job.drawing.points == []
    drawing[0] = mnist().test_images[0].astype(np.float32) / 255
    wait_until(lambda: len(job.drawing.points) > 1)
    epochs, probabilities = job.drawing.points[0]
    assert epochs > 0
    assert probabilities.sum() == pytest.approx(1, abs=1e-4)
    assert job.patterns is not None
    assert job.patterns.shape == (16, 28, 28)
    end(job)


def test_pen_digits_can_be_stopped_while_they_are_drawn(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnist_core.data.pen_images._drawn", {})
    job = trainer.start(TrainConfig((16, 12), include_pen_digits=True))
    wait_until(lambda: job.share_prepared > 0)
    end(job)
    assert job.progress is None
    assert job.run is None


@pytest.mark.parametrize(
    ("config", "name"),
    [(TrainConfig((16, 12)), "hidden_units"), (TrainConfig(activation="tanh"), "activation")],
)
def test_weights_that_do_not_fit_are_refused_by_name(trainer: Trainer, config: TrainConfig, name: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}`"):
        trainer.start(config, init=Classifier.load().weights)


def test_a_run_can_start_from_weights(trainer: Trainer) -> None:
    start: Weights = Classifier.load().weights
    job = trainer.start(TrainConfig(epochs=1, train_size=1000, learning_rate=1e-6), init=start)
    assert job.wait(PATIENCE)
    assert job.run is not None
    assert job.run.init is start
    assert job.run.accuracy > 0.99


def test_the_machine_is_measured_once_and_only_when_it_is_free(trainer: Trainer) -> None:
    job = learning(trainer)
    trainer.measure()
    assert trainer.seconds(PRESETS["recommended"]) is None
    end(job)
    trainer.measure()
    reckoned = trainer.seconds(PRESETS["recommended"])
    assert reckoned is not None
    trainer.measure()
    assert trainer.seconds(PRESETS["recommended"]) == reckoned


def test_who_comes_while_the_machine_is_measured_is_told_too(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def measure() -> Speed:
        begun.set()
        time.sleep(0.3)
        return Speed(1.0, 0.0, 0.0, 1e-6, 0.0, 0.0)

    monkeypatch.setattr("ui.jobs.trainer.measure_speed", measure)
    first = threading.Thread(target=trainer.measure)
    first.start()
    assert begun.wait(PATIENCE)
    trainer.measure()
    assert trainer.seconds(SHORT) is not None
    first.join()


def test_a_run_that_was_timed_corrects_the_reckoning(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It took r times as long as reckoned: from then on, all is reckoned as the square root of r times as long."""
    trainer.measure()
    reckoned = trainer.seconds(SHORT)
    monkeypatch.setattr("ui.jobs.trainer._TELLING_SECONDS", 0.0)
    job = trainer.start(SHORT)
    assert job.wait(PATIENCE)
    assert job.run is not None
    assert reckoned is not None
    assert trainer.seconds(SHORT) == pytest.approx((reckoned * job.run.seconds) ** 0.5)
