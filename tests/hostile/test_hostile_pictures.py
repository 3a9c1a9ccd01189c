"""Picture files: damaged, lying about their size, enormous when decoded, and of formats that nobody asked for."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bounded import check_cost, hostile, refuses
from hypothesis import given
from hypothesis import strategies as st
from odd_pictures import ENORMOUS, chunk, drawn, encoded, large_jpeg, png, seed, tiff
from PIL import Image, ImageOps

from mnist_core import Classifier, open_picture, preprocess, read_number
from mnist_core.preprocessing.stripped_files import exif_orientation

# Pillow's, of what it makes of a file all the same.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]


@cache
def shipped() -> Classifier:
    return Classifier.load()


def read(content: bytes) -> None:
    picture = open_picture(content)
    preprocess(picture)
    read_number(shipped(), picture)


# ---- damaged ----


@hostile
@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_file_with_changed_bytes_is_read_or_refused_in_words(form: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(seed(form))
    for place, value in changes:
        content[place % len(content)] = value
    refuses(read, bytes(content))


@hostile
@given(st.sampled_from(FORMATS), st.integers(0, 600), st.sampled_from([0, 1, 255, 65535, 2**31 - 1, 2**32 - 1]))
def test_a_file_with_a_lying_number_is_read_or_refused_in_words(form: str, place: int, number: int) -> None:
    content, place = seed(form), place % len(seed(form))
    for order in "<>":
        refuses(read, content[:place] + struct.pack(order + "L", number) + content[place + 4 :])


@hostile
@given(st.sampled_from(FORMATS), st.integers(0, 2000), st.binary(max_size=20))
def test_a_file_that_ends_early_is_read_or_refused_in_words(form: str, place: int, rest: bytes) -> None:
    content = seed(form)
    refuses(read, content[: place % len(content)] + rest)


@hostile
@given(st.sampled_from([seed(form)[:12] for form in FORMATS]), st.binary(max_size=300))
def test_a_file_of_noise_is_refused_in_words(start: bytes, noise: bytes) -> None:
    refuses(read, noise)
    refuses(read, start + noise)


@hostile
@given(
    st.tuples(st.integers(0, 3000), st.integers(0, 3000), *[st.sampled_from([0, 1, 2, 3, 4, 6, 8, 16, 255])] * 5),
    st.lists(
        st.tuples(st.sampled_from([b"PLTE", b"tRNS", b"IDAT", b"IHDR", b"fcTL", b"eXIf"]), st.binary(max_size=99))
    ),
    st.binary(max_size=300),
)
def test_a_png_of_odd_parts_is_read_or_refused_in_words(
    header: tuple[int, ...], parts: list[tuple[bytes, bytes]], pixels: bytes
) -> None:
    odd = [chunk(name, body) for name, body in parts]
    refuses(read, png(header, *odd, chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b"")))


@hostile
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 320, 322, 325, 338, 339, 34665]
            ),
            st.integers(0, 14),
            st.integers(0, 2**32 - 1) | st.integers(0, 4),
            st.integers(0, 2**32 - 1) | st.integers(0, 200),
        ),
        max_size=20,
    ),
    st.binary(max_size=200),
)
def test_a_tiff_of_odd_entries_is_read_or_refused_in_words(entries: list[Any], rest: bytes) -> None:
    refuses(read, tiff(entries, rest))


@hostile
@given(st.binary(max_size=100), st.sampled_from([b"II*\0", b"MM\0*", b"Exif\0\0II*\0", b""]))
def test_any_exif_gives_an_orientation(noise: bytes, start: bytes) -> None:
    assert not refuses(lambda: exif_orientation(start + noise))
    assert 1 <= exif_orientation(start + noise) <= 8


@pytest.mark.parametrize(
    "make, arguments",
    ENORMOUS,
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_enormous_picture_takes_neither_much_memory_nor_long(make: Any, arguments: tuple[Any, ...]) -> None:
    check_cost(read, make, *arguments)


# ---- odd, and read ----


@pytest.mark.parametrize(
    "width, height, orientation", [(4000, 3000, 1), (4000, 3000, 6), (8000, 6200, 8), (5000, 4000, 3)]
)
def test_a_photograph_of_a_telephone_is_read(width: int, height: int, orientation: int) -> None:
    assert check_cost(read, large_jpeg, width, height, orientation) == ""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_turned_as_pillow_turns_it(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(drawn(40, 30, "L"), form, exif=exif.tobytes())
    with Image.open(io.BytesIO(content)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("L"), int)
    opened = open_picture(content)
    assert not refuses(open_picture, content)
    grey = np.asarray(Image.fromarray(opened).convert("L"), int)
    assert grey.shape == expected.shape
    assert np.abs(grey - expected).max() <= 2


def animated(form: str) -> bytes:
    frames = [drawn(200, 200), *[Image.new("RGB", (200, 200), shade) for shade in ("red", "blue")]]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: encoded(drawn(300, 300, "CMYK"), "JPEG"), id="CMYK"),
        pytest.param(lambda: encoded(drawn(300, 300, "CMYK"), "TIFF", compression="tiff_lzw"), id="CMYK TIFF"),
        pytest.param(
            lambda: encoded(Image.fromarray(np.asarray(drawn(300, 300, "L"), np.uint16) * 257), "PNG"), id="16 bit"
        ),
        pytest.param(lambda: encoded(drawn(300, 300, "F"), "TIFF"), id="floating point"),
        pytest.param(lambda: encoded(drawn(300, 300, "I"), "TIFF"), id="32 bit"),
        pytest.param(lambda: encoded(drawn(300, 300, "P"), "GIF", transparency=0), id="transparent palette"),
        pytest.param(lambda: encoded(drawn(20_000, 300, "L"), "PNG"), id="20,000 px wide"),
        pytest.param(lambda: encoded(drawn(300, 20_000, "1"), "PNG"), id="20,000 px high"),
        pytest.param(lambda: animated("GIF"), id="animated GIF"),
        pytest.param(lambda: animated("WEBP"), id="animated WebP"),
        pytest.param(lambda: animated("PNG"), id="animated PNG"),
        pytest.param(lambda: animated("TIFF"), id="TIFF of several pages"),
    ],
)
def test_an_odd_picture_of_a_seven_is_read_as_one(content: Any) -> None:
    assert not refuses(read, content())
    assert shipped().read(open_picture(content())).digit == 7


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_of_one_pixel_is_blank(form: str) -> None:
    assert refuses(read, encoded(Image.new("L", (1, 1)).convert("RGB"), form))


def test_levels_that_are_not_finite_are_refused() -> None:
    for level in (np.nan, np.inf):
        levels = np.zeros((30, 30), np.float32)
        levels[5, 5] = level
        assert refuses(read, encoded(Image.fromarray(levels), "TIFF"))


@pytest.mark.parametrize(
    "form", ["PPM", "ICO", "PCX", "TGA", "SGI", "JPEG2000", "PDF", "EPS", "DDS", "ICNS", "XBM", "AVIF"]
)
def test_formats_that_are_not_named_are_refused(form: str) -> None:
    image = drawn(64, 64, "1" if form == "XBM" else "RGB")
    with pytest.raises(ValueError, match="not a picture that can be read. Use PNG"):
        open_picture(encoded(image, form))


@pytest.mark.parametrize(
    "start", [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"8BPS\0\1", b"%PDF-1.4", b"SIMPLE  =", b"II+\0", b"MM\0+"]
)
def test_formats_that_only_begin_are_refused(start: bytes) -> None:
    assert refuses(read, start + bytes(500))


def test_a_missing_file_is_refused_without_its_path(tmp_path: Path) -> None:
    assert refuses(open_picture, tmp_path / "missing.png")
    assert refuses(open_picture, tmp_path)
