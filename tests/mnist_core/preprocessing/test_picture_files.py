"""What comes out of picture files of each kind, to the level."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core import BlankDrawing, open_picture, preprocess

LEVELS = np.array([[1000, 3000], [2000, 1000]])


def file_of(image: Image.Image, form: str = "TIFF", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_pictures_of_more_than_256_levels_are_spread_over_256(kind: type) -> None:
    """The darkest becomes 0, the lightest 255, the middle 127 and a half, rounded down."""
    opened = open_picture(file_of(Image.fromarray(LEVELS.astype(kind))))
    assert opened.tolist() == [[0, 255], [127, 0]]
    assert opened.dtype == np.uint8


def test_a_picture_of_one_of_many_levels_is_blank_and_no_error() -> None:
    assert not open_picture(file_of(Image.fromarray(np.full((3, 3), 700, np.uint16)))).any()


def test_grey_stays_grey_and_colour_colour() -> None:
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    colour = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    assert np.array_equal(open_picture(file_of(Image.fromarray(grey), "PNG")), grey)
    assert np.array_equal(open_picture(file_of(Image.fromarray(colour), "PNG")), colour)


def test_transparency_is_kept() -> None:
    colour = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(open_picture(file_of(Image.fromarray(colour), "PNG")), colour)
    shade, alpha = np.array([[7, 8]], np.uint8), np.array([[255, 0]], np.uint8)
    grey = Image.merge("LA", [Image.fromarray(shade), Image.fromarray(alpha)])
    assert open_picture(file_of(grey, "PNG")).tolist() == [[[7, 7, 7, 255], [8, 8, 8, 0]]]


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_palette_s_transparent_colour_is_transparent(form: str) -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8), mode="P")
    image.putpalette([10, 20, 30, 40, 50, 60])
    (opened,) = open_picture(file_of(image, form, transparency=1)).tolist()
    assert opened[0] == [10, 20, 30, 255]
    assert opened[1][3] == 0


def test_a_path_is_as_good_as_its_content(tmp_path: Path) -> None:
    content = file_of(Image.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3)), "PNG")
    (tmp_path / "a.png").write_bytes(content)
    for source in (tmp_path / "a.png", str(tmp_path / "a.png")):
        assert np.array_equal(open_picture(source), open_picture(content))


@pytest.mark.parametrize("shade", [10, 120, 135, 245])
def test_ink_on_a_transparent_ground_stands_out_whatever_its_shade(shade: int) -> None:
    """What is transparent becomes the shade, black or white, that is farther away."""
    ink = np.zeros((90, 90), np.uint8)
    ink[20:70, 40:50] = 255
    picture = np.dstack([np.full((90, 90, 3), shade, np.uint8), ink])
    black_on_white = preprocess(255 - ink)
    assert np.abs(preprocess(picture) - black_on_white).max() < 0.02


def test_a_wholly_transparent_picture_is_said_to_be_blank() -> None:
    with pytest.raises(BlankDrawing, match=r"^The picture is wholly transparent\.$"):
        preprocess(np.zeros((9, 9, 4), np.uint8))
