"""Which pieces of ink make one digit: strokes or connected pieces, by geometry and by what can be read.

The standard method for strings of digits, segmentation driven by recognition: boundaries that geometry is not sure of
are tried both ways, what could be a digit is read, and the best path is found by dynamic programming. The score is
linear in a few measures; its weights are those of a semi-Markov conditional random field, fitted by `python -m
benchmarks.fit_grouping`. Sources: R. G. Casey, E. Lecolinet, "A Survey of Methods and Strategies in Character
Segmentation", PAMI 1996; S. Sarawagi, W. Cohen, "Semi-Markov Conditional Random Fields for Information Extraction",
NIPS 2004.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

MAX_DIGITS = 12

Group = tuple[int, ...]  # indices of the pieces that make one digit
Likeness = Callable[[list[Group]], np.ndarray]  # how much each group looks like a digit, (groups,) float

# All lengths are in heights: of the tallest piece.
_SURELY_ONE = -0.2  # gap: pieces that overlap by more belong together
_SAME_LINE = 0.1  # between centres: pieces that are closer are one line, drawn twice
_SURELY_TWO = 0.4  # gap: pieces that are farther apart do not
_TALL = 0.7  # height: nor do pieces that are both taller, unless they overlap
_SPECK = 0.1  # longest side: anything smaller is a dot, and belongs to what is nearest
_FLAT = 0.5  # a piece counts as at least so many of its widths high, so that a line alone has a height
_SMALLEST = 0.02  # of the pad: ink smaller than this is a dot, however large beside others
_MAX_BLOCKS = 3  # pieces of one digit that hardly overlap: one pen digit of 11,163 has more

# In the order of `boundary_measures`: what speaks for two digits where the ink could be cut.
BOUNDARY_WEIGHTS = np.array([-4.3, 4.5, 4.8, 4.7])
# Of how much a group looks like a digit, and of how much it is lower than digits are.
LIKENESS_WEIGHT = 4.9
SHORT_WEIGHT = -7.8
_LOW = 0.7  # height of a group: lower ones are less likely to be a whole digit


@dataclass(frozen=True, eq=False)
class Row:
    """Pieces of ink from left to right.

    Attributes:
        order: (n,) int, the pieces by their centres.
        low: (n, 2) float64, x, y of the upper left corners in that order, in heights.
        high: (n, 2) float64, of the lower right corners.
        gaps: (n - 1,) float64: at each boundary, from all that is left of it to all that is right; below 0, an overlap.
    """

    order: np.ndarray
    low: np.ndarray
    high: np.ndarray
    gaps: np.ndarray

    @property
    def centres(self) -> np.ndarray:
        """(n,) float64: x of the middle of each piece, in heights."""
        return np.asarray((self.low[:, 0] + self.high[:, 0]) / 2)

    def height(self, start: int, end: int) -> float:
        """Of the pieces from `start` to before `end` together."""
        return float(self.high[start:end, 1].max() - self.low[start:end, 1].min())


def group_pieces(low: np.ndarray, high: np.ndarray, likeness: Likeness) -> list[Group]:
    """Find the digits of a number among pieces of ink.

    Args:
        low: (n, 2) float, x, y of each piece's upper left corner, both in the same unit, y down; n at least 1.
        high: (n, 2) float, of its lower right corner.
        likeness: asked once, when geometry leaves a choice.

    Returns:
        The digits from left to right, each the indices of its pieces in rising order. One that holds all pieces when
        they would be more than MAX_DIGITS: then they are no number.
    """
    specks = _specks(low, high)
    row = line_up(low, high, ~specks)
    everything = [tuple(range(len(low)))]
    candidates = candidate_groups(row)
    if not candidates:
        return everything
    path = _path(row, candidates, likeness)
    groups = [[int(piece) for piece in row.order[start:end]] for start, end in path]
    if len(groups) > MAX_DIGITS:
        return everything
    for speck in np.flatnonzero(specks):
        _nearest(groups, low, high, int(speck)).append(int(speck))
    return [tuple(sorted(group)) for group in groups]


def line_up(low: np.ndarray, high: np.ndarray, chosen: np.ndarray) -> Row:
    """Sort the chosen pieces, (n,) bool, from left to right."""
    height = _height(high - low)
    order = np.flatnonzero(chosen)
    order = order[np.argsort((low + high)[order, 0], kind="stable")]
    low, high = low[order] / height, high[order] / height
    left = np.maximum.accumulate(high[:, 0])[:-1]
    right = np.minimum.accumulate(low[::-1, 0])[::-1][1:]
    return Row(order, low, high, right - left)


def candidate_groups(row: Row) -> list[tuple[int, int]]:
    """What could be a digit: (first, one past the last) of pieces in a row.

    Returns:
        Nothing when all pieces surely belong together, or are in so many places that they are no number.
    """
    count = len(row.order)
    may_part = (row.gaps > _SURELY_ONE) & (np.diff(row.centres) > _SAME_LINE)
    edges = [0, *(np.flatnonzero(may_part) + 1).tolist(), count]
    if len(edges) == 2 or len(edges) > MAX_DIGITS * _MAX_BLOCKS:
        return []
    cuts = _sure_cuts(row, edges)
    return [
        (start, end)
        for i, start in enumerate(edges)
        for j, end in enumerate(edges[i + 1 : i + 1 + _MAX_BLOCKS], i + 1)
        if not any(cuts[i + 1 : j])
    ]


def _sure_cuts(row: Row, edges: list[int]) -> list[bool]:
    """Of each edge between blocks of pieces, whether two digits meet there."""
    heights = [row.height(start, end) for start, end in pairwise(edges)]
    inner = [
        bool(gap > _SURELY_TWO or (gap > 0 and min(pair) > _TALL))
        for gap, pair in zip(row.gaps[np.array(edges[1:-1]) - 1], pairwise(heights))
    ]
    return [True, *inner, True]


def boundary_measures(row: Row) -> np.ndarray:
    """What tells two digits from two pieces of one: (n - 1, 4) float64.

    Of each boundary: 1; the gap; the gap where it is an overlap, so that both sides of 0 may weigh differently; and how
    far the neighbours' centres are apart.
    """
    gaps = np.clip(row.gaps, -_SURELY_TWO, _SURELY_TWO)
    return np.stack([np.ones_like(gaps), gaps, np.minimum(gaps, 0), np.clip(np.diff(row.centres), 0, 1)], axis=1)


def shortness(row: Row, start: int, end: int) -> float:
    """How much lower than a digit a group is, 0..0.7."""
    return max(0.0, _LOW - row.height(start, end))


def _path(row: Row, candidates: list[tuple[int, int]], likeness: Likeness) -> list[tuple[int, int]]:
    """The groups, end to end, whose scores sum to the most."""
    cuts = [0.0, *(boundary_measures(row) @ BOUNDARY_WEIGHTS)]
    pieces = [tuple(sorted(int(piece) for piece in row.order[start:end])) for start, end in candidates]
    # A path without a choice needs no reading.
    looks = likeness(pieces) if _has_choice(candidates) else np.zeros(len(candidates))
    best: dict[int, tuple[float, list[tuple[int, int]]]] = {0: (0.0, [])}
    # Sorted by start: all that end at a place have been seen before any that starts there.
    for (start, end), look in zip(candidates, looks):
        before, path = best[start]
        score = before + cuts[start] + LIKENESS_WEIGHT * float(look) + SHORT_WEIGHT * shortness(row, start, end)
        if end not in best or score > best[end][0]:
            best[end] = score, [*path, (start, end)]
    return best[len(row.order)][1]


def _has_choice(candidates: list[tuple[int, int]]) -> bool:
    return len({start for start, _ in candidates}) < len(candidates)


def _height(sizes: np.ndarray) -> float:
    """The height of the tallest piece, given their (n, 2) sizes, in the unit of those."""
    return max(float(sizes[:, 1].max()), _FLAT * float(sizes[:, 0].max()), _SMALLEST)


def _specks(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """(n,) bool: the pieces that are dots beside the others; none when all are."""
    sizes = high - low
    specks = sizes.max(axis=1) < _SPECK * _height(sizes)
    return np.zeros_like(specks) if specks.all() else specks


def _nearest(groups: list[list[int]], low: np.ndarray, high: np.ndarray, piece: int) -> list[int]:
    """The group whose box is nearest to a piece."""

    def distance(group: list[int]) -> float:
        before = low[group].min(axis=0) - high[piece]
        after = low[piece] - high[group].max(axis=0)
        return float(np.hypot(*np.clip(np.maximum(before, after), 0, None)))

    return min(groups, key=distance)
