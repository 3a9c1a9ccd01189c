"""Teaching jobs in their line: what they end with, Stop, failures, and what teaching again starts from."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnist_core import Classifier, PenDigits, TrainConfig, load_pen_digits, preprocess_strokes, teach
from ui.jobs.job import mnist
from ui.jobs.teaching_job import TeachingJob
from ui.jobs.trainer import Trainer
from ui.retrain.runs.runs_panel import archive
from ui.teach.teach_events import watch_teaching
from ui.visitor.drawings import Drawing, Drawings
from ui.visitor.runs import MAX_RUNS
from ui.visitor.session import Session
from ui.visitor.sessions import Sessions

PATIENCE = 60.0


@pytest.fixture(scope="module")
def digits() -> PenDigits:
    return load_pen_digits("dev")


def drawing(digits: PenDigits, number: int) -> Drawing:
    return Drawing.checked(digits.strokes[number], int(digits.labels[number]))


@pytest.fixture
def misread(sessions: Sessions, digits: PenDigits) -> Drawing:
    images = np.array([preprocess_strokes(strokes) for strokes in digits.strokes])
    read = sessions.shipped.classifier.probabilities(images).argmax(axis=1)
    return drawing(digits, int(np.flatnonzero(read != digits.labels)[0]))


@pytest.fixture
def session(sessions: Sessions, misread: Drawing) -> Session:
    session = sessions.open()
    session.drawings = Drawings()
    session.drawings.save(misread)
    return session


def ended(job: TeachingJob) -> TeachingJob:
    assert job.wait(PATIENCE)
    return job


def last_value(session: Session, trainer: Trainer) -> dict:
    *_, last = watch_teaching(session, trainer)
    return last


def test_a_teaching_job_ends_with_a_run_that_reads_what_was_misread(
    trainer: Trainer, session: Session, misread: Drawing
) -> None:
    run = ended(trainer.teach(session.base, (misread,), 3)).run
    assert run is not None
    assert (run.number, run.name, run.title[:9]) == (3, "Taught", "Taught 3 ")
    assert run.classifier.read(misread.strokes).digit == misread.label
    assert set(run.results) == {"mnist_test", "pen_dev"}
    assert run.teaching is not None
    assert (run.teaching.base, run.teaching.count, run.teaching.held_out) == (0, 1, 0)


def test_a_teaching_job_teaches_what_teach_teaches(trainer: Trainer, session: Session, misread: Drawing) -> None:
    run = ended(trainer.teach(session.base, (misread,), 1)).run
    *_, last = teach(session.base.classifier, [(misread.strokes, misread.label)], mnist())
    assert run is not None
    assert last.weights is not None
    assert all(np.array_equal(a, b) for a, b in zip(run.classifier.weights.arrays, last.weights.arrays))


@pytest.mark.slow
def test_what_is_held_out_is_measured_and_then_learned(trainer: Trainer, session: Session, digits: PenDigits) -> None:
    by_label = [np.flatnonzero(digits.labels == label)[:3] for label in range(10)]
    drawings = tuple(drawing(digits, int(number)) for numbers in by_label for number in numbers)
    run = ended(trainer.teach(session.base, drawings, 1)).run
    assert run is not None
    assert run.teaching is not None
    assert (run.teaching.count, run.teaching.held_out) == (30, 10)
    held = drawings[2::3]
    right = sum(session.base.classifier.read(each.strokes).digit == each.label for each in held)
    assert run.teaching.right_before == right
    assert 0 <= run.teaching.right_after <= 10
    kept = [(each.strokes, each.label) for each in drawings if each not in held]
    assert run.teaching.right_after == _right_after(session, kept, held)


def _right_after(session: Session, kept: list, held: tuple[Drawing, ...]) -> int:
    *_, last = teach(session.base.classifier, kept, mnist())
    assert last.weights is not None
    return sum(Classifier(last.weights).read(each.strokes).digit == each.label for each in held)


def test_no_drawings_no_teaching_job(trainer: Trainer, session: Session) -> None:
    with pytest.raises(ValueError, match="nothing to teach"):
        trainer.teach(session.base, (), 1)


def test_a_stopped_teaching_job_leaves_everything_as_it_was(trainer: Trainer, session: Session) -> None:
    values = watch_teaching(session, trainer)
    next(values)
    job = session.teaching_job
    assert job is not None
    job.stop()
    *_, last = values
    assert last["message"] == "Stopped. Your model is as before."
    assert ended(job).run is None
    assert session.teaching_job is None
    assert len(session.runs) == 0
    assert session.model is session.shipped


def test_who_leaves_ends_their_teaching_job(trainer: Trainer, session: Session) -> None:
    values = watch_teaching(session, trainer)
    next(values)
    job = session.teaching_job
    assert job is not None
    values.close()
    assert job.stopped
    ended(job)
    assert session.teaching_job is None


def test_a_teaching_job_goes_on_while_another_page_listens_and_is_kept(
    trainer: Trainer, session: Session, misread: Drawing
) -> None:
    values = watch_teaching(session, trainer, lambda: True)
    next(values)
    job = session.teaching_job
    assert job is not None
    values.close()
    assert not job.stopped
    ended(job)
    assert session.teaching_job is None
    assert job.run is not None
    assert session.in_use == job.run.number
    assert session.model.classifier.read(misread.strokes).digit == misread.label


def test_a_teaching_job_waits_for_a_run(trainer: Trainer, session: Session, misread: Drawing) -> None:
    run = trainer.start(TrainConfig((16, 12), epochs=2000, batch_size=32))
    job = trainer.teach(session.base, (misread,), 1)
    assert job.place == 1
    job.stop()
    assert ended(job).run is None
    run.stop()
    assert run.wait(PATIENCE)


def test_one_teaching_job_at_a_time(trainer: Trainer, session: Session) -> None:
    values = watch_teaching(session, trainer)
    next(values)
    first = session.teaching_job
    assert first is not None
    assert "teaching already" in last_value(session, trainer)["message"]
    assert session.teaching_job is first
    values.close()
    ended(first)


def test_teaching_again_starts_from_the_same_model_and_replaces_the_first(
    trainer: Trainer, session: Session, digits: PenDigits
) -> None:
    assert last_value(session, trainer)["result"]["rows"][0][0] == "MNIST test"
    first = session.runs.find(session.in_use)
    assert first is not None
    assert session.drawings is not None
    session.drawings.save(drawing(digits, 0))
    last_value(session, trainer)
    second = session.runs.find(session.in_use)
    assert second is not None
    assert [run.number for run in session.runs] == [second.number]
    assert second.number != first.number
    assert second.init is session.shipped.classifier.weights
    assert second.teaching is not None
    assert (second.teaching.base, second.teaching.count) == (0, 2)


@pytest.mark.slow
def test_each_model_has_its_own_taught_one(trainer: Trainer, session: Session, make_run: Callable) -> None:
    last_value(session, trainer)
    own = make_run(session.runs.next_number())
    session.keep(own)
    last_value(session, trainer)
    bases = [run.teaching.base for run in session.runs if run.teaching]
    assert bases == [0, own.number]
    # The model that one was taught from may be gone: its weights are there.
    session.delete(own.number)
    assert session.base.number == own.number
    assert session.base.classifier.weights is own.classifier.weights
    last_value(session, trainer)
    assert [run.teaching.base for run in session.runs if run.teaching] == [0, own.number]


def test_full_runs_are_said_before_the_teaching_job(trainer: Trainer, session: Session, make_run: Callable) -> None:
    for _ in range(MAX_RUNS):
        session.keep(make_run(session.runs.next_number()))
    assert "12 runs are kept at most" in last_value(session, trainer)["message"]
    assert trainer.job_count == 0


def test_without_drawings_it_says_what_to_do(trainer: Trainer, session: Session) -> None:
    session.drawings = Drawings()
    assert "draw a digit and say what it is" in last_value(session, trainer)["message"]
    session.drawings = None
    assert "reload" in last_value(session, trainer)["message"]


@pytest.mark.slow
def test_the_archive_of_a_taught_run_makes_the_same_weights_again(
    trainer: Trainer, session: Session, tmp_path: Path
) -> None:
    last_value(session, trainer)
    run = session.runs.find(session.in_use)
    assert run is not None
    path = archive(session, run.number, tmp_path)
    written = path.stat().st_ino
    assert archive(session, run.number, tmp_path) == path
    assert path.stat().st_ino == written  # which takes long, and is done once
    with zipfile.ZipFile(path) as opened:
        opened.extractall(tmp_path)
    assert "was taught the drawings in my_drawings.json" in (tmp_path / "command.txt").read_text(encoding="utf-8")
    entries = json.loads((tmp_path / "my_drawings.json").read_text(encoding="utf-8"))["drawings"]
    drawings = [(entry["strokes"], entry["label"]) for entry in entries]
    *_, last = teach(Classifier.load(tmp_path / "start.npz"), drawings, mnist())
    assert last.weights is not None
    assert all(np.array_equal(a, b) for a, b in zip(run.classifier.weights.arrays, last.weights.arrays))
