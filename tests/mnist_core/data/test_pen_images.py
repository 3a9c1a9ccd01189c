from __future__ import annotations

import numpy as np
import pytest

from mnist_core.data import pen_images


def test_only_the_pictures_drawn_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each set of them takes tens of MB."""
    one = ([np.array([[0.5, 0.1], [0.5, 0.9]])], 1)
    monkeypatch.setattr(pen_images, "_whole_digits", lambda: [one])
    monkeypatch.setattr(pen_images, "_drawn", {})
    first, _ = pen_images.pen_digit_images(1, variants=1)
    for seed in (2, 3):
        pen_images.pen_digit_images(seed, variants=1)
    assert list(pen_images._drawn) == [(2, 1), (3, 1)]
    again, labels = pen_images.pen_digit_images(1, variants=1)
    assert np.array_equal(again, first)
    assert labels.tolist() == [1]
