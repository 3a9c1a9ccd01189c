"""Drawings that are no digits, made by program: scribbles, shapes, signs and smileys, each time a little different."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.interpolate import CubicSpline

Strokes = list[np.ndarray]
_FULL_TURN = 2 * np.pi


def doodle(kind: str, random: np.random.Generator) -> Strokes:
    """One drawing.

    Args:
        kind: one of KINDS.
        random: the source of chance.

    Returns:
        Strokes, each (n, 2) float64 x, y, y down, the longest side spanning 0..1.
    """
    strokes = _KINDS[kind](random)
    points = np.concatenate(strokes)
    low = points.min(axis=0)
    extent = max(float((points.max(axis=0) - low).max()), 1e-6)
    return [(stroke - low) / extent for stroke in strokes]


def _smooth(points: np.ndarray, finer: int = 8) -> np.ndarray:
    """A curve through the points."""
    steps = np.arange(len(points))
    return np.asarray(CubicSpline(steps, points)(np.linspace(0, len(points) - 1, finer * len(points))))


def _turned(points: np.ndarray, angle: float) -> np.ndarray:
    return points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _arc(centre: Sequence[float], radii: Sequence[float], start: float, end: float, steps: int = 24) -> np.ndarray:
    angle = np.linspace(start, end, steps)
    return np.stack([centre[0] + radii[0] * np.cos(angle), centre[1] + radii[1] * np.sin(angle)], axis=1)


def _shaky(corners: Sequence[Sequence[float]], random: np.random.Generator, by: float = 0.05) -> np.ndarray:
    return np.array(corners, dtype=float) + random.normal(0, by, (len(corners), 2))


def _scribble(random: np.random.Generator) -> Strokes:
    points = random.uniform(0, 1, (random.integers(6, 22), 2))
    return [_smooth(points * [1, random.uniform(0.4, 1)])]


def _walk(random: np.random.Generator) -> Strokes:
    return [_smooth(np.cumsum(random.normal(0, 0.25, (random.integers(8, 30), 2)), axis=0))]


def _zigzag(random: np.random.Generator) -> Strokes:
    corners = random.integers(5, 14)
    across = np.linspace(0, 1, corners) + random.normal(0, 0.03, corners)
    up = (np.arange(corners) % 2) * random.uniform(0.3, 1) + random.normal(0, 0.06, corners)
    points = np.stack([across, up], axis=1)
    points = points[:, ::-1] if random.random() < 0.3 else points
    return [_smooth(points) if random.random() < 0.4 else points]


def _scratch(random: np.random.Generator) -> Strokes:
    """To and fro, as one fills an area."""
    turns = random.integers(8, 24)
    across = (np.arange(turns) % 2) + random.normal(0, 0.08, turns)
    points = np.stack([across, np.linspace(0, random.uniform(0.4, 1.4), turns)], axis=1)
    return [_turned(_smooth(points, 4), random.uniform(0, _FULL_TURN))]


def _polyline(random: np.random.Generator) -> Strokes:
    return [random.uniform(0, 1, (random.integers(5, 10), 2))]


def _knot(random: np.random.Generator) -> Strokes:
    time = np.linspace(0, _FULL_TURN * random.uniform(1.5, 5), 160)
    across = np.cos(random.uniform(0.7, 1.3) * time) + random.uniform(-0.3, 0.3) * time
    down = np.sin(random.uniform(1.6, 3.2) * time + random.uniform(0, 6)) + random.uniform(-0.3, 0.3) * time
    return [np.stack([across, down], axis=1)]


def _loops(random: np.random.Generator) -> Strokes:
    turns = random.integers(2, 6)
    time = np.linspace(0, _FULL_TURN * turns, 40 * turns)
    across = np.cos(time) * random.uniform(0.4, 1) + random.uniform(0.12, 0.35) * time
    return [np.stack([across, np.sin(time)], axis=1)]


def _spiral(random: np.random.Generator) -> Strokes:
    time = np.linspace(0.3, _FULL_TURN * random.uniform(2.2, 4.5), 150)
    turned = time * random.choice([-1, 1]) + random.uniform(0, 6)
    return [np.stack([time * np.cos(turned), time * np.sin(turned)], axis=1)]


def _wave(random: np.random.Generator) -> Strokes:
    across = np.linspace(0, 1, 50)
    waves = _FULL_TURN * random.uniform(1.2, 4)
    return [np.stack([across, random.uniform(0.1, 0.4) * np.sin(waves * across + random.uniform(0, 6))], axis=1)]


def _smiley(random: np.random.Generator) -> Strokes:
    strokes = []
    if random.random() < 0.75:
        strokes.append(_arc((0.5, 0.5), (0.5, random.uniform(0.42, 0.58)), -2, 4.4 + random.normal(0, 0.15), 40))
    eye, apart = random.uniform(0.3, 0.42), random.uniform(0.14, 0.22)
    strokes += [_eye((0.5 - apart, eye), random), _eye((0.5 + apart, eye), random)]
    strokes.append(_mouth(random))
    if random.random() < 0.3:
        strokes.append(_shaky([(0.5, 0.45), (0.47, 0.58), (0.53, 0.58)], random, 0.01))
    return strokes


def _eye(place: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    form = random.integers(3)
    if form == 0:
        return _arc(place, (0.05, 0.05), 0, 6.3, 10)
    if form == 1:
        return np.array([place, (place[0] + 0.005, place[1] + random.uniform(0.01, 0.12))])
    return _arc(place, (0.08, 0.06), 3.3, 6.1, 8)


def _mouth(random: np.random.Generator) -> np.ndarray:
    form = random.random()
    if form < 0.8:
        return _arc((0.5, 0.58), (random.uniform(0.2, 0.32), random.uniform(0.12, 0.25)), 0.3, 2.85)
    if form < 0.9:
        return np.array([(0.3, 0.72), (0.7, 0.72 + random.normal(0, 0.03))])
    return _arc((0.5, 0.85), (0.25, 0.15), 3.4, 6.0)


def _triangle(random: np.random.Generator) -> Strokes:
    return [_shaky([(0.5, 0), (1, 1), (0, 1), (0.5, 0)], random) * [1, random.uniform(0.6, 1.2)]]


def _square(random: np.random.Generator) -> Strokes:
    return [_shaky([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], random) * [1, random.uniform(0.5, 1.6)]]


def _star(random: np.random.Generator) -> Strokes:
    angle = -np.pi / 2 + np.arange(6) * 2 * _FULL_TURN / 5
    return [np.stack([np.cos(angle), np.sin(angle)], axis=1) + random.normal(0, 0.06, (6, 2))]


def _heart(random: np.random.Generator) -> Strokes:
    time = np.linspace(0, _FULL_TURN, 60) + np.pi
    down = -(13 * np.cos(time) - 5 * np.cos(2 * time) - 2 * np.cos(3 * time) - np.cos(4 * time))
    return [np.stack([16 * np.sin(time) ** 3, down], axis=1) * [1, random.uniform(0.8, 1.2)]]


def _flower(random: np.random.Generator) -> Strokes:
    angle = np.linspace(0, _FULL_TURN, 120)
    radius = 1 + 0.5 * np.cos(random.integers(4, 8) * angle)
    return [np.stack([np.cos(angle) * radius, np.sin(angle) * radius], axis=1)]


def _house(random: np.random.Generator) -> Strokes:
    return [_shaky([(0, 1), (0, 0.45), (0.5, 0), (1, 0.45), (1, 1), (0, 1)], random, 0.03)]


def _plus(random: np.random.Generator) -> Strokes:
    return [_shaky([(0, 0.5), (1, 0.5)], random), _shaky([(0.5, 0), (0.5, 1)], random)]


def _cross(random: np.random.Generator) -> Strokes:
    width = random.uniform(0.6, 1.2)
    return [_shaky([(0, 0), (width, 1)], random, 0.06), _shaky([(width, 0), (0, 1)], random, 0.06)]


def _check_mark(random: np.random.Generator) -> Strokes:
    return [_shaky([(0, 0.55), (0.3, 1), (1, 0)], random, 0.06)]


def _arrow(random: np.random.Generator) -> Strokes:
    angle = random.uniform(0, _FULL_TURN)
    return [
        _turned(_shaky([(0, 0), (1, 0)], random, 0.02), angle),
        _turned(_shaky([(0.65, -0.25), (1, 0), (0.65, 0.25)], random, 0.04), angle),
    ]


def _hash(random: np.random.Generator) -> Strokes:
    bars: list[list[tuple[float, float]]]
    bars = [[(0.3, 0), (0.2, 1)], [(0.75, 0), (0.65, 1)], [(0, 0.33), (1, 0.3)], [(0, 0.7), (1, 0.66)]]
    return [_shaky(bar, random, 0.03) for bar in bars]


def _lines(random: np.random.Generator) -> Strokes:
    apart = random.uniform(0.2, 0.6)
    bars = [_shaky([(0, i * apart), (1, i * apart)], random, 0.03) for i in range(random.integers(2, 5))]
    return bars if random.random() < 0.6 else [bar[:, ::-1] for bar in bars]


def _dots(random: np.random.Generator) -> Strokes:
    return [random.uniform(0, 1, (1, 2)) + random.normal(0, 0.004, (2, 2)) for _ in range(random.integers(2, 9))]


def _exclamation(random: np.random.Generator) -> Strokes:
    return [_shaky([(0.5, 0), (0.5, 0.7)], random, 0.02), _shaky([(0.5, 0.95), (0.505, 0.97)], random, 0.01)]


_KINDS: dict[str, Callable[[np.random.Generator], Strokes]] = {
    "scribble": _scribble,
    "walk": _walk,
    "zigzag": _zigzag,
    "scratch": _scratch,
    "polyline": _polyline,
    "knot": _knot,
    "loops": _loops,
    "spiral": _spiral,
    "wave": _wave,
    "smiley": _smiley,
    "triangle": _triangle,
    "square": _square,
    "star": _star,
    "heart": _heart,
    "flower": _flower,
    "house": _house,
    "plus": _plus,
    "cross": _cross,
    "check mark": _check_mark,
    "arrow": _arrow,
    "hash": _hash,
    "lines": _lines,
    "dots": _dots,
    "exclamation mark": _exclamation,
}

KINDS = tuple(_KINDS)
