"""The runs that a visitor keeps: their models, curves and results. A stopped one waits in their session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from mnist_core import Classifier, Evaluation, History, TrainConfig, Weights
from mnist_core.errors import InvalidInput
from ui.limits import MAX_RUNS
from ui.visitor.drawings import Drawing


@dataclass(frozen=True)
class TeachingResult:
    """How a model was taught a visitor's drawings.

    Attributes:
        base: the number of the run that it was taught from; 0 for the shipped model.
        base_title: what the page calls that one.
        count: drawings that it learned from.
        held_out: drawings that it was measured on, by a model that had not learned from these; 0 for too few.
        right_before: of those, read right by the model it was taught from.
        right_after: of those, read right afterwards.
    """

    base: int
    base_title: str
    count: int
    held_out: int
    right_before: int
    right_after: int


@dataclass(frozen=True, eq=False)
class Run:
    """One run that ended with a model.

    Attributes:
        number: from 1, in the order in which the visitor started them.
        name: of the preset it came from, or of the file that was uploaded.
        classifier: the model.
        results: by data set: "mnist_test", "pen_dev".
        config: what it was trained with, with what was changed on the way; None for an upload.
        history: its curves; empty for an upload.
        seconds: that it took.
        verdict: how it went, in words.
        init: the weights that it started from, if not from fresh ones.
        drawings: the visitor's own that it learned from, too.
        teaching: how it was taught; None for what was not.
    """

    number: int
    name: str
    classifier: Classifier
    results: dict[str, Evaluation]
    config: TrainConfig | None = None
    history: History = field(default_factory=History)
    seconds: float = 0.0
    verdict: str = ""
    init: Weights | None = None
    drawings: tuple[Drawing, ...] = ()
    teaching: TeachingResult | None = None

    @property
    def weights(self) -> list[Weights]:
        """Its own, and those that it started from."""
        return [self.classifier.weights, self.init] if self.init else [self.classifier.weights]

    @property
    def accuracy(self) -> float:
        """On the MNIST test set, 0..1."""
        return self.results["mnist_test"].accuracy

    @property
    def short_title(self) -> str:
        """What the page calls it."""
        return f"{'Taught' if self.teaching else 'Run'} {self.number}"

    @property
    def title(self) -> str:
        """What the page calls its model."""
        return f"{self.short_title} · {100 * self.accuracy:.1f}%"


@dataclass(frozen=True, eq=False)
class Base:
    """The model that is taught.

    Attributes:
        number: of its run; 0 for the shipped one.
        title: what the page calls it.
        classifier: the model.
        results: how well it reads, by data set.
    """

    number: int
    title: str
    classifier: Classifier
    results: dict[str, Evaluation]


def _no_more() -> None:
    """Nothing else is to be asked."""


class Runs:
    """At most MAX_RUNS runs, by number.

    Args:
        check_place: raises ValueError when all visitors of an address together keep as much as they may.
    """

    def __init__(self, check_place: Callable[[], None] = _no_more) -> None:
        self._check_place = check_place
        self._runs: dict[int, Run] = {}
        self._last_number = 0

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        return iter(list(self._runs.values()))

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and number in self._runs

    def __getitem__(self, number: int) -> Run:
        return self._runs[number]

    def find(self, number: int | None) -> Run | None:
        """The run with that number, if there is one."""
        return None if number is None else self._runs.get(number)

    def taught_from(self, base: int) -> Run | None:
        """The run that was taught from that one, 0 for the shipped model, if there is one."""
        return next((run for run in self if run.teaching and run.teaching.base == base), None)

    def next_number(self) -> int:
        """A number for a new run; none is given twice."""
        self._last_number += 1
        return self._last_number

    def check_room(self) -> None:
        """Raises ValueError when there is no room for one more."""
        if len(self) >= MAX_RUNS:
            raise InvalidInput(f"{MAX_RUNS} runs are kept at most. Delete one under Compare, then start again.")
        self._check_place()

    def add(self, run: Run, in_place_of: Run | None = None) -> None:
        """Keep a run. Raises ValueError when there is no room; in the place of another one there is."""
        if in_place_of is None or in_place_of.number not in self._runs:
            self.check_room()
        else:
            del self._runs[in_place_of.number]
        self._runs[run.number] = run

    def delete(self, number: int) -> None:
        """Forget a run, if it is there."""
        self._runs.pop(number, None)

    def by_accuracy(self) -> list[Run]:
        """The best one first."""
        return sorted(self, key=lambda run: -run.accuracy)


def differences(config: TrainConfig, standard: TrainConfig) -> str:
    """The settings by which a config differs from a standard one, in words."""
    usual = asdict(standard)
    changed = {name: value for name, value in asdict(config).items() if value != usual[name]}
    return ", ".join(f"{name.replace('_', ' ')} {_plain(value)}" for name, value in changed.items())


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(_plain(part) for part in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
